"""Random crops, flips, turns and bends.

The draws are torchvision's: the same calls of torch's generator in the same order.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence

import torchlike as torch
from torchlike import nn

from . import functional as F
from ._base import (
    ModuleRepr,
    below,
    degrees_range,
    fill_of,
    happens,
    size_pair,
    uniform,
    warn,
)
from ._modes import InterpolationMode, as_mode

_NEAREST, _BILINEAR = InterpolationMode.NEAREST, InterpolationMode.BILINEAR


class RandomCrop(ModuleRepr):
    """A part of this size, from anywhere."""

    _shown = ("size", "padding")

    def __init__(
        self,
        size,
        padding=None,
        pad_if_needed: bool = False,
        fill=0,
        padding_mode: str = "constant",
    ) -> None:
        super().__init__()
        self.size = size_pair(size)
        self.padding = padding
        self.pad_if_needed = pad_if_needed
        self.fill = fill
        self.padding_mode = padding_mode

    @staticmethod
    def get_params(img, output_size) -> tuple[int, int, int, int]:
        """(top, left, height, width)."""
        _, height, width = F.get_dimensions(img)
        h, w = output_size
        if height < h or width < w:
            raise ValueError(
                f"Required crop size {(h, w)} is larger than input image size "
                f"{(height, width)}"
            )
        if width == w and height == h:
            return 0, 0, height, width
        return below(height - h + 1), below(width - w + 1), h, w

    def forward(self, img):
        if self.padding is not None:
            img = F.pad(img, self.padding, self.fill, self.padding_mode)
        _, height, width = F.get_dimensions(img)
        if self.pad_if_needed and width < self.size[1]:
            across = [self.size[1] - width, 0]
            img = F.pad(img, across, self.fill, self.padding_mode)
        if self.pad_if_needed and height < self.size[0]:
            down = [0, self.size[0] - height]
            img = F.pad(img, down, self.fill, self.padding_mode)
        return F.crop(img, *self.get_params(img, self.size))


class _RandomFlip(ModuleRepr):
    _shown = ("p",)

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, img):
        return self._flip(img) if happens(self.p) else img


class RandomHorizontalFlip(_RandomFlip):
    """The mirror image, with probability ``p``."""

    _flip = staticmethod(F.hflip)


class RandomVerticalFlip(_RandomFlip):
    """Upside down, with probability ``p``."""

    _flip = staticmethod(F.vflip)


class RandomResizedCrop(nn.Module):
    """A part of random area and aspect ratio, resized to ``size``."""

    def __init__(
        self,
        size,
        scale=(0.08, 1.0),
        ratio=(3.0 / 4.0, 4.0 / 3.0),
        interpolation=_BILINEAR,
        antialias: bool | None = True,
    ) -> None:
        super().__init__()
        self.size = size_pair(size)
        if not isinstance(scale, Sequence):
            raise TypeError("Scale should be a sequence")
        if not isinstance(ratio, Sequence):
            raise TypeError("Ratio should be a sequence")
        if scale[0] > scale[1] or ratio[0] > ratio[1]:
            warn("Scale and ratio should be of kind (min, max)")
        self.interpolation = as_mode(interpolation)
        self.antialias = antialias
        self.scale = scale
        self.ratio = ratio

    @staticmethod
    def get_params(img, scale, ratio) -> tuple[int, int, int, int]:
        """(top, left, height, width)."""
        _, height, width = F.get_dimensions(img)
        area, log_ratio = height * width, torch.log(torch.tensor(ratio)).tolist()
        for _ in range(10):
            target = area * uniform(*scale)
            aspect = torch.exp(torch.empty(1).uniform_(*log_ratio)).item()
            w = int(round(math.sqrt(target * aspect)))
            h = int(round(math.sqrt(target / aspect)))
            if 0 < w <= width and 0 < h <= height:
                return below(height - h + 1), below(width - w + 1), h, w
        return _central(height, width, ratio)

    def forward(self, img):
        place = self.get_params(img, self.scale, self.ratio)
        return F.resized_crop(
            img, *place, self.size, self.interpolation, antialias=self.antialias
        )

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}(size={self.size}, "
            f"scale={tuple(round(s, 4) for s in self.scale)}, "
            f"ratio={tuple(round(r, 4) for r in self.ratio)}, "
            f"interpolation={self.interpolation.value}, antialias={self.antialias})"
        )


def _central(height: int, width: int, ratio) -> tuple[int, int, int, int]:
    """The largest part in the middle whose aspect ratio is allowed."""
    w, h = width, height
    if width / height < min(ratio):
        h = int(round(w / min(ratio)))
    elif width / height > max(ratio):
        w = int(round(h * max(ratio)))
    return (height - h) // 2, (width - w) // 2, h, w


class RandomRotation(nn.Module):
    """A turn by an angle of ``degrees``."""

    def __init__(
        self, degrees, interpolation=_NEAREST, expand=False, center=None, fill=0
    ) -> None:
        super().__init__()
        self.degrees = degrees_range(degrees, "degrees")
        self.center = center
        self.interpolation = as_mode(interpolation)
        self.expand = expand
        self.fill = 0 if fill is None else fill

    @staticmethod
    def get_params(degrees: list[float]) -> float:
        """The angle."""
        return uniform(degrees[0], degrees[1])

    def forward(self, img):
        fill = fill_of(img, self.fill)
        angle = self.get_params(self.degrees)
        return F.rotate(img, angle, self.interpolation, self.expand, self.center, fill)

    def __repr__(self) -> str:
        more = "" if self.center is None else f", center={self.center}"
        more += "" if self.fill is None else f", fill={self.fill}"
        return (
            f"{self.__class__.__name__}(degrees={self.degrees}, "
            f"interpolation={self.interpolation.value}, expand={self.expand}{more})"
        )


class RandomAffine(nn.Module):
    """A turn, a move, a scale and a shear."""

    def __init__(
        self,
        degrees,
        translate=None,
        scale=None,
        shear=None,
        interpolation=_NEAREST,
        fill=0,
        center=None,
    ) -> None:
        super().__init__()
        self.degrees = degrees_range(degrees, "degrees")
        if translate is not None and not all(0.0 <= t <= 1.0 for t in translate):
            raise ValueError("translation values should be between 0 and 1")
        if scale is not None and not all(s > 0 for s in scale):
            raise ValueError("scale values should be positive")
        self.translate = translate
        self.scale = scale
        self.shear = None if shear is None else degrees_range(shear, "shear", (2, 4))
        self.interpolation = as_mode(interpolation)
        self.fill = 0 if fill is None else fill
        self.center = center

    @staticmethod
    def get_params(degrees, translate, scale_ranges, shears, img_size):
        """(angle, (x, y), scale, (shear x, shear y)); the size is (width, height)."""
        angle = uniform(degrees[0], degrees[1])
        moves = (0, 0)
        if translate is not None:
            most = [float(t * s) for t, s in zip(translate, img_size, strict=True)]
            moves = tuple(int(round(uniform(-m, m))) for m in most)
        scale = 1.0 if scale_ranges is None else uniform(*scale_ranges)
        shear_x = shear_y = 0.0
        if shears is not None:
            shear_x = uniform(shears[0], shears[1])
            if len(shears) == 4:
                shear_y = uniform(shears[2], shears[3])
        return angle, moves, scale, (shear_x, shear_y)

    def forward(self, img):
        fill = fill_of(img, self.fill)
        _, height, width = F.get_dimensions(img)
        drawn = self.get_params(
            self.degrees, self.translate, self.scale, self.shear, [width, height]
        )
        return F.affine(
            img,
            *drawn,
            interpolation=self.interpolation,
            fill=fill,
            center=self.center,
        )

    def __repr__(self) -> str:
        parts = [f"degrees={self.degrees}"]
        for name in ("translate", "scale", "shear"):
            if getattr(self, name) is not None:
                parts.append(f"{name}={getattr(self, name)}")
        if self.interpolation != _NEAREST:
            parts.append(f"interpolation={self.interpolation.value}")
        if self.fill != 0:
            parts.append(f"fill={self.fill}")
        if self.center is not None:
            parts.append(f"center={self.center}")
        return f"{self.__class__.__name__}({', '.join(parts)})"


class RandomPerspective(ModuleRepr):
    """The corners moved inwards, with probability ``p``."""

    _shown = ("p",)

    def __init__(
        self, distortion_scale=0.5, p=0.5, interpolation=_BILINEAR, fill=0
    ) -> None:
        super().__init__()
        self.p = p
        self.interpolation = as_mode(interpolation)
        self.distortion_scale = distortion_scale
        self.fill = 0 if fill is None else fill

    @staticmethod
    def get_params(width: int, height: int, distortion_scale: float):
        """Where the corners (x, y) were and where they come to lie."""
        across = int(distortion_scale * (width // 2)) + 1
        down = int(distortion_scale * (height // 2)) + 1
        top_left = [below(across), below(down)]
        top_right = [width - across + below(across), below(down)]
        bottom_right = [width - across + below(across), height - down + below(down)]
        bottom_left = [below(across), height - down + below(down)]
        right, bottom = width - 1, height - 1
        start = [[0, 0], [right, 0], [right, bottom], [0, bottom]]
        return start, [top_left, top_right, bottom_right, bottom_left]

    def forward(self, img):
        fill = fill_of(img, self.fill)
        if not happens(self.p):
            return img
        _, height, width = F.get_dimensions(img)
        corners = self.get_params(width, height, self.distortion_scale)
        return F.perspective(img, *corners, self.interpolation, fill)


class ElasticTransform(nn.Module):
    """Smooth random displacements of ``alpha`` pixels, smoothed by ``sigma``."""

    def __init__(self, alpha=50.0, sigma=5.0, interpolation=_BILINEAR, fill=0) -> None:
        super().__init__()
        self.alpha, self.sigma = (
            [float(v), float(v)] if isinstance(v, numbers.Number) else list(v)
            for v in (alpha, sigma)
        )
        self.interpolation = as_mode(interpolation)
        self.fill = fill

    @staticmethod
    def get_params(alpha, sigma, size):
        """The displacements, (1, height, width, 2), in halves of the image."""
        moves = []
        for axis in (0, 1):
            move = torch.rand([1, 1, *size]) * 2 - 1
            if sigma[axis] > 0.0:
                kernel = int(8 * sigma[axis] + 1)
                kernel += 1 - kernel % 2
                move = F.gaussian_blur(move, [kernel, kernel], list(sigma))
            moves.append(move * alpha[axis] / size[axis])
        return torch.concat(moves, 1).permute([0, 2, 3, 1])

    def forward(self, img):
        _, height, width = F.get_dimensions(img)
        moves = self.get_params(self.alpha, self.sigma, [height, width])
        fill = fill_of(img, self.fill)
        return F.elastic_transform(img, moves, self.interpolation, fill)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}(alpha={self.alpha}, sigma={self.sigma}, "
            f"interpolation={self.interpolation}, fill={self.fill})"
        )
