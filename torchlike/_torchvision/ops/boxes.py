"""Boxes: areas, overlaps, conversions, and the choice among overlapping ones.

A box is a row ``(x1, y1, x2, y2)`` in pixels with ``x1 <= x2`` and ``y1 <= y2``.
"""

from __future__ import annotations

import math

import numpy as np

import torchlike as torch
from torchlike import Tensor


def _upcast(boxes: Tensor) -> Tensor:
    """Areas of half-precision and integer boxes are computed in wider types."""
    if boxes.is_floating_point():
        wide = boxes.dtype in (torch.float32, torch.float64)
        return boxes if wide else boxes.float()
    return boxes if boxes.dtype in (torch.int32, torch.int64) else boxes.int()


def _width_height(boxes: Tensor) -> tuple[Tensor, Tensor]:
    return boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]


def box_area(boxes: Tensor) -> Tensor:
    """Areas of boxes (N, 4), in square pixels."""
    width, height = _width_height(_upcast(boxes))
    return width * height


def _intersection_union(boxes1: Tensor, boxes2: Tensor) -> tuple[Tensor, Tensor]:
    areas1, areas2 = box_area(boxes1), box_area(boxes2)
    low = torch.max(boxes1[:, None, :2], boxes2[:, :2])  # (N, M, 2)
    high = torch.min(boxes1[:, None, 2:], boxes2[:, 2:])
    size = _upcast(high - low).clamp(min=0)
    shared = size[:, :, 0] * size[:, :, 1]
    return shared, areas1[:, None] + areas2 - shared


def box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Intersection over union of each pair: (N, 4), (M, 4) -> (N, M)."""
    shared, union = _intersection_union(boxes1, boxes2)
    return shared / union


def _enclosing(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Widths and heights of the boxes around each pair, (N, M, 2)."""
    low = torch.min(boxes1[:, None, :2], boxes2[:, :2])
    high = torch.max(boxes1[:, None, 2:], boxes2[:, 2:])
    return _upcast(high - low).clamp(min=0)


def generalized_box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """IoU less the share of the enclosing box that neither covers.

    Source: Rezatofighi et al. 2019.
    """
    shared, union = _intersection_union(boxes1, boxes2)
    size = _enclosing(boxes1, boxes2)
    around = size[:, :, 0] * size[:, :, 1]
    return shared / union - (around - union) / around


def distance_box_iou(boxes1: Tensor, boxes2: Tensor, eps: float = 1e-7) -> Tensor:
    """IoU less the squared distance of the centres over the enclosing diagonal's.

    Source: Zheng et al. 2020.
    """
    return _distance_iou(_upcast(boxes1), _upcast(boxes2), eps)[0]


def _distance_iou(boxes1: Tensor, boxes2: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    iou = box_iou(boxes1, boxes2)
    diagonal = (_enclosing(boxes1, boxes2) ** 2).sum(-1) + eps
    centres1 = (boxes1[:, :2] + boxes1[:, 2:]) / 2
    centres2 = (boxes2[:, :2] + boxes2[:, 2:]) / 2
    distance = (_upcast(centres1[:, None] - centres2[None]) ** 2).sum(-1)
    return iou - distance / diagonal, iou


def complete_box_iou(boxes1: Tensor, boxes2: Tensor, eps: float = 1e-7) -> Tensor:
    """Distance IoU less a term for different aspect ratios (Zheng et al. 2020)."""
    boxes1, boxes2 = _upcast(boxes1), _upcast(boxes2)
    distance_iou, iou = _distance_iou(boxes1, boxes2, eps)
    angle1, angle2 = (
        torch.atan(w / h) for w, h in map(_width_height, (boxes1, boxes2))
    )
    v = (4 / math.pi**2) * (angle1[:, None] - angle2) ** 2
    with torch.no_grad():
        alpha = v / (1 - iou + v + eps)
    return distance_iou - alpha * v


def _ends(boxes: Tensor, in_fmt: str) -> Tensor:
    if in_fmt == "xyxy":
        return boxes
    first, second, a, b = boxes.unbind(-1)
    if in_fmt == "xywh":
        return torch.stack((first, second, first + a, second + b), dim=-1)
    return torch.stack(
        (first - 0.5 * a, second - 0.5 * b, first + 0.5 * a, second + 0.5 * b), dim=-1
    )


def box_convert(boxes: Tensor, in_fmt: str, out_fmt: str) -> Tensor:
    """Convert between ``xyxy``, ``xywh`` and ``cxcywh`` (centre and size)."""
    allowed = ("xyxy", "xywh", "cxcywh")
    if in_fmt not in allowed or out_fmt not in allowed:
        raise ValueError(
            f"Unsupported Bounding Box Conversions for given in_fmt {in_fmt} "
            f"and out_fmt {out_fmt}"
        )
    if in_fmt == out_fmt:
        return boxes.clone()
    ends = _ends(boxes, in_fmt)
    if out_fmt == "xyxy":
        return ends
    x1, y1, x2, y2 = ends.unbind(-1)
    width, height = x2 - x1, y2 - y1
    if out_fmt == "xywh":
        return torch.stack((x1, y1, width, height), dim=-1)
    return torch.stack(((x1 + x2) / 2, (y1 + y2) / 2, width, height), dim=-1)


def clip_boxes_to_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut boxes at the borders of an image of ``size`` (height, width)."""
    height, width = size
    x = boxes[..., 0::2].clamp(min=0, max=width)
    y = boxes[..., 1::2].clamp(min=0, max=height)
    return torch.stack((x, y), dim=boxes.dim()).reshape(boxes.shape)


def remove_small_boxes(boxes: Tensor, min_size: float) -> Tensor:
    """Indices of the boxes whose sides are both at least ``min_size``."""
    width, height = _width_height(boxes)
    return torch.where((width >= min_size) & (height >= min_size))[0]


def masks_to_boxes(masks: Tensor) -> Tensor:
    """The boxes around masks (N, H, W), float, (N, 4)."""
    if masks.numel() == 0:
        return torch.zeros((0, 4), device=masks.device, dtype=torch.float)
    found = torch.zeros((masks.shape[0], 4), device=masks.device, dtype=torch.float)
    for index, mask in enumerate(masks):
        y, x = torch.where(mask != 0)
        found[index] = torch.stack((x.min(), y.min(), x.max(), y.max())).float()
    return found


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """Non-maximum suppression: of boxes that overlap more than this, the best.

    Shape: boxes (N, 4), scores (N,) -> int64 indices, by falling score. How many there
    are depends on the values, so it runs on the host.
    """
    _check_nms(boxes, scores)
    corners, order = boxes.detach().cpu().numpy(), (-scores.detach()).cpu().numpy()
    order = np.argsort(order, kind="stable")
    kept = _suppress(corners, order, iou_threshold)
    return torch.tensor(kept, dtype=torch.int64, device=boxes.device)


def _check_nms(boxes: Tensor, scores: Tensor) -> None:
    if boxes.dim() != 2:
        raise RuntimeError(f"boxes should be a 2d tensor, got {boxes.dim()}D")
    if boxes.size(1) != 4:
        raise RuntimeError(
            f"boxes should have 4 elements in dimension 1, got {boxes.size(1)}"
        )
    if scores.dim() != 1:
        raise RuntimeError(f"scores should be a 1d tensor, got {scores.dim()}D")
    if boxes.size(0) != scores.size(0):
        raise RuntimeError(
            "boxes and scores should have same number of elements in dimension 0, "
            f"got {boxes.size(0)} and {scores.size(0)}"
        )


def _suppress(boxes: np.ndarray, order: np.ndarray, threshold: float) -> list[int]:
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept = []
    while order.size:
        best, order = order[0], order[1:]
        kept.append(int(best))
        low = np.maximum(boxes[best, :2], boxes[order, :2])
        size = np.maximum(np.minimum(boxes[best, 2:], boxes[order, 2:]) - low, 0)
        shared = size[:, 0] * size[:, 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            overlap = shared / (areas[best] + areas[order] - shared)
        order = order[~(overlap > threshold)]
    return kept


def batched_nms(
    boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float
) -> Tensor:
    """:func:`nms` within each category of ``idxs`` (N,) apart."""
    if boxes.numel() == 0:
        return torch.empty((0,), dtype=torch.int64, device=boxes.device)
    # Far apart, boxes of different categories cannot overlap.
    offsets = idxs.to(boxes) * (boxes.max() + torch.tensor(1).to(boxes))
    return nms(boxes + offsets[:, None], scores, iou_threshold)
