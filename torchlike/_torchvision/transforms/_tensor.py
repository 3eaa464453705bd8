"""Geometry and filters of tensors (…, channels, height, width)."""

from __future__ import annotations

import torchlike as torch
import torchlike.nn.functional as F
from torchlike import Tensor

from ._color import blend, max_value
from ._geometry import borders, rotated_size


def dimensions(img: Tensor) -> list[int]:
    """[channels, height, width]."""
    if img.ndim < 2:
        raise TypeError("Tensor is not a torch image.")
    return [1 if img.ndim == 2 else img.shape[-3], *img.shape[-2:]]


def as_float_batch(img: Tensor, work) -> Tensor:
    """``work`` on floats (N, C, H, W); whole numbers are rounded back."""
    batch = img.reshape(-1, *img.shape[-3:]) if img.ndim > 4 else img
    batch = batch[None] if batch.ndim == 3 else batch
    wide = batch if batch.is_floating_point() else batch.to(torch.float32)
    out = work(wide)
    if not img.is_floating_point():
        out = torch.round(out).to(img.dtype)
    return out.reshape(*img.shape[:-3], *out.shape[-3:])


def crop(img: Tensor, top: int, left: int, height: int, width: int) -> Tensor:
    """A part; what lies outside of the image is 0."""
    h, w = img.shape[-2:]
    right, bottom = left + width, top + height
    inner = img[..., max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if left < 0 or top < 0 or right > w or bottom > h:
        sides = [
            max(min(right, 0) - left, 0),
            max(right - max(w, left), 0),
            max(min(bottom, 0) - top, 0),
            max(bottom - max(h, top), 0),
        ]
        return F.pad(inner, sides)
    return inner


def pad(img: Tensor, padding, fill=0, padding_mode: str = "constant") -> Tensor:
    left, top, right, bottom = borders(padding)
    if padding_mode == "symmetric":
        return _mirrored(img, left, top, right, bottom)
    if padding_mode == "constant":
        return _filled_pad(img, (left, right, top, bottom), fill)
    mode = {"edge": "replicate", "reflect": "reflect"}[padding_mode]
    return as_float_batch(
        img, lambda batch: F.pad(batch, (left, right, top, bottom), mode=mode)
    )


def _filled_pad(img: Tensor, sides, fill) -> Tensor:
    fill = 0 if fill is None else fill
    if isinstance(fill, (int, float)):
        return F.pad(img, sides, value=fill)
    if len(fill) == 1:
        return F.pad(img, sides, value=fill[0])
    inside = F.pad(torch.ones_like(img[..., :1, :, :]), sides) != 0
    color = torch.tensor(fill, dtype=img.dtype, device=img.device).reshape(-1, 1, 1)
    return torch.where(inside, F.pad(img, sides), color)


def _mirrored(img: Tensor, left: int, top: int, right: int, bottom: int) -> Tensor:
    """Borders that repeat the edge pixel, and cut where they are negative."""
    height, width = img.shape[-2:]
    rows = _mirror_indices(height, top, bottom, img.device)
    columns = _mirror_indices(width, left, right, img.device)
    return img[..., rows[:, None], columns[None, :]]


def _mirror_indices(size: int, before: int, after: int, device) -> Tensor:
    places = torch.arange(-before, size + after, device=device)
    places = torch.where(places < 0, -places - 1, places)
    return torch.where(places >= size, 2 * size - 1 - places, places)


def resize(img: Tensor, size, interpolation: str, antialias: bool | None) -> Tensor:
    if interpolation not in ("nearest", "nearest-exact", "bilinear", "bicubic"):
        raise ValueError("This interpolation mode is unsupported with Tensor input")
    linear = interpolation in ("bilinear", "bicubic")
    options = {"align_corners": False, "antialias": bool(antialias)} if linear else {}

    def work(batch: Tensor) -> Tensor:
        out = F.interpolate(batch, size=tuple(size), mode=interpolation, **options)
        if interpolation == "bicubic" and not img.is_floating_point():
            out = out.clamp(0, max_value(img.dtype))
        return out

    return as_float_batch(img, work)


# ---- sampling at computed places -----------------------------------------------------
def _sample(img: Tensor, grid: Tensor, mode: str, fill) -> Tensor:
    """Values of ``img`` at ``grid`` (1, H, W, 2); ``fill`` outside of the image."""

    def work(batch: Tensor) -> Tensor:
        places = grid.to(batch.dtype).expand(batch.shape[0], *grid.shape[1:])
        options = {"mode": mode, "padding_mode": "zeros", "align_corners": False}
        if fill is None:
            return F.grid_sample(batch, places, **options)
        batch = torch.cat([batch, torch.ones_like(batch[:, :1])], dim=1)
        out = F.grid_sample(batch, places, **options)
        return _filled(out[:, :-1], out[:, -1:], mode, fill)

    return as_float_batch(img, work)


def _filled(img: Tensor, inside: Tensor, mode: str, fill) -> Tensor:
    color = (
        [float(v) for v in fill] if isinstance(fill, (tuple, list)) else [float(fill)]
    )
    color = torch.tensor(color, dtype=img.dtype, device=img.device).reshape(1, -1, 1, 1)
    if mode == "nearest":
        return torch.where(inside < 0.5, color, img)
    return img * inside + (1.0 - inside) * color


def _pixel_centres(width: int, height: int, device, dtype) -> Tensor:
    """(x, y, 1) of each pixel, from the centre: (height, width, 3)."""
    x = torch.arange(width, device=device, dtype=dtype) + (0.5 - 0.5 * width)
    y = torch.arange(height, device=device, dtype=dtype) + (0.5 - 0.5 * height)
    x = x[None, :].expand(height, width)
    y = y[:, None].expand(height, width)
    return torch.stack([x, y, torch.ones_like(x)], dim=-1)


def affine(img: Tensor, matrix, interpolation: str, fill=None, size=None) -> Tensor:
    """``matrix`` (2×3 in a row) maps places of the result, from the centre, to ours."""
    _check_sampled(interpolation)
    height, width = img.shape[-2:]
    new_width, new_height = size or (width, height)
    dtype = img.dtype if img.is_floating_point() else torch.float32
    theta = torch.tensor(matrix, dtype=dtype, device=img.device).reshape(2, 3)
    half = torch.tensor([0.5 * width, 0.5 * height], dtype=dtype, device=img.device)
    places = _pixel_centres(new_width, new_height, img.device, dtype)
    grid = places @ (theta.t() / half)
    return _sample(img, grid[None], interpolation, fill)


def _check_sampled(interpolation: str) -> None:
    if interpolation not in ("nearest", "bilinear"):
        raise ValueError(
            f"Resampling mode '{interpolation}' is unsupported with Tensor input"
        )


def rotate(img: Tensor, matrix, interpolation: str, expand=False, fill=None) -> Tensor:
    height, width = img.shape[-2:]
    size = rotated_size(matrix, width, height) if expand else (width, height)
    return affine(img, matrix, interpolation, fill, size)


def perspective(img: Tensor, coefficients, interpolation: str, fill=None) -> Tensor:
    """The eight coefficients map places of the result, in pixels, to the image's."""
    _check_sampled(interpolation)
    height, width = img.shape[-2:]
    dtype = img.dtype if img.is_floating_point() else torch.float32
    c = coefficients
    top = torch.tensor([c[0:3], c[3:6]], dtype=dtype, device=img.device)
    below = torch.tensor([[c[6], c[7], 1.0]], dtype=dtype, device=img.device)
    half = torch.tensor([0.5 * width, 0.5 * height], dtype=dtype, device=img.device)
    places = _pixel_centres(width, height, img.device, dtype)
    places = places + torch.cat([half, torch.zeros_like(half[:1])])
    grid = (places @ (top.t() / half)) / (places @ below.t()) - 1.0
    return _sample(img, grid[None], interpolation, fill)


def displaced(img: Tensor, displacement: Tensor, interpolation: str, fill) -> Tensor:
    """Each pixel from where ``displacement`` (1, H, W, 2) points, in [-1, 1]."""
    _check_sampled(interpolation)
    height, width = img.shape[-2:]
    dtype = img.dtype if img.is_floating_point() else torch.float32
    x = torch.linspace((-width + 1) / width, (width - 1) / width, width, dtype=dtype)
    y = torch.linspace(
        (-height + 1) / height, (height - 1) / height, height, dtype=dtype
    )
    x, y = x[None].expand(height, width), y[:, None].expand(height, width)
    grid = torch.stack([x, y], dim=-1)[None].to(img.device)
    return _sample(img, grid + displacement.to(grid), interpolation, fill)


# ---- filters -------------------------------------------------------------------------
def _gauss(size: int, sigma: float, like: Tensor) -> Tensor:
    half = (size - 1) * 0.5
    x = torch.linspace(-half, half, steps=size, dtype=like.dtype, device=like.device)
    weights = torch.exp(-0.5 * (x / sigma).pow(2))
    return weights / weights.sum()


def gaussian_blur(img: Tensor, kernel_size, sigma) -> Tensor:
    """Kernel sizes and standard deviations are (x, y), in pixels."""

    def work(batch: Tensor) -> Tensor:
        kx, ky = (_gauss(k, s, batch) for k, s in zip(kernel_size, sigma, strict=True))
        kernel = torch.mm(ky[:, None], kx[None, :])
        kernel = kernel.expand(batch.shape[-3], 1, *kernel.shape)
        x, y = kernel_size[0] // 2, kernel_size[1] // 2
        padded = F.pad(batch, [x, x, y, y], mode="reflect")
        return F.conv2d(padded, kernel, groups=batch.shape[-3])

    return as_float_batch(img, work)


def adjust_sharpness(img: Tensor, factor: float) -> Tensor:
    if img.shape[-1] <= 2 or img.shape[-2] <= 2:
        return img
    return blend(img, _smooth(img), factor)


def _smooth(img: Tensor) -> Tensor:
    """A 3×3 mean in which the middle counts five times; the border stays."""

    def work(batch: Tensor) -> Tensor:
        kernel = torch.ones((3, 3), dtype=batch.dtype, device=batch.device)
        kernel[1, 1] = 5.0
        kernel = (kernel / kernel.sum()).expand(batch.shape[-3], 1, 3, 3)
        inner = F.conv2d(batch, kernel, groups=batch.shape[-3])
        out = batch.clone()
        out[..., 1:-1, 1:-1] = inner
        return out

    return as_float_batch(img, work)
