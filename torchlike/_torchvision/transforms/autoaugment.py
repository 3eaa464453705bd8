"""Learned and random policies: AutoAugment, RandAugment, TrivialAugment."""

from __future__ import annotations

import math
from enum import Enum

import torchlike as torch
from torchlike import Tensor

from . import functional as F
from ._base import ModuleRepr, fill_of
from ._modes import InterpolationMode

_NEAREST = InterpolationMode.NEAREST


def _apply_op(img, name: str, magnitude: float, interpolation, fill):
    """One of the named changes, by ``magnitude``."""
    if name in ("ShearX", "ShearY"):
        # About the top left corner, as the method's first implementation did.
        angle = math.degrees(math.atan(magnitude))
        shear = [angle, 0.0] if name == "ShearX" else [0.0, angle]
        return F.affine(
            img, 0.0, [0, 0], 1.0, shear, interpolation, fill, center=[0, 0]
        )
    if name in ("TranslateX", "TranslateY"):
        move = int(magnitude)
        moves = [move, 0] if name == "TranslateX" else [0, move]
        return F.affine(img, 0.0, moves, 1.0, [0.0, 0.0], interpolation, fill)
    if name == "Rotate":
        return F.rotate(img, magnitude, interpolation=interpolation, fill=fill)
    if name in _FACTORS:
        return _FACTORS[name](img, 1.0 + magnitude)
    if name == "Posterize":
        return F.posterize(img, int(magnitude))
    if name == "Solarize":
        return F.solarize(img, magnitude)
    if name in _PLAIN:
        return _PLAIN[name](img)
    if name == "Identity":
        return img
    raise ValueError(f"The provided operator {name} is not recognized.")


_FACTORS = {
    "Brightness": F.adjust_brightness,
    "Color": F.adjust_saturation,
    "Contrast": F.adjust_contrast,
    "Sharpness": F.adjust_sharpness,
}
_PLAIN = {
    "AutoContrast": F.autocontrast,
    "Equalize": F.equalize,
    "Invert": F.invert,
}


class AutoAugmentPolicy(Enum):
    """The data sets for which policies were learned."""

    IMAGENET = "imagenet"
    CIFAR10 = "cifar10"
    SVHN = "svhn"


# Each line is a sub-policy: (change, probability, magnitude of 0 to 9) twice.
# Source: Cubuk et al. 2019, AutoAugment, tables 7 to 9.
_POLICIES = {
    AutoAugmentPolicy.IMAGENET: """
        Posterize .4 8 Rotate .6 9         | Solarize .6 5 AutoContrast .6 -
        Equalize .8 - Equalize .6 -        | Posterize .6 7 Posterize .6 6
        Equalize .4 - Solarize .2 4        | Equalize .4 - Rotate .8 8
        Solarize .6 3 Equalize .6 -        | Posterize .8 5 Equalize 1 -
        Rotate .2 3 Solarize .6 8          | Equalize .6 - Posterize .4 6
        Rotate .8 8 Color .4 0             | Rotate .4 9 Equalize .6 -
        Equalize 0 - Equalize .8 -         | Invert .6 - Equalize 1 -
        Color .6 4 Contrast 1 8            | Rotate .8 8 Color 1 2
        Color .8 8 Solarize .8 7           | Sharpness .4 7 Invert .6 -
        ShearX .6 5 Equalize 1 -           | Color .4 0 Equalize .6 -
        Equalize .4 - Solarize .2 4        | Solarize .6 5 AutoContrast .6 -
        Invert .6 - Equalize 1 -           | Color .6 4 Contrast 1 8
        Equalize .8 - Equalize .6 -""",
    AutoAugmentPolicy.CIFAR10: """
        Invert .1 - Contrast .2 6          | Rotate .7 2 TranslateX .3 9
        Sharpness .8 1 Sharpness .9 3      | ShearY .5 8 TranslateY .7 9
        AutoContrast .5 - Equalize .9 -    | ShearY .2 7 Posterize .3 7
        Color .4 3 Brightness .6 7         | Sharpness .3 9 Brightness .7 9
        Equalize .6 - Equalize .5 -        | Contrast .6 7 Sharpness .6 5
        Color .7 7 TranslateX .5 8         | Equalize .3 - AutoContrast .4 -
        TranslateY .4 3 Sharpness .2 6     | Brightness .9 6 Color .2 8
        Solarize .5 2 Invert 0 -           | Equalize .2 - AutoContrast .6 -
        Equalize .2 - Equalize .6 -        | Color .9 9 Equalize .6 -
        AutoContrast .8 - Solarize .2 8    | Brightness .1 3 Color .7 0
        Solarize .4 5 AutoContrast .9 -    | TranslateY .9 9 TranslateY .7 9
        AutoContrast .9 - Solarize .8 3    | Equalize .8 - Invert .1 -
        TranslateY .7 9 AutoContrast .9 -""",
    AutoAugmentPolicy.SVHN: """
        ShearX .9 4 Invert .2 -            | ShearY .9 8 Invert .7 -
        Equalize .6 - Solarize .6 6        | Invert .9 - Equalize .6 -
        Equalize .6 - Rotate .9 3          | ShearX .9 4 AutoContrast .8 -
        ShearY .9 8 Invert .4 -            | ShearY .9 5 Solarize .2 6
        Invert .9 - AutoContrast .8 -      | Equalize .6 - Rotate .9 3
        ShearX .9 4 Solarize .3 3          | ShearY .8 8 Invert .7 -
        Equalize .9 - TranslateY .6 6      | Invert .9 - Equalize .6 -
        Contrast .3 3 Rotate .8 4          | Invert .8 - TranslateY 0 2
        ShearY .7 6 Solarize .4 8          | Invert .6 - Rotate .8 4
        ShearY .3 7 TranslateX .9 3        | ShearX .1 6 Invert .6 -
        Solarize .7 2 TranslateY .6 7      | ShearY .8 4 Invert .8 -
        ShearX .7 9 TranslateY .8 3        | ShearY .8 5 AutoContrast .7 -
        ShearX .7 2 Invert .1 -""",
}


def _read(text: str):
    for line in text.replace("\n", "|").split("|"):
        words = line.split()
        if words:
            yield tuple(
                (name, float(p), None if m == "-" else int(m))
                for name, p, m in (words[:3], words[3:])
            )


def _space(bins: int, moves: tuple[float, float], degrees: float, shear: float,
           gain: float, solarize=(255.0, 0.0)) -> dict:  # fmt: skip
    """The magnitudes of each change and whether their sign is drawn."""
    zero = torch.tensor(0.0)
    linear = {
        "ShearX": shear,
        "ShearY": shear,
        "TranslateX": moves[0],
        "TranslateY": moves[1],
        "Rotate": degrees,
        "Brightness": gain,
        "Color": gain,
        "Contrast": gain,
        "Sharpness": gain,
    }
    space = {k: (torch.linspace(0.0, v, bins), True) for k, v in linear.items()}
    space["Solarize"] = (torch.linspace(*solarize, bins), False)
    for name in ("Identity", "AutoContrast", "Equalize", "Invert"):
        space[name] = (zero, False)
    return space


def _bits(bins: int, last: float) -> Tensor:
    """8 bits, falling by ``last`` over the magnitudes."""
    return 8 - (torch.arange(bins) / ((bins - 1) / last)).round().int()


_ORDER = (
    "Identity ShearX ShearY TranslateX TranslateY Rotate Brightness Color Contrast "
    "Sharpness Posterize Solarize AutoContrast Equalize"
).split()


class AutoAugment(ModuleRepr):
    """One of 25 learned sub-policies (Cubuk et al. 2019)."""

    _shown = ("policy", "fill")

    def __init__(
        self,
        policy: AutoAugmentPolicy = AutoAugmentPolicy.IMAGENET,
        interpolation: InterpolationMode = _NEAREST,
        fill=None,
    ) -> None:
        super().__init__()
        if policy not in _POLICIES:
            raise ValueError(f"The provided policy {policy} is not recognized.")
        self.policy = policy
        self.interpolation = interpolation
        self.fill = fill
        self.policies = list(_read(_POLICIES[policy]))

    def _augmentation_space(self, num_bins: int, image_size) -> dict:
        height, width = image_size
        moves = (150.0 / 331.0 * width, 150.0 / 331.0 * height)
        space = _space(num_bins, moves, 30.0, 0.3, 0.9)
        space["Posterize"] = (_bits(num_bins, 4), False)
        return space

    @staticmethod
    def get_params(transform_num: int) -> tuple[int, Tensor, Tensor]:
        """The sub-policy, two numbers for the probabilities, two signs."""
        chosen = int(torch.randint(transform_num, (1,)).item())
        return chosen, torch.rand((2,)), torch.randint(2, (2,))

    def forward(self, img):
        fill = fill_of(img, self.fill)
        _, height, width = F.get_dimensions(img)
        chosen, chances, signs = self.get_params(len(self.policies))
        chances, signs = chances.tolist(), signs.tolist()
        space = self._augmentation_space(10, (height, width))
        for index, (name, p, magnitude_id) in enumerate(self.policies[chosen]):
            if chances[index] > torch.tensor(p).item():
                continue
            values, signed = space[name]
            magnitude = 0.0 if magnitude_id is None else float(values[magnitude_id])
            if signed and signs[index] == 0:
                magnitude *= -1.0
            img = _apply_op(img, name, magnitude, self.interpolation, fill)
        return img


class RandAugment(ModuleRepr):
    """``num_ops`` random changes of one ``magnitude`` (Cubuk et al. 2020)."""

    _shown = ("num_ops", "magnitude", "num_magnitude_bins", "interpolation", "fill")

    def __init__(
        self,
        num_ops: int = 2,
        magnitude: int = 9,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode = _NEAREST,
        fill=None,
    ) -> None:
        super().__init__()
        self.num_ops = num_ops
        self.magnitude = magnitude
        self.num_magnitude_bins = num_magnitude_bins
        self.interpolation = interpolation
        self.fill = fill

    def _augmentation_space(self, num_bins: int, image_size) -> dict:
        height, width = image_size
        moves = (150.0 / 331.0 * width, 150.0 / 331.0 * height)
        space = _space(num_bins, moves, 30.0, 0.3, 0.9)
        space["Posterize"] = (_bits(num_bins, 4), False)
        return {name: space[name] for name in _ORDER}

    def forward(self, img):
        fill = fill_of(img, self.fill)
        _, height, width = F.get_dimensions(img)
        space = self._augmentation_space(self.num_magnitude_bins, (height, width))
        for _ in range(self.num_ops):
            name = list(space)[int(torch.randint(len(space), (1,)).item())]
            values, signed = space[name]
            magnitude = float(values[self.magnitude]) if values.ndim > 0 else 0.0
            if signed and torch.randint(2, (1,)).item():
                magnitude *= -1.0
            img = _apply_op(img, name, magnitude, self.interpolation, fill)
        return img


class TrivialAugmentWide(ModuleRepr):
    """One random change of a random magnitude (Müller and Hutter 2021)."""

    _shown = ("num_magnitude_bins", "interpolation", "fill")

    def __init__(
        self,
        num_magnitude_bins: int = 31,
        interpolation: InterpolationMode = _NEAREST,
        fill=None,
    ) -> None:
        super().__init__()
        self.num_magnitude_bins = num_magnitude_bins
        self.interpolation = interpolation
        self.fill = fill

    def _augmentation_space(self, num_bins: int) -> dict:
        space = _space(num_bins, (32.0, 32.0), 135.0, 0.99, 0.99)
        space["Posterize"] = (_bits(num_bins, 6), False)
        return {name: space[name] for name in _ORDER}

    def forward(self, img):
        fill = fill_of(img, self.fill)
        space = self._augmentation_space(self.num_magnitude_bins)
        name = list(space)[int(torch.randint(len(space), (1,)).item())]
        values, signed = space[name]
        magnitude = 0.0
        if values.ndim > 0:
            chosen = torch.randint(len(values), (1,), dtype=torch.long).item()
            magnitude = float(values[chosen])
        if signed and torch.randint(2, (1,)).item():
            magnitude *= -1.0
        return _apply_op(img, name, magnitude, self.interpolation, fill)


__all__ = ["AutoAugment", "AutoAugmentPolicy", "RandAugment", "TrivialAugmentWide"]
