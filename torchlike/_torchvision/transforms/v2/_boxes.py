"""What geometry does to boxes, in corners (x1, y1, x2, y2) of pixels."""

from __future__ import annotations

import torchlike as torch
from torchlike import Tensor

from ...ops.boxes import box_convert, clip_boxes_to_image
from ...tv_tensors import BoundingBoxes, wrap
from .. import functional as v1
from .._geometry import (
    borders,
    inverse_affine,
    perspective_coefficients,
    resized,
    rotated_size,
)


def corners(boxes: BoundingBoxes) -> Tensor:
    """The corners, as floats if the boxes are floats."""
    plain = boxes.as_subclass(Tensor)
    return box_convert(plain, boxes.format.value.lower(), "xyxy")


def rewrapped(ends: Tensor, boxes: BoundingBoxes, size=None, clamp=False):
    """Corners in the format and type of ``boxes``, on a canvas of ``size``."""
    size = tuple(size or boxes.canvas_size)
    ends = clip_boxes_to_image(ends, size) if clamp else ends
    values = box_convert(ends, "xyxy", boxes.format.value.lower())
    return wrap(values.to(boxes.dtype), like=boxes, canvas_size=size)


def hflip(boxes):
    x1, y1, x2, y2 = corners(boxes).unbind(-1)
    width = boxes.canvas_size[1]
    return rewrapped(torch.stack([width - x2, y1, width - x1, y2], -1), boxes)


def vflip(boxes):
    x1, y1, x2, y2 = corners(boxes).unbind(-1)
    height = boxes.canvas_size[0]
    return rewrapped(torch.stack([x1, height - y2, x2, height - y1], -1), boxes)


def resize(boxes, size, interpolation=None, max_size=None, antialias=True):
    height, width = boxes.canvas_size
    sizes = [size] if isinstance(size, int) else list(size)
    new = resized(sizes, (height, width), max_size)
    ratio = torch.tensor([new[1] / width, new[0] / height] * 2, device=boxes.device)
    return rewrapped(corners(boxes) * ratio, boxes, new)


def _moved(boxes, x: int, y: int, size):
    step = torch.tensor([x, y, x, y], device=boxes.device)
    return rewrapped(corners(boxes) + step, boxes, size, clamp=True)


def crop(boxes, top: int, left: int, height: int, width: int):
    return _moved(boxes, -left, -top, (height, width))


def center_crop(boxes, output_size):
    size = [output_size] * 2 if isinstance(output_size, int) else list(output_size)
    new_height, new_width = size * 2 if len(size) == 1 else size
    height, width = boxes.canvas_size
    top, left = (
        int(round((a - b) / 2.0)) for a, b in ((height, new_height), (width, new_width))
    )
    return _moved(boxes, -left, -top, (new_height, new_width))


def pad(boxes, padding, fill=None, padding_mode: str = "constant"):
    if padding_mode != "constant":
        raise ValueError(
            f"Padding mode '{padding_mode}' is not supported with bounding boxes"
        )
    left, top, right, bottom = borders(padding)
    height, width = boxes.canvas_size
    return _moved(boxes, left, top, (height + top + bottom, width + left + right))


def resized_crop(boxes, top, left, height, width, size, *args, **kwargs):
    return resize(crop(boxes, top, left, height, width), size)


def _through(boxes, place, size=None):
    """The box around where ``place`` (points (N, 4, 2) to points) puts the corners."""
    ends = corners(boxes).to(torch.float32)
    points = ends[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    points = place(points)
    around = torch.cat([points.amin(1), points.amax(1)], -1)
    return rewrapped(around, boxes, size, clamp=True)


def _by_matrix(boxes, inverse: list[float], new_size=None):
    """Points by the inverse of ``inverse``, both measured from the middle."""
    a, b, c, d, e, f = inverse
    scale = a * e - b * d
    height, width = boxes.canvas_size
    new_height, new_width = new_size or (height, width)

    def place(points: Tensor) -> Tensor:
        x, y = points[..., 0] - 0.5 * width - c, points[..., 1] - 0.5 * height - f
        moved = [(e * x - b * y) / scale, (a * y - d * x) / scale]
        shift = torch.tensor([0.5 * new_width, 0.5 * new_height], device=boxes.device)
        return torch.stack(moved, -1) + shift

    # `inverse` takes results to sources with the shift c, f outside of the product.
    return _through(boxes, place, new_size)


def _from_middle(boxes, center) -> list[float]:
    height, width = boxes.canvas_size
    return (
        [0.0, 0.0]
        if center is None
        else [center[0] - 0.5 * width, center[1] - 0.5 * height]
    )


def rotate(boxes, angle, interpolation=None, expand=False, center=None, fill=None):
    inverse = inverse_affine(_from_middle(boxes, center), -angle, [0, 0], 1.0, [0, 0])
    height, width = boxes.canvas_size
    size = rotated_size(inverse, width, height)[::-1] if expand else None
    return _by_matrix(boxes, inverse, size)


def affine(
    boxes, angle, translate, scale, shear, interpolation=None, fill=None, center=None
):
    shear = v1._checked_affine(angle, translate, scale, shear)
    inverse = inverse_affine(
        _from_middle(boxes, center), angle, translate, scale, shear
    )
    return _by_matrix(boxes, inverse)


def perspective(boxes, startpoints, endpoints, interpolation=None, fill=None):
    a, b, c, d, e, f, g, h = perspective_coefficients(endpoints, startpoints)

    def place(points: Tensor) -> Tensor:
        x, y = points[..., 0], points[..., 1]
        below = g * x + h * y + 1.0
        return torch.stack(
            [(a * x + b * y + c) / below, (d * x + e * y + f) / below], -1
        )

    return _through(boxes, place)
