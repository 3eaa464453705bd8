"""Random colours, blur and erasure, with torchvision's draws in its order."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence

import torchlike as torch
from torchlike import Tensor

from . import functional as F
from ._base import ModuleRepr, below, happens, uniform, warn


def _factors(value, name: str, center: float = 1, bound=(0, float("inf")), clip=True):
    """The range of a factor, or None where it never changes anything."""
    if isinstance(value, numbers.Number):
        if value < 0:
            raise ValueError(f"If {name} is a single number, it must be non negative.")
        value = [center - float(value), center + float(value)]
        if clip:
            value[0] = max(value[0], 0.0)
    elif isinstance(value, (tuple, list)) and len(value) == 2:
        value = [float(value[0]), float(value[1])]
    else:
        raise TypeError(
            f"{name} should be a single number or a list/tuple with length 2."
        )
    if not bound[0] <= value[0] <= value[1] <= bound[1]:
        raise ValueError(f"{name} values should be between {bound}, but got {value}.")
    return None if value[0] == value[1] == center else tuple(value)


class ColorJitter(ModuleRepr):
    """Brightness, contrast, saturation and hue, in a random order."""

    _shown = ("brightness", "contrast", "saturation", "hue")

    def __init__(self, brightness=0, contrast=0, saturation=0, hue=0) -> None:
        super().__init__()
        self.brightness = _factors(brightness, "brightness")
        self.contrast = _factors(contrast, "contrast")
        self.saturation = _factors(saturation, "saturation")
        self.hue = _factors(hue, "hue", center=0, bound=(-0.5, 0.5), clip=False)

    @staticmethod
    def get_params(brightness, contrast, saturation, hue):
        """The order of the four and their factors, None for what stays."""
        order = torch.randperm(4)
        ranges = (brightness, contrast, saturation, hue)
        return (order, *(None if r is None else uniform(*r) for r in ranges))

    def forward(self, img):
        order, *factors = self.get_params(
            self.brightness, self.contrast, self.saturation, self.hue
        )
        change = (
            F.adjust_brightness,
            F.adjust_contrast,
            F.adjust_saturation,
            F.adjust_hue,
        )
        for index in order.tolist():
            if factors[index] is not None:
                img = change[index](img, factors[index])
        return img


class RandomGrayscale(ModuleRepr):
    """Black and white, with probability ``p``."""

    _shown = ("p",)

    def __init__(self, p: float = 0.1) -> None:
        super().__init__()
        self.p = p

    def forward(self, img):
        channels = F.get_dimensions(img)[0]
        if not happens(self.p):
            return img
        return F.rgb_to_grayscale(img, num_output_channels=channels)


class GaussianBlur(ModuleRepr):
    """A blur whose standard deviation, in pixels, is drawn from ``sigma``."""

    _shown = ("kernel_size", "sigma")

    def __init__(self, kernel_size, sigma=(0.1, 2.0)) -> None:
        super().__init__()
        pair = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
        pair = tuple(pair) * 2 if len(pair) == 1 else tuple(pair)
        if any(k <= 0 or k % 2 == 0 for k in pair):
            raise ValueError("Kernel size value should be an odd and positive number.")
        self.kernel_size = pair
        if isinstance(sigma, numbers.Number):
            if sigma <= 0:
                raise ValueError("If sigma is a single number, it must be positive.")
            sigma = (sigma, sigma)
        elif isinstance(sigma, Sequence) and len(sigma) == 2:
            if not 0.0 < sigma[0] <= sigma[1]:
                raise ValueError(
                    "sigma values should be positive and of the form (min, max)."
                )
        else:
            raise ValueError(
                "sigma should be a single number or a list/tuple with length 2."
            )
        self.sigma = sigma

    @staticmethod
    def get_params(sigma_min: float, sigma_max: float) -> float:
        """The standard deviation."""
        return uniform(sigma_min, sigma_max)

    def forward(self, img):
        sigma = self.get_params(self.sigma[0], self.sigma[1])
        return F.gaussian_blur(img, self.kernel_size, [sigma, sigma])


class RandomErasing(ModuleRepr):
    """A rectangle of a tensor overwritten, with probability ``p``."""

    _shown = ("p", "scale", "ratio", "value", "inplace")

    def __init__(
        self, p=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0, inplace=False
    ) -> None:
        super().__init__()
        if not isinstance(value, (numbers.Number, str, tuple, list)):
            raise TypeError(
                "Argument value should be either a number or str or a sequence"
            )
        if isinstance(value, str) and value != "random":
            raise ValueError("If value is str, it should be 'random'")
        if scale[0] > scale[1] or ratio[0] > ratio[1]:
            warn("Scale and ratio should be of kind (min, max)")
        if scale[0] < 0 or scale[1] > 1:
            raise ValueError("Scale should be between 0 and 1")
        if p < 0 or p > 1:
            raise ValueError("Random erasing probability should be between 0 and 1")
        self.p = p
        self.scale = scale
        self.ratio = ratio
        self.value = value
        self.inplace = inplace

    @staticmethod
    def get_params(img: Tensor, scale, ratio, value=None):
        """(top, left, height, width, what is written there)."""
        channels, height, width = img.shape[-3:]
        area, log_ratio = height * width, torch.log(torch.tensor(ratio)).tolist()
        for _ in range(10):
            target = area * uniform(*scale)
            aspect = torch.exp(torch.empty(1).uniform_(*log_ratio)).item()
            h = int(round(math.sqrt(target * aspect)))
            w = int(round(math.sqrt(target / aspect)))
            if not (h < height and w < width):
                continue
            if value is None:
                fill = torch.empty([channels, h, w], dtype=torch.float32).normal_()
            else:
                fill = torch.tensor(value)[:, None, None]
            return below(height - h + 1), below(width - w + 1), h, w, fill
        return 0, 0, height, width, img

    def forward(self, img: Tensor) -> Tensor:
        if not happens(self.p):
            return img
        value = self._value(img.shape[-3])
        drawn = self.get_params(img, self.scale, self.ratio, value)
        return F.erase(img, *drawn, self.inplace)

    def _value(self, channels: int) -> list[float] | None:
        if isinstance(self.value, (int, float)):
            return [float(self.value)]
        if isinstance(self.value, str):
            return None
        if len(self.value) not in (1, channels):
            raise ValueError(
                "If value is a sequence, it should have either a single value or "
                f"{channels} (number of input channels)"
            )
        return [float(v) for v in self.value]


class _Sometimes(ModuleRepr):
    """A function with fixed arguments, with probability ``p``."""

    _shown = ("p",)

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def _apply(self, img):
        raise NotImplementedError

    def forward(self, img):
        return self._apply(img) if torch.rand(1).item() < self.p else img


class RandomInvert(_Sometimes):
    """The negative, with probability ``p``."""

    def _apply(self, img):
        return F.invert(img)


class RandomPosterize(_Sometimes):
    """Fewer bits, with probability ``p``."""

    _shown = ("bits", "p")

    def __init__(self, bits: int, p: float = 0.5) -> None:
        super().__init__(p)
        self.bits = bits

    def _apply(self, img):
        return F.posterize(img, self.bits)


class RandomSolarize(_Sometimes):
    """Bright values inverted, with probability ``p``."""

    _shown = ("threshold", "p")

    def __init__(self, threshold: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.threshold = threshold

    def _apply(self, img):
        return F.solarize(img, self.threshold)


class RandomAdjustSharpness(_Sometimes):
    """Sharper or softer, with probability ``p``."""

    _shown = ("sharpness_factor", "p")

    def __init__(self, sharpness_factor: float, p: float = 0.5) -> None:
        super().__init__(p)
        self.sharpness_factor = sharpness_factor

    def _apply(self, img):
        return F.adjust_sharpness(img, self.sharpness_factor)


class RandomAutocontrast(_Sometimes):
    """Contrast stretched, with probability ``p``."""

    def _apply(self, img):
        return F.autocontrast(img)


class RandomEqualize(_Sometimes):
    """Histogram evened out, with probability ``p``."""

    def _apply(self, img):
        return F.equalize(img)
