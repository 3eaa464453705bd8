"""Transforms of Pillow's images, by Pillow."""

from __future__ import annotations

import numbers
from collections.abc import Sequence

import numpy as np

from .._pillow import Image, ImageEnhance, ImageOps
from ._geometry import borders

_GRAY = ("L", "1", "I", "F")


def check(img) -> None:
    """TypeError for what is no image."""
    if not isinstance(img, Image.Image):
        raise TypeError(f"img should be PIL Image. Got {type(img)}")


def dimensions(img) -> list[int]:
    """[channels, height, width]."""
    width, height = img.size
    return [len(img.getbands()), height, width]


def _fill(img, fill):
    """``fill`` as Pillow wants it: one number a band, whole except in mode F."""
    bands = len(img.getbands())
    fill = 0 if fill is None else fill
    if isinstance(fill, numbers.Number):
        fill = (fill,) * bands if bands > 1 else fill
    elif len(fill) == 1:
        fill = tuple(fill) * bands if bands > 1 else fill[0]
    elif len(fill) != bands:
        raise ValueError(
            "The number of elements in 'fill' does not match the number of channels "
            f"of the image ({len(fill)} != {bands})"
        )
    if img.mode == "F":
        return fill if isinstance(fill, numbers.Number) else tuple(fill)
    return int(fill) if isinstance(fill, numbers.Number) else tuple(map(int, fill))


def hflip(img):
    return img.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def vflip(img):
    return img.transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def adjust_brightness(img, factor: float):
    return ImageEnhance.Brightness(img).enhance(factor)


def adjust_contrast(img, factor: float):
    return ImageEnhance.Contrast(img).enhance(factor)


def adjust_saturation(img, factor: float):
    return ImageEnhance.Color(img).enhance(factor)


def adjust_sharpness(img, factor: float):
    return ImageEnhance.Sharpness(img).enhance(factor)


def adjust_hue(img, factor: float):
    if img.mode in _GRAY:
        return img
    hue, saturation, value = img.convert("HSV").split()
    turned = np.array(hue, dtype=np.uint8)
    turned += np.array(int(factor * 255) % 256, dtype=np.uint8)  # wraps around
    hue = Image.fromarray(turned)
    return Image.merge("HSV", (hue, saturation, value)).convert(img.mode)


def adjust_gamma(img, gamma: float, gain: float = 1):
    table = [int((255 + 1 - 1e-3) * gain * pow(v / 255.0, gamma)) for v in range(256)]
    return img.convert("RGB").point(table * 3).convert(img.mode)


def pad(img, padding, fill=0, padding_mode: str = "constant"):
    left, top, right, bottom = borders(padding)
    if padding_mode == "constant":
        kept = img.getpalette() if img.mode == "P" else None
        out = ImageOps.expand(img, (left, top, right, bottom), fill=_fill(img, fill))
        if kept is not None:
            out.putpalette(kept)
        return out
    width, height = img.size
    # Negative borders cut; NumPy pads the rest.
    img = img.crop(
        (max(-left, 0), max(-top, 0), width + min(right, 0), height + min(bottom, 0))
    )
    sides = ((max(top, 0), max(bottom, 0)), (max(left, 0), max(right, 0)))
    return _padded(img, sides, padding_mode)


def _padded(img, sides, mode: str):
    if img.mode == "P":
        out = Image.fromarray(np.pad(np.asarray(img), sides, mode=mode))
        out.putpalette(img.getpalette())
        return out
    values = np.asarray(img)
    sides = (*sides, (0, 0)) if values.ndim == 3 else sides
    return Image.fromarray(np.pad(values, sides, mode=mode))


def crop(img, top: int, left: int, height: int, width: int):
    return img.crop((left, top, left + width, top + height))


def resize(img, size: Sequence[int], interpolation=Image.Resampling.BILINEAR):
    return img.resize(tuple(size[::-1]), interpolation)


def affine(img, matrix, interpolation, fill=None):
    return img.transform(
        img.size,
        Image.Transform.AFFINE,
        matrix,
        interpolation,
        fillcolor=_fill(img, fill),
    )


def rotate(img, angle, interpolation, expand=False, center=None, fill=None):
    return img.rotate(angle, interpolation, expand, center, fillcolor=_fill(img, fill))


def perspective(img, coefficients, interpolation, fill=None):
    return img.transform(
        img.size,
        Image.Transform.PERSPECTIVE,
        coefficients,
        interpolation,
        fillcolor=_fill(img, fill),
    )


def to_grayscale(img, num_output_channels: int):
    if num_output_channels == 1:
        return img.convert("L")
    if num_output_channels == 3:
        gray = np.asarray(img.convert("L"), dtype=np.uint8)
        return Image.fromarray(np.dstack([gray] * 3))
    raise ValueError("num_output_channels should be either 1 or 3")


def invert(img):
    return ImageOps.invert(img)


def posterize(img, bits: int):
    return ImageOps.posterize(img, bits)


def solarize(img, threshold: float):
    return ImageOps.solarize(img, threshold)


def autocontrast(img):
    return ImageOps.autocontrast(img)


def equalize(img):
    return ImageOps.equalize(img)
