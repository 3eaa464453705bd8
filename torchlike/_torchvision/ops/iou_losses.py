"""Losses from the overlap of boxes, row by row: ``boxes1[i]`` with ``boxes2[i]``."""

from __future__ import annotations

import math

import torchlike as torch
from torchlike import Tensor

from .focal_loss import reduced


def _wide(boxes: Tensor) -> Tensor:
    return boxes if boxes.dtype in (torch.float32, torch.float64) else boxes.float()


def _overlap(boxes1: Tensor, boxes2: Tensor) -> tuple[Tensor, Tensor]:
    """Intersections and unions, (N,) each."""
    low = torch.max(boxes1[:, :2], boxes2[:, :2])
    high = torch.min(boxes1[:, 2:], boxes2[:, 2:])
    size = (high - low).clamp(min=0)
    shared = size[:, 0] * size[:, 1]
    areas = [(b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]) for b in (boxes1, boxes2)]
    return shared, areas[0] + areas[1] - shared


def _around(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """Sizes of the enclosing boxes, (N, 2)."""
    low = torch.min(boxes1[:, :2], boxes2[:, :2])
    return torch.max(boxes1[:, 2:], boxes2[:, 2:]) - low


def generalized_box_iou_loss(
    boxes1: Tensor, boxes2: Tensor, reduction: str = "none", eps: float = 1e-7
) -> Tensor:
    """1 - GIoU (Rezatofighi et al. 2019)."""
    boxes1, boxes2 = _wide(boxes1), _wide(boxes2)
    shared, union = _overlap(boxes1, boxes2)
    size = _around(boxes1, boxes2)
    around = size[:, 0] * size[:, 1]
    giou = shared / (union + eps) - (around - union) / (around + eps)
    return reduced(1 - giou, reduction)


def _distance(boxes1: Tensor, boxes2: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    shared, union = _overlap(boxes1, boxes2)
    iou = shared / (union + eps)
    diagonal = (_around(boxes1, boxes2) ** 2).sum(-1) + eps
    apart = (boxes1[:, :2] + boxes1[:, 2:]) / 2 - (boxes2[:, :2] + boxes2[:, 2:]) / 2
    return 1 - iou + (apart**2).sum(-1) / diagonal, iou


def distance_box_iou_loss(
    boxes1: Tensor, boxes2: Tensor, reduction: str = "none", eps: float = 1e-7
) -> Tensor:
    """1 - DIoU (Zheng et al. 2020)."""
    loss, _ = _distance(_wide(boxes1), _wide(boxes2), eps)
    return reduced(loss, reduction)


def complete_box_iou_loss(
    boxes1: Tensor, boxes2: Tensor, reduction: str = "none", eps: float = 1e-7
) -> Tensor:
    """1 - CIoU (Zheng et al. 2020)."""
    boxes1, boxes2 = _wide(boxes1), _wide(boxes2)
    loss, iou = _distance(boxes1, boxes2, eps)
    angles = [
        torch.atan((b[:, 2] - b[:, 0]) / (b[:, 3] - b[:, 1])) for b in (boxes2, boxes1)
    ]
    v = (4 / math.pi**2) * (angles[0] - angles[1]) ** 2
    with torch.no_grad():
        alpha = v / (1 - iou + v + eps)
    return reduced(loss + alpha * v, reduction)
