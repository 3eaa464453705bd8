"""Regions of interest: fixed-size patches cut out of feature maps."""

from __future__ import annotations

import math

import torchlike as torch
from torchlike import Tensor, nn


def _regions(boxes) -> Tensor:
    """Rows (image, x1, y1, x2, y2), (K, 5), from that or a list of (L, 4) per image."""
    if isinstance(boxes, Tensor):
        if boxes.dim() != 2 or boxes.size(1) != 5:
            raise ValueError("The boxes tensor shape is not correct as Tensor[K, 5]")
        return boxes
    rows = []
    for index, own in enumerate(boxes):
        if own.dim() != 2 or own.size(1) != 4:
            raise ValueError(
                "The shape of the tensor in the boxes list is not correct as "
                "List[Tensor[L, 4]]"
            )
        image = torch.full_like(own[:, :1], index)
        rows.append(torch.cat([image, own], dim=1))
    return torch.cat(rows, dim=0)


def _pair(size) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else tuple(size)


def _bilinear(maps: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """Values of maps (K, C, H, W) at y (K, P) and x (K, Q): (K, C, P, Q).

    Outside by more than a pixel is 0; within that pixel is the border.
    """
    rows, columns = (
        _weights(at, n) for at, n in ((y, maps.shape[2]), (x, maps.shape[3]))
    )
    return torch.einsum("kph,kchw,kqw->kcpq", rows, maps, columns)


def _weights(at: Tensor, size: int) -> Tensor:
    """Interpolation weights of ``size`` pixels for the places ``at``: (K, P, size)."""
    inside = (at >= -1) & (at <= size)
    at = at.clamp(0, size - 1)
    pixels = torch.arange(size, dtype=at.dtype, device=at.device)
    weights = (1 - (at[..., None] - pixels).abs()).clamp(min=0)
    return weights * inside[..., None]


def roi_align(
    input: Tensor,
    boxes,
    output_size,
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
) -> Tensor:
    """Averages of interpolated samples in the bins of each box.

    Shape: input (N, C, H, W), boxes (K, 5) or N tensors (L, 4) -> (K, C, h, w).
    Source: He et al. 2017, Mask R-CNN.
    """
    boxes, (height, width) = _regions(boxes), _pair(output_size)
    if boxes.shape[0] == 0:
        return input.new_zeros((0, input.shape[1], height, width))
    ends = boxes[:, 1:] * spatial_scale - (0.5 if aligned else 0.0)
    low, size = ends[:, :2], ends[:, 2:] - ends[:, :2]
    if not aligned:
        size = size.clamp(min=1.0)
    if sampling_ratio > 0:
        return _aligned(input, boxes, low, size, (height, width), [sampling_ratio] * 2)
    # The number of samples follows each box's size: box by box, known on the host.
    counts = [
        [
            max(math.ceil(side / bins), 1)
            for side, bins in zip(box, (width, height), strict=True)
        ]
        for box in size.tolist()
    ]
    parts = [
        _aligned(input, boxes[k, None], low[k, None], size[k, None], (height, width), n)
        for k, n in enumerate(counts)
    ]
    return torch.cat(parts)


def _aligned(input, boxes, low, size, bins, counts) -> Tensor:
    height, width = bins
    maps = input[boxes[:, 0].long()]
    x = _samples(low[:, 0], size[:, 0], width, counts[0])
    y = _samples(low[:, 1], size[:, 1], height, counts[1])
    found = _bilinear(maps, y, x)
    k, c = found.shape[:2]
    return found.reshape(k, c, height, counts[1], width, counts[0]).mean((3, 5))


def _samples(low: Tensor, size: Tensor, bins: int, count: int) -> Tensor:
    """Where the samples lie: ``count`` in each of ``bins``, (K, bins * count)."""
    steps = torch.arange(bins * count, dtype=low.dtype, device=low.device) + 0.5
    return low[:, None] + steps * (size / (bins * count))[:, None]


def roi_pool(input: Tensor, boxes, output_size, spatial_scale: float = 1.0) -> Tensor:
    """Largest values in the bins of each box, whose ends are rounded to pixels.

    Shape: input (N, C, H, W), boxes (K, 5) or N tensors (L, 4) -> (K, C, h, w).
    """
    boxes, bins = _regions(boxes), _pair(output_size)
    parts = [_pooled(input, row, bins, spatial_scale) for row in boxes.tolist()]
    if not parts:
        return input.new_zeros((0, input.shape[1], *bins))
    return torch.stack(parts)


def _rounded(value: float) -> int:
    """To the nearest, halves away from zero, as C's ``round``."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def _pooled(input: Tensor, row: list[float], bins, scale: float) -> Tensor:
    image, x1, y1, x2, y2 = int(row[0]), *(_rounded(v * scale) for v in row[1:])
    maps = input[image]
    rows = _cuts(y1, y2, bins[0], maps.shape[1])
    columns = _cuts(x1, x2, bins[1], maps.shape[2])
    zero = maps.new_zeros(maps.shape[0])
    cells = [
        maps[:, a:b, c:d].amax((1, 2)) if a < b and c < d else zero
        for a, b in rows
        for c, d in columns
    ]
    return torch.stack(cells, dim=1).reshape(-1, *bins)


def _cuts(first: int, last: int, bins: int, size: int) -> list[tuple[int, int]]:
    step = max(last - first + 1, 1) / bins
    return [
        (
            min(max(math.floor(i * step) + first, 0), size),
            min(max(math.ceil((i + 1) * step) + first, 0), size),
        )
        for i in range(bins)
    ]


class RoIAlign(nn.Module):
    """:func:`roi_align` as a module."""

    def __init__(
        self, output_size, spatial_scale: float, sampling_ratio: int,
        aligned: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.output_size = output_size
        self.spatial_scale = spatial_scale
        self.sampling_ratio = sampling_ratio
        self.aligned = aligned

    def forward(self, input: Tensor, rois) -> Tensor:
        return roi_align(
            input,
            rois,
            self.output_size,
            self.spatial_scale,
            self.sampling_ratio,
            self.aligned,
        )

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}(output_size={self.output_size}, "
            f"spatial_scale={self.spatial_scale}, "
            f"sampling_ratio={self.sampling_ratio}, aligned={self.aligned})"
        )


class RoIPool(nn.Module):
    """:func:`roi_pool` as a module."""

    def __init__(self, output_size, spatial_scale: float) -> None:
        super().__init__()
        self.output_size = output_size
        self.spatial_scale = spatial_scale

    def forward(self, input: Tensor, rois) -> Tensor:
        return roi_pool(input, rois, self.output_size, self.spatial_scale)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}(output_size={self.output_size}, "
            f"spatial_scale={self.spatial_scale})"
        )
