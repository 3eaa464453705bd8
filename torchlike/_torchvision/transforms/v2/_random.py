"""Random transforms of whole samples, with the second version's draws."""

from __future__ import annotations

import torchlike as torch

from ...tv_tensors import Image, Video
from .. import _random_color as color
from .. import _random_geometry as geometry
from .._base import below, uniform
from .._geometry import borders
from .._modes import as_mode
from . import functional as F
from ._transform import RandomApplyTransform, RandomSimple, Transform, pair, query_size

_NEAREST, _BILINEAR = F.InterpolationMode.NEAREST, F.InterpolationMode.BILINEAR


class _Sized:
    """What the first version's ``get_params`` asks of a picture: its size."""

    def __new__(cls, flat):
        return torch.empty((1, *query_size(flat)), device="meta")


class RandomHorizontalFlip(RandomSimple):
    """The mirror image, with probability ``p``."""

    _function = staticmethod(F.horizontal_flip)


class RandomVerticalFlip(RandomSimple):
    """Upside down, with probability ``p``."""

    _function = staticmethod(F.vertical_flip)


class RandomInvert(RandomSimple):
    """The negative, with probability ``p``."""

    _function = staticmethod(F.invert)


class RandomAutocontrast(RandomSimple):
    """Contrast stretched, with probability ``p``."""

    _function = staticmethod(F.autocontrast)


class RandomEqualize(RandomSimple):
    """Histogram evened out, with probability ``p``."""

    _function = staticmethod(F.equalize)


class RandomPosterize(RandomSimple):
    """Fewer bits, with probability ``p``."""

    _function = staticmethod(F.posterize)
    _options = ("bits",)

    def __init__(self, bits: int, p: float = 0.5) -> None:
        super().__init__(p)
        self.bits = bits


class RandomSolarize(RandomSimple):
    """Bright values inverted, with probability ``p``."""

    _function = staticmethod(F.solarize)
    _options = ("threshold",)

    def __init__(self, threshold: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.threshold = threshold


class RandomAdjustSharpness(RandomSimple):
    """Sharper or softer, with probability ``p``."""

    _function = staticmethod(F.adjust_sharpness)
    _options = ("sharpness_factor",)

    def __init__(self, sharpness_factor: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.sharpness_factor = sharpness_factor


class RandomGrayscale(RandomApplyTransform):
    """Black and white in as many channels, with probability ``p``."""

    def __init__(self, p: float = 0.1) -> None:
        super().__init__(p)

    def transform(self, inpt, params: dict):
        channels = F.get_num_channels(inpt)
        return F.rgb_to_grayscale(inpt, num_output_channels=channels)


class RandomCrop(Transform):
    """A part of this size, from anywhere."""

    def __init__(
        self, size, padding=None, pad_if_needed=False, fill=0, padding_mode="constant"
    ) -> None:
        super().__init__()
        self.size = tuple(pair(size))
        self.padding = padding
        self.pad_if_needed = pad_if_needed
        self.fill = fill
        self.padding_mode = padding_mode

    def make_params(self, flat_inputs: list) -> dict:
        height, width = query_size(flat_inputs)
        sides = [0, 0, 0, 0] if self.padding is None else list(borders(self.padding))
        for axis, (wanted, found) in enumerate(
            ((self.size[1], width), (self.size[0], height))
        ):
            short = wanted - found - sides[axis] - sides[axis + 2]
            if self.pad_if_needed and short > 0:
                sides[axis] += short
                sides[axis + 2] += short
        height += sides[1] + sides[3]
        width += sides[0] + sides[2]
        new_height, new_width = self.size
        if height < new_height or width < new_width:
            raise ValueError(
                f"Required crop size {self.size} is larger than "
                f"{'padded ' if self.padding is not None else ''}input image size "
                f"{(height, width)}."
            )
        top = below(height - new_height + 1) if height > new_height else 0
        left = below(width - new_width + 1) if width > new_width else 0
        return {"sides": sides, "place": (top, left, new_height, new_width)}

    def transform(self, inpt, params: dict):
        if any(params["sides"]):
            inpt = F.pad(inpt, params["sides"], self.fill, self.padding_mode)
        return F.crop(inpt, *params["place"])


class RandomResizedCrop(Transform):
    """A part of random area and aspect ratio, resized to ``size``."""

    def __init__(
        self,
        size,
        scale=(0.08, 1.0),
        ratio=(3.0 / 4.0, 4.0 / 3.0),
        interpolation=_BILINEAR,
        antialias=True,
    ) -> None:
        super().__init__()
        self.size = tuple(pair(size))
        self.scale = scale
        self.ratio = ratio
        self.interpolation = as_mode(interpolation)
        self.antialias = antialias

    def make_params(self, flat_inputs: list) -> dict:
        picture = _Sized(flat_inputs)
        draw = geometry.RandomResizedCrop.get_params
        return {"place": draw(picture, self.scale, self.ratio)}

    def transform(self, inpt, params: dict):
        return F.resized_crop(
            inpt,
            *params["place"],
            size=self.size,
            interpolation=self.interpolation,
            antialias=self.antialias,
        )


class RandomRotation(Transform):
    """A turn by an angle of ``degrees``."""

    def __init__(
        self, degrees, interpolation=_NEAREST, expand=False, center=None, fill=0
    ) -> None:
        super().__init__()
        self.degrees = geometry.degrees_range(degrees, "degrees")
        self.interpolation = as_mode(interpolation)
        self.expand = expand
        self.center = center
        self.fill = fill

    def make_params(self, flat_inputs: list) -> dict:
        return {"angle": uniform(*self.degrees)}

    def transform(self, inpt, params: dict):
        return F.rotate(
            inpt,
            **params,
            interpolation=self.interpolation,
            expand=self.expand,
            center=self.center,
            fill=self.fill,
        )


class RandomAffine(Transform):
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
        drawn = geometry.RandomAffine(degrees, translate, scale, shear, interpolation)
        self.degrees = drawn.degrees
        self.translate = translate
        self.scale = scale
        self.shear = drawn.shear
        self.interpolation = drawn.interpolation
        self.fill = fill
        self.center = center

    def make_params(self, flat_inputs: list) -> dict:
        height, width = query_size(flat_inputs)
        drawn = geometry.RandomAffine.get_params(
            self.degrees, self.translate, self.scale, self.shear, [width, height]
        )
        return dict(zip(("angle", "translate", "scale", "shear"), drawn, strict=True))

    def transform(self, inpt, params: dict):
        return F.affine(
            inpt,
            **params,
            interpolation=self.interpolation,
            fill=self.fill,
            center=self.center,
        )


class RandomPerspective(RandomApplyTransform):
    """The corners moved inwards, with probability ``p``."""

    def __init__(
        self, distortion_scale=0.5, p=0.5, interpolation=_BILINEAR, fill=0
    ) -> None:
        super().__init__(p)
        if not 0 <= distortion_scale <= 1:
            raise ValueError(
                "Argument distortion_scale value should be between 0 and 1"
            )
        self.distortion_scale = distortion_scale
        self.interpolation = as_mode(interpolation)
        self.fill = fill

    def make_params(self, flat_inputs: list) -> dict:
        height, width = query_size(flat_inputs)
        draw = geometry.RandomPerspective.get_params
        start, end = draw(width, height, self.distortion_scale)
        return {"startpoints": start, "endpoints": end}

    def transform(self, inpt, params: dict):
        return F.perspective(
            inpt, **params, interpolation=self.interpolation, fill=self.fill
        )


class ColorJitter(Transform):
    """Brightness, contrast, saturation and hue, in a random order."""

    def __init__(
        self, brightness=None, contrast=None, saturation=None, hue=None
    ) -> None:
        super().__init__()
        drawn = color.ColorJitter(
            brightness or 0, contrast or 0, saturation or 0, hue or 0
        )
        self.brightness = drawn.brightness
        self.contrast = drawn.contrast
        self.saturation = drawn.saturation
        self.hue = drawn.hue

    def make_params(self, flat_inputs: list) -> dict:
        order, *factors = color.ColorJitter.get_params(
            self.brightness, self.contrast, self.saturation, self.hue
        )
        return {"order": order.tolist(), "factors": factors}

    def transform(self, inpt, params: dict):
        changes = (
            F.adjust_brightness,
            F.adjust_contrast,
            F.adjust_saturation,
            F.adjust_hue,
        )
        for index in params["order"]:
            if params["factors"][index] is not None:
                inpt = changes[index](inpt, params["factors"][index])
        return inpt


class GaussianBlur(Transform):
    """A blur whose standard deviation, in pixels, is drawn from ``sigma``."""

    def __init__(self, kernel_size, sigma=(0.1, 2.0)) -> None:
        super().__init__()
        drawn = color.GaussianBlur(kernel_size, sigma)
        self.kernel_size = drawn.kernel_size
        self.sigma = drawn.sigma

    def make_params(self, flat_inputs: list) -> dict:
        return {"sigma": [uniform(*self.sigma)] * 2}

    def transform(self, inpt, params: dict):
        return F.gaussian_blur(inpt, self.kernel_size, **params)


class GaussianNoise(Transform):
    """Normal noise added to floats."""

    def __init__(self, mean: float = 0.0, sigma: float = 0.1, clip=True) -> None:
        super().__init__()
        self.mean = mean
        self.sigma = sigma
        self.clip = clip

    def transform(self, inpt, params: dict):
        return F.gaussian_noise(inpt, self.mean, self.sigma, self.clip)


class RandomErasing(RandomApplyTransform):
    """A rectangle of each tensor picture overwritten, with probability ``p``."""

    _transformed_types = (Image, Video)

    def __init__(
        self, p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0.0, inplace=False
    ) -> None:
        super().__init__(p)
        self._erase = color.RandomErasing(p, scale, ratio, value, inplace)
        self.scale = scale
        self.ratio = ratio
        self.value = value
        self.inplace = inplace

    def make_params(self, flat_inputs: list) -> dict:
        picture = next(iter(flat_inputs))
        value = self._erase._value(F.get_num_channels(picture))
        drawn = color.RandomErasing.get_params(picture, self.scale, self.ratio, value)
        return {"drawn": None if drawn[4] is picture else drawn}

    def transform(self, inpt, params: dict):
        if params["drawn"] is None:
            return inpt
        return F.erase(inpt, *params["drawn"], self.inplace)
