"""``torchvision.transforms.v2.functional``: as v1's, for masks and boxes too.

Masks follow the geometry with the nearest value and keep their colours; boxes follow
the geometry.
"""

from __future__ import annotations

import functools

import torchlike as torch
from torchlike import Tensor

from ... import tv_tensors
from ...ops.boxes import box_convert, clip_boxes_to_image
from ...tv_tensors import BoundingBoxes, BoundingBoxFormat, Mask, TVTensor
from .. import functional as v1
from .._modes import InterpolationMode as InterpolationMode
from . import _boxes


def _rewrapped(out, like):
    if isinstance(out, tuple):
        return tuple(_rewrapped(o, like) for o in out)
    if isinstance(like, TVTensor) and isinstance(out, Tensor):
        return tv_tensors.wrap(out, like=like)
    return out


def _plain(inpt):
    return inpt.as_subclass(Tensor) if isinstance(inpt, TVTensor) else inpt


def _color(name: str, image):
    """A transform of colours: masks and boxes stay as they are."""

    @functools.wraps(image)
    def transform(inpt, *args, **kwargs):
        if isinstance(inpt, (Mask, BoundingBoxes)):
            return inpt
        return _rewrapped(image(_plain(inpt), *args, **kwargs), inpt)

    transform.__name__ = transform.__qualname__ = name
    return transform


_NEAREST = ("resize", "rotate", "affine", "perspective", "resized_crop", "elastic")


def _geometry(name: str, image, boxes):
    """A transform of places: ``boxes`` is the one for boxes."""
    sampled = name in _NEAREST

    @functools.wraps(image)
    def transform(inpt, *args, **kwargs):
        if isinstance(inpt, BoundingBoxes):
            return boxes(inpt, *args, **kwargs)
        if not isinstance(inpt, Mask):
            return _rewrapped(image(_plain(inpt), *args, **kwargs), inpt)
        if sampled:
            kwargs["interpolation"] = InterpolationMode.NEAREST
        return _rewrapped(_mask(image, _plain(inpt), args, kwargs), inpt)

    transform.__name__ = transform.__qualname__ = name
    return transform


def _mask(image, mask: Tensor, args, kwargs) -> Tensor:
    kwargs = (
        {k: v for k, v in kwargs.items() if k != "fill"} if _filled(image) else kwargs
    )
    if mask.ndim == 2:
        return image(mask[None], *args, **kwargs)[0]
    return image(mask, *args, **kwargs)


def _filled(image) -> bool:
    return image in (v1.rotate, v1.affine, v1.perspective)


horizontal_flip = hflip = _geometry("horizontal_flip", v1.hflip, _boxes.hflip)
vertical_flip = vflip = _geometry("vertical_flip", v1.vflip, _boxes.vflip)
resize = _geometry("resize", v1.resize, _boxes.resize)
crop = _geometry("crop", v1.crop, _boxes.crop)
center_crop = _geometry("center_crop", v1.center_crop, _boxes.center_crop)
resized_crop = _geometry("resized_crop", v1.resized_crop, _boxes.resized_crop)
pad = _geometry("pad", v1.pad, _boxes.pad)
rotate = _geometry("rotate", v1.rotate, _boxes.rotate)
affine = _geometry("affine", v1.affine, _boxes.affine)
perspective = _geometry("perspective", v1.perspective, _boxes.perspective)

adjust_brightness = _color("adjust_brightness", v1.adjust_brightness)
adjust_contrast = _color("adjust_contrast", v1.adjust_contrast)
adjust_saturation = _color("adjust_saturation", v1.adjust_saturation)
adjust_hue = _color("adjust_hue", v1.adjust_hue)
adjust_gamma = _color("adjust_gamma", v1.adjust_gamma)
adjust_sharpness = _color("adjust_sharpness", v1.adjust_sharpness)
autocontrast = _color("autocontrast", v1.autocontrast)
equalize = _color("equalize", v1.equalize)
invert = _color("invert", v1.invert)
posterize = _color("posterize", v1.posterize)
solarize = _color("solarize", v1.solarize)
gaussian_blur = _color("gaussian_blur", v1.gaussian_blur)
normalize = _color("normalize", v1.normalize)
erase = _color("erase", v1.erase)
rgb_to_grayscale = to_grayscale = _color("rgb_to_grayscale", v1.rgb_to_grayscale)
five_crop = _color("five_crop", v1.five_crop)
ten_crop = _color("ten_crop", v1.ten_crop)
to_pil_image = v1.to_pil_image
pil_to_tensor = v1.pil_to_tensor
to_tensor = v1.to_tensor


def grayscale_to_rgb(inpt):
    """Three equal channels of a picture that has one."""
    if isinstance(inpt, (Mask, BoundingBoxes)):
        return inpt
    if not isinstance(inpt, Tensor):
        return inpt.convert("RGB")
    if inpt.shape[-3] >= 3:
        return inpt
    return _rewrapped(v1.rgb_to_grayscale(_plain(inpt), 3), inpt)


def to_image(inpt) -> tv_tensors.Image:
    """A tensor picture of a Pillow image, an array (H, W, C) or a tensor."""
    if hasattr(inpt, "getbands"):
        return tv_tensors.Image(v1.pil_to_tensor(inpt))
    if isinstance(inpt, Tensor):
        return tv_tensors.Image(inpt)
    array = inpt[:, :, None] if inpt.ndim == 2 else inpt
    return tv_tensors.Image(torch.from_numpy(array).permute((2, 0, 1)).contiguous())


def to_dtype(inpt, dtype: torch.dtype = torch.float, scale: bool = False):
    """Another type; with ``scale`` white stays white."""
    if isinstance(inpt, (Mask, BoundingBoxes)) or not scale:
        return _rewrapped(_plain(inpt).to(dtype), inpt)
    return _rewrapped(v1.convert_image_dtype(_plain(inpt), dtype), inpt)


def convert_image_dtype(image, dtype: torch.dtype = torch.float32):
    """:func:`to_dtype` with ``scale``."""
    return to_dtype(image, dtype, scale=True)


def gaussian_noise(inpt, mean: float = 0.0, sigma: float = 0.1, clip: bool = True):
    """Normal noise added to floats."""
    if isinstance(inpt, (Mask, BoundingBoxes)):
        return inpt
    if not inpt.is_floating_point():
        raise ValueError(
            f"Input tensor is expected to be in float dtype, got dtype={inpt.dtype}"
        )
    if sigma < 0:
        raise ValueError(f"sigma shouldn't be negative. Got {sigma}")
    plain = _plain(inpt)
    noisy = plain + mean + torch.randn_like(plain) * sigma
    return _rewrapped(noisy.clamp(0, 1) if clip else noisy, inpt)


# ---- sizes ---------------------------------------------------------------------------
def get_size(inpt) -> list[int]:
    """[height, width]; of boxes, their canvas'."""
    if isinstance(inpt, BoundingBoxes):
        return list(inpt.canvas_size)
    return v1.get_dimensions(_plain(inpt))[1:]


def get_dimensions(inpt) -> list[int]:
    """[channels, height, width]."""
    return v1.get_dimensions(_plain(inpt))


def get_num_channels(inpt) -> int:
    """The number of channels."""
    return get_dimensions(inpt)[0]


get_image_size = get_size


# ---- boxes ---------------------------------------------------------------------------
def convert_bounding_box_format(inpt, old_format=None, new_format=None, inplace=False):
    """Boxes with other numbers: XYXY, XYWH or CXCYWH."""
    if isinstance(new_format, str):
        new_format = BoundingBoxFormat[new_format.upper()]
    old = inpt.format if isinstance(inpt, BoundingBoxes) else old_format
    old = BoundingBoxFormat[old.upper()] if isinstance(old, str) else old
    names = (old.value.lower(), new_format.value.lower())
    out = box_convert(_plain(inpt), *names).to(inpt.dtype)
    if not isinstance(inpt, BoundingBoxes):
        return out
    return tv_tensors.wrap(out, like=inpt, format=new_format)


def clamp_bounding_boxes(inpt: BoundingBoxes) -> BoundingBoxes:
    """Boxes cut at the borders of their canvas."""
    ends = clip_boxes_to_image(_boxes.corners(inpt), inpt.canvas_size)
    return _boxes.rewrapped(ends, inpt)
