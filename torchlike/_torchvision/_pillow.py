"""Pillow, which is optional: an error that says so where it is missing."""

from __future__ import annotations

try:
    from PIL import Image, ImageEnhance, ImageFilter, ImageOps
    from PIL import ImageDraw as ImageDraw
    from PIL import ImageFont as ImageFont
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "torchvision's images need Pillow: pip install 'torchlike[vision]'",
        name="PIL",
    ) from error

__all__ = ["Image", "ImageDraw", "ImageEnhance", "ImageFilter", "ImageFont", "ImageOps"]
