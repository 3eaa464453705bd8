"""``torchvision.transforms.functional``: transforms of images, without chance.

An image is Pillow's, or a tensor (…, channels, height, width): uint8, or floats in
[0, 1]. Sizes are (height, width), places and borders in pixels, angles in degrees.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence

import torchlike as torch
from torchlike import Tensor

from . import _color, _pil, _tensor
from ._color import convert_image_dtype as convert_image_dtype
from ._convert import pil_to_tensor as pil_to_tensor
from ._convert import to_pil_image as to_pil_image
from ._convert import to_tensor as to_tensor
from ._geometry import inverse_affine, perspective_coefficients, resized
from ._modes import InterpolationMode as InterpolationMode
from ._modes import as_mode
from ._modes import pil_modes_mapping as pil_modes_mapping

_NEAREST, _BILINEAR = InterpolationMode.NEAREST, InterpolationMode.BILINEAR


def _side(img):
    """The module that has the transforms for this kind of image."""
    if isinstance(img, Tensor):
        return _tensor
    _pil.check(img)
    return _pil


def _colors(img):
    return _color if isinstance(img, Tensor) else _side(img)


def get_dimensions(img) -> list[int]:
    """[channels, height, width]."""
    return _side(img).dimensions(img)


def get_image_size(img) -> list[int]:
    """[width, height]."""
    _, height, width = get_dimensions(img)
    return [width, height]


def get_image_num_channels(img) -> int:
    """The number of channels."""
    return get_dimensions(img)[0]


def normalize(
    tensor: Tensor, mean: list[float], std: list[float], inplace: bool = False
) -> Tensor:
    """(tensor - mean) / std, channel by channel."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(tensor)}")
    if not tensor.is_floating_point():
        raise TypeError(f"Input tensor should be a float tensor. Got {tensor.dtype}.")
    if tensor.ndim < 3:
        raise ValueError(
            "Expected tensor to be a tensor image of size (..., C, H, W). "
            f"Got tensor.size() = {tensor.size()}"
        )
    like = {"dtype": tensor.dtype, "device": tensor.device}
    mean, std = (torch.as_tensor(v, **like) for v in (mean, _not_zero(std, tensor)))
    mean = mean.view(-1, 1, 1) if mean.ndim == 1 else mean
    std = std.view(-1, 1, 1) if std.ndim == 1 else std
    if inplace:
        return tensor.sub_(mean).div_(std)
    return (tensor - mean) / std


def _not_zero(std, tensor: Tensor):
    values = std if isinstance(std, (list, tuple)) else None
    if values is not None and any(v == 0 for v in values):
        raise ValueError(
            f"std evaluated to zero after conversion to {tensor.dtype}, "
            "leading to division by zero."
        )
    return std


def _sizes(size) -> list[int]:
    sizes = [size] if isinstance(size, int) else list(size)
    if len(sizes) not in (1, 2):
        raise ValueError(
            f"Size must be an int or a 1 or 2 element tuple/list, not a {len(sizes)} "
            "element tuple/list"
        )
    return sizes


def resize(
    img,
    size: list[int],
    interpolation: InterpolationMode = _BILINEAR,
    max_size: int | None = None,
    antialias: bool | None = True,
):
    """To (height, width), or with the shorter side of one given size."""
    interpolation, sizes = as_mode(interpolation), _sizes(size)
    if max_size is not None and len(sizes) != 1:
        raise ValueError(
            "max_size should only be passed if size specifies the length of the "
            "smaller edge, i.e. size should be an int or a sequence of length 1"
        )
    _, height, width = get_dimensions(img)
    output = resized(sizes, (height, width), max_size)
    if output == (height, width):
        return img
    if isinstance(img, Tensor):
        return _tensor.resize(img, output, interpolation.value, antialias)
    return _pil.resize(img, output, pil_modes_mapping[interpolation])


def pad(img, padding: list[int], fill=0, padding_mode: str = "constant"):
    """Borders of 1, 2 or 4 widths: all; left/right, top/bottom; or each."""
    if not isinstance(padding, (numbers.Number, tuple, list)):
        raise TypeError("Got inappropriate padding arg")
    if not isinstance(fill, (numbers.Number, tuple, list)) and fill is not None:
        raise TypeError("Got inappropriate fill arg")
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        raise ValueError(
            "Padding mode should be either constant, edge, reflect or symmetric"
        )
    return _side(img).pad(img, padding, fill, padding_mode)


def crop(img, top: int, left: int, height: int, width: int):
    """The part at (top, left) of this size; 0 outside of the image."""
    return _side(img).crop(img, top, left, height, width)


def _pair(size) -> tuple[int, int]:
    if isinstance(size, numbers.Number):
        return int(size), int(size)
    return (size[0], size[0]) if len(size) == 1 else tuple(size)


def center_crop(img, output_size: list[int]):
    """The middle; an image that is too small gets a border of 0 first."""
    new_height, new_width = _pair(output_size)
    _, height, width = get_dimensions(img)
    if new_width > width or new_height > height:
        across, down = max(new_width - width, 0), max(new_height - height, 0)
        img = pad(img, [across // 2, down // 2, (across + 1) // 2, (down + 1) // 2])
        _, height, width = get_dimensions(img)
        if (new_height, new_width) == (height, width):
            return img
    top = int(round((height - new_height) / 2.0))
    left = int(round((width - new_width) / 2.0))
    return crop(img, top, left, new_height, new_width)


def resized_crop(
    img,
    top: int,
    left: int,
    height: int,
    width: int,
    size: list[int],
    interpolation: InterpolationMode = _BILINEAR,
    antialias: bool | None = True,
):
    """:func:`crop`, then :func:`resize`."""
    part = crop(img, top, left, height, width)
    return resize(part, size, interpolation, antialias=antialias)


def hflip(img):
    """Left and right change places."""
    return img.flip(-1) if isinstance(img, Tensor) else _side(img).hflip(img)


def vflip(img):
    """Top and bottom change places."""
    return img.flip(-2) if isinstance(img, Tensor) else _side(img).vflip(img)


def perspective(
    img,
    startpoints: list[list[int]],
    endpoints: list[list[int]],
    interpolation: InterpolationMode = _BILINEAR,
    fill=None,
):
    """Move four corners (x, y): top left, top right, bottom right, bottom left."""
    numbers8 = perspective_coefficients(startpoints, endpoints)
    mode = as_mode(interpolation)
    if isinstance(img, Tensor):
        return _tensor.perspective(img, numbers8, mode.value, fill)
    return _side(img).perspective(img, numbers8, pil_modes_mapping[mode], fill)


def five_crop(img, size: list[int]) -> tuple:
    """Top left, top right, bottom left, bottom right, centre."""
    height, width = _pair(size)
    _, full_height, full_width = get_dimensions(img)
    if width > full_width or height > full_height:
        raise ValueError(
            f"Requested crop size {(height, width)} is bigger than input size "
            f"{(full_height, full_width)}"
        )
    down, across = full_height - height, full_width - width
    corners = ((0, 0), (0, across), (down, 0), (down, across))
    parts = [crop(img, top, left, height, width) for top, left in corners]
    return (*parts, center_crop(img, [height, width]))


def ten_crop(img, size: list[int], vertical_flip: bool = False) -> tuple:
    """:func:`five_crop` of the image and of its mirror image."""
    flipped = vflip(img) if vertical_flip else hflip(img)
    return five_crop(img, size) + five_crop(flipped, size)


def adjust_brightness(img, brightness_factor: float):
    """0 is black, 1 the image."""
    return _colors(img).adjust_brightness(img, brightness_factor)


def adjust_contrast(img, contrast_factor: float):
    """0 is gray, 1 the image."""
    return _colors(img).adjust_contrast(img, contrast_factor)


def adjust_saturation(img, saturation_factor: float):
    """0 is black and white, 1 the image."""
    return _colors(img).adjust_saturation(img, saturation_factor)


def adjust_hue(img, hue_factor: float):
    """Turn the colours, by -0.5 to 0.5 of the circle."""
    if not -0.5 <= hue_factor <= 0.5:
        raise ValueError(f"hue_factor ({hue_factor}) is not in [-0.5, 0.5].")
    return _colors(img).adjust_hue(img, hue_factor)


def adjust_gamma(img, gamma: float, gain: float = 1):
    """255 · gain · (value / 255) ** gamma."""
    if gamma < 0:
        raise ValueError("Gamma should be a non-negative real number")
    return _colors(img).adjust_gamma(img, gamma, gain)


def rotate(
    img,
    angle: float,
    interpolation: InterpolationMode = _NEAREST,
    expand: bool = False,
    center: list[int] | None = None,
    fill=None,
):
    """Counter-clockwise about ``center`` (x, y), or the middle."""
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    if center is not None and not isinstance(center, (list, tuple)):
        raise TypeError("Argument center should be a sequence")
    mode = as_mode(interpolation)
    if not isinstance(img, Tensor):
        pil = pil_modes_mapping[mode]
        return _side(img).rotate(img, angle, pil, expand, center, fill)
    matrix = inverse_affine(_from_middle(img, center), -angle, [0, 0], 1.0, [0, 0])
    return _tensor.rotate(img, matrix, mode.value, expand, fill)


def _from_middle(img, center) -> list[float]:
    """``center`` measured from the middle of the image."""
    if center is None:
        return [0.0, 0.0]
    _, height, width = get_dimensions(img)
    return [1.0 * (c - s * 0.5) for c, s in zip(center, (width, height), strict=True)]


def affine(
    img,
    angle: float,
    translate: list[int],
    scale: float,
    shear: list[float],
    interpolation: InterpolationMode = _NEAREST,
    fill=None,
    center: list[int] | None = None,
):
    """Rotate clockwise, move by (x, y) pixels, scale, shear by (x, y) degrees."""
    shear = _checked_affine(angle, translate, scale, shear)
    mode = as_mode(interpolation)
    _, height, width = get_dimensions(img)
    if isinstance(img, Tensor):
        middle = _from_middle(img, center)
        matrix = inverse_affine(middle, angle, translate, scale, shear)
        return _tensor.affine(img, matrix, mode.value, fill)
    middle = [width * 0.5, height * 0.5] if center is None else center
    matrix = inverse_affine(middle, angle, translate, scale, shear)
    return _pil.affine(img, matrix, pil_modes_mapping[mode], fill)


def _checked_affine(angle, translate, scale, shear) -> list[float]:
    if not isinstance(angle, (int, float)):
        raise TypeError("Argument angle should be int or float")
    if not isinstance(translate, (list, tuple)):
        raise TypeError("Argument translate should be a sequence")
    if len(translate) != 2:
        raise ValueError("Argument translate should be a sequence of length 2")
    if scale <= 0.0:
        raise ValueError("Argument scale should be positive")
    if isinstance(shear, numbers.Number):
        return [shear, 0.0]
    if len(shear) not in (1, 2):
        raise ValueError(
            f"Shear should be a sequence containing two values. Got {shear}"
        )
    return [shear[0], shear[0]] if len(shear) == 1 else list(shear)


def to_grayscale(img, num_output_channels: int = 1):
    """Black and white of a Pillow image, in one channel or three."""
    _pil.check(img)
    return _pil.to_grayscale(img, num_output_channels)


def rgb_to_grayscale(img, num_output_channels: int = 1):
    """Black and white, in one channel or three."""
    if isinstance(img, Tensor):
        return _color.rgb_to_grayscale(img, num_output_channels)
    return to_grayscale(img, num_output_channels)


def erase(
    img: Tensor, i: int, j: int, h: int, w: int, v: Tensor, inplace: bool = False
) -> Tensor:
    """Write ``v`` over the part at (i, j) of size (h, w)."""
    if not isinstance(img, Tensor):
        raise TypeError(f"img should be Tensor Image. Got {type(img)}")
    img = img if inplace else img.clone()
    img[..., i : i + h, j : j + w] = v
    return img


def gaussian_blur(img, kernel_size: list[int], sigma: list[float] | None = None):
    """Kernel sizes (x, y), odd, and standard deviations (x, y), in pixels."""
    kernel_size = list(_pair(kernel_size))
    if any(k % 2 == 0 or k < 0 for k in kernel_size):
        raise ValueError(
            f"kernel_size should have odd and positive integers. Got {kernel_size}"
        )
    if sigma is None:
        sigma = [k * 0.15 + 0.35 for k in kernel_size]
    sigma = [float(s) for s in _both(sigma)]
    if any(s <= 0.0 for s in sigma):
        raise ValueError(f"sigma should have positive values. Got {sigma}")
    blurred = _tensor.gaussian_blur(_as_tensor(img), kernel_size, sigma)
    return blurred if isinstance(img, Tensor) else to_pil_image(blurred, mode=img.mode)


def _both(values) -> Sequence[float]:
    if isinstance(values, numbers.Number):
        return values, values
    return (values[0], values[0]) if len(values) == 1 else values


def _as_tensor(img) -> Tensor:
    if isinstance(img, Tensor):
        return img
    _pil.check(img)
    return pil_to_tensor(img)


def invert(img):
    """White minus the image."""
    return _colors(img).invert(img)


def posterize(img, bits: int):
    """Keep the upper ``bits`` of each value."""
    if not 0 <= bits <= 8:
        raise ValueError(f"The number if bits should be between 0 and 8. Got {bits}")
    return _colors(img).posterize(img, bits)


def solarize(img, threshold: float):
    """Invert the values from ``threshold`` on."""
    return _colors(img).solarize(img, threshold)


def adjust_sharpness(img, sharpness_factor: float):
    """0 is blurred, 1 the image, 2 sharper."""
    if sharpness_factor < 0:
        raise ValueError(f"sharpness_factor ({sharpness_factor}) is not non-negative.")
    return _side(img).adjust_sharpness(img, sharpness_factor)


def autocontrast(img):
    """Stretch each channel from black to white."""
    return _colors(img).autocontrast(img)


def equalize(img):
    """Even out the histogram of each channel."""
    return _colors(img).equalize(img)


def elastic_transform(
    img,
    displacement: Tensor,
    interpolation: InterpolationMode = _BILINEAR,
    fill=None,
):
    """Move each pixel by ``displacement`` (1, H, W, 2), in halves of the image."""
    if not isinstance(displacement, Tensor):
        raise TypeError("Argument displacement should be a Tensor")
    _, height, width = get_dimensions(img)
    if displacement.shape != (1, height, width, 2):
        raise ValueError(
            f"Argument displacement shape should be {(1, height, width, 2)}, but given "
            f"{tuple(displacement.shape)}"
        )
    mode = as_mode(interpolation).value
    out = _tensor.displaced(_as_tensor(img), displacement, mode, fill)
    return out if isinstance(img, Tensor) else to_pil_image(out, mode=img.mode)
