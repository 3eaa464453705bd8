"""Colours of tensors (…, channels, height, width): uint8, or floats in [0, 1]."""

from __future__ import annotations

import torchlike as torch
from torchlike import Tensor


def max_value(dtype: torch.dtype) -> int:
    """White: 1 for floats, the largest value of integers."""
    return 1 if dtype.is_floating_point else torch.iinfo(dtype).max


def convert_image_dtype(image: Tensor, dtype: torch.dtype = torch.float) -> Tensor:
    """The same picture in another type: white stays white."""
    if image.dtype == dtype:
        return image
    if image.is_floating_point():
        return _from_float(image, dtype)
    white = max_value(image.dtype)
    if dtype.is_floating_point:
        return image.to(dtype) / white
    new_white = max_value(dtype)
    if white > new_white:
        factor = int((white + 1) // (new_white + 1))
        return torch.div(image, factor, rounding_mode="floor").to(dtype)
    return image.to(dtype) * int((new_white + 1) // (white + 1))


def _from_float(image: Tensor, dtype: torch.dtype) -> Tensor:
    if dtype.is_floating_point:
        return image.to(dtype)
    unsafe = (torch.int32, torch.int64)
    if (image.dtype == torch.float32 and dtype in unsafe) or (
        image.dtype == torch.float64 and dtype == torch.int64
    ):
        raise RuntimeError(
            f"The cast from {image.dtype} to {dtype} cannot be performed safely."
        )
    # Just below white + 1, so that equal shares of [0, 1] round to each value.
    return image.mul(max_value(dtype) + 1.0 - 1e-3).to(dtype)


def check_channels(img: Tensor, permitted: tuple[int, ...]) -> None:
    """TypeError for another number of channels."""
    found = img.shape[-3] if img.ndim > 2 else 1
    if found not in permitted:
        raise TypeError(
            f"Input image tensor permitted channel values are {list(permitted)}, "
            f"but found {found}"
        )


def rgb_to_grayscale(img: Tensor, num_output_channels: int = 1) -> Tensor:
    """Luminance: 0.2989 R + 0.587 G + 0.114 B."""
    if img.ndim < 3:
        raise TypeError(
            "Input image tensor should have at least 3 dimensions, but found "
            f"{img.ndim}"
        )
    check_channels(img, (1, 3))
    if num_output_channels not in (1, 3):
        raise ValueError("num_output_channels should be either 1 or 3")
    if img.shape[-3] == 3:
        r, g, b = img.unbind(dim=-3)
        gray = (0.2989 * r + 0.587 * g + 0.114 * b).to(img.dtype).unsqueeze(dim=-3)
    else:
        gray = img.clone()
    return (
        gray.expand(*img.shape[:-3], 3, *img.shape[-2:])
        if num_output_channels == 3
        else gray
    )


def blend(img1: Tensor, img2: Tensor, ratio: float) -> Tensor:
    """``ratio`` of the first, the rest of the second, within black and white."""
    mixed = float(ratio) * img1 + (1.0 - float(ratio)) * img2
    return mixed.clamp(0, max_value(img1.dtype)).to(img1.dtype)


def adjust_brightness(img: Tensor, factor: float) -> Tensor:
    check_channels(img, (1, 3))
    return blend(img, torch.zeros_like(img), factor)


def adjust_contrast(img: Tensor, factor: float) -> Tensor:
    check_channels(img, (1, 3))
    gray = rgb_to_grayscale(img) if img.shape[-3] == 3 else img
    wide = gray if gray.is_floating_point() else gray.to(torch.float32)
    return blend(img, torch.mean(wide, dim=(-3, -2, -1), keepdim=True), factor)


def adjust_saturation(img: Tensor, factor: float) -> Tensor:
    check_channels(img, (1, 3))
    return img if img.shape[-3] == 1 else blend(img, rgb_to_grayscale(img), factor)


def adjust_hue(img: Tensor, factor: float) -> Tensor:
    check_channels(img, (1, 3))
    if img.shape[-3] == 1:
        return img
    wide = convert_image_dtype(img, torch.float32) if img.dtype == torch.uint8 else img
    hue, saturation, value = _to_hsv(wide)
    turned = _from_hsv((hue + factor) % 1.0, saturation, value)
    return convert_image_dtype(turned, img.dtype)


def _to_hsv(img: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    r, g, b = img.unbind(dim=-3)
    high, low = torch.amax(img, dim=-3), torch.amin(img, dim=-3)
    gray = high == low
    spread = high - low
    one = torch.ones_like(high)
    saturation = spread / torch.where(gray, one, high)
    divisor = torch.where(gray, one, spread)
    red, green, blue = ((high - c) / divisor for c in (r, g, b))
    is_red, is_green = high == r, high == g
    hue = (
        is_red * (blue - green)
        + (is_green & ~is_red) * (2.0 + red - blue)
        + (~is_green & ~is_red) * (4.0 + green - red)
    )
    return torch.fmod(hue / 6.0 + 1.0, 1.0), saturation, high


def _from_hsv(h: Tensor, s: Tensor, v: Tensor) -> Tensor:
    sixth = torch.floor(h * 6.0)
    part = h * 6.0 - sixth
    p = (v * (1.0 - s)).clamp(0.0, 1.0)
    q = (v * (1.0 - s * part)).clamp(0.0, 1.0)
    t = (v * (1.0 - s * (1.0 - part))).clamp(0.0, 1.0)
    sixth = sixth.to(torch.int32) % 6
    choices = ((v, q, p, p, t, v), (t, v, v, q, p, p), (p, p, t, v, v, q))
    return torch.stack([_chosen(sixth, c) for c in choices], dim=-3)


def _chosen(index: Tensor, choices) -> Tensor:
    found = choices[0]
    for number, values in enumerate(choices[1:], 1):
        found = torch.where(index == number, values, found)
    return found


def adjust_gamma(img: Tensor, gamma: float, gain: float = 1) -> Tensor:
    check_channels(img, (1, 3))
    wide = img if img.is_floating_point() else convert_image_dtype(img, torch.float32)
    return convert_image_dtype((gain * wide**gamma).clamp(0, 1), img.dtype)


def invert(img: Tensor) -> Tensor:
    check_channels(img, (1, 3))
    return max_value(img.dtype) - img


def posterize(img: Tensor, bits: int) -> Tensor:
    _only_bytes(img)
    return img & (256 - 2 ** (8 - bits))


def solarize(img: Tensor, threshold: float) -> Tensor:
    check_channels(img, (1, 3))
    if threshold > max_value(img.dtype):
        raise TypeError("Threshold should be less than bound of img.")
    return torch.where(img >= threshold, invert(img), img)


def _only_bytes(img: Tensor) -> None:
    if img.dtype != torch.uint8:
        raise TypeError(
            f"Only torch.uint8 image tensors are supported, but found {img.dtype}"
        )
    check_channels(img, (1, 3))


def autocontrast(img: Tensor) -> Tensor:
    """Each channel from black to white; a channel of one value stays."""
    check_channels(img, (1, 3))
    white = max_value(img.dtype)
    wide = img if img.is_floating_point() else img.to(torch.float32)
    low = wide.amin(dim=(-2, -1), keepdim=True)
    high = wide.amax(dim=(-2, -1), keepdim=True)
    scale = white / (high - low)
    flat = ~torch.isfinite(scale)
    low = torch.where(flat, torch.zeros_like(low), low)
    scale = torch.where(flat, torch.ones_like(scale), scale)
    return ((wide - low) * scale).clamp(0, white).to(img.dtype)


def equalize(img: Tensor) -> Tensor:
    """Each channel with as even a histogram as a table of values can give."""
    _only_bytes(img)
    flat = img.reshape(-1, *img.shape[-2:])
    return torch.stack([_equalized(c) for c in flat]).reshape(img.shape)


def _equalized(channel: Tensor) -> Tensor:
    counts = torch.bincount(channel.reshape(-1).long(), minlength=256)
    present = counts[counts != 0]
    step = int(torch.div(present[:-1].sum(), 255, rounding_mode="floor"))
    if step == 0:
        return channel
    table = torch.div(counts.cumsum(0) + step // 2, step, rounding_mode="floor")
    table = torch.cat([torch.zeros_like(table[:1]), table[:-1]]).clamp(0, 255)
    return table[channel.long()].to(torch.uint8)
