"""Sizes, borders and matrices that images of both kinds share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def resized(
    size: Sequence[int], image: tuple[int, int], max_size: int | None = None
) -> tuple[int, int]:
    """(height, width) after a resize of an ``image`` of (height, width).

    One number is for the shorter side; the longer follows, but not above ``max_size``.
    """
    if len(size) == 2:
        return size[0], size[1]
    height, width = image
    short, long = min(height, width), max(height, width)
    new_short, new_long = size[0], int(size[0] * long / short)
    if max_size is not None:
        if max_size <= size[0]:
            raise ValueError(
                f"max_size = {max_size} must be strictly greater than the requested "
                f"size for the smaller edge size = {size[0]}"
            )
        if new_long > max_size:
            new_short, new_long = int(max_size * new_short / new_long), max_size
    return (new_long, new_short) if width <= height else (new_short, new_long)


def borders(padding) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) from one, two or four numbers."""
    if isinstance(padding, int):
        return (padding,) * 4
    if len(padding) == 1:
        return (padding[0],) * 4
    if len(padding) == 2:
        return (padding[0], padding[1]) * 2
    if len(padding) == 4:
        return tuple(padding)
    raise ValueError(
        "Padding must be an int or a 1, 2, or 4 element tuple, not a "
        f"{len(padding)} element tuple"
    )


def inverse_affine(
    center: Sequence[float],
    angle: float,
    translate: Sequence[float],
    scale: float,
    shear: Sequence[float],
) -> list[float]:
    """The matrix, 2×3 in a row, from places in the result to places in the image.

    The map is: centre to the origin, shear, rotate (degrees), scale, back, translate.
    """
    rot, sx, sy = (math.radians(v) for v in (angle, *shear))
    (cx, cy), (tx, ty) = center, translate
    a = math.cos(rot - sy) / math.cos(sy)
    b = -math.cos(rot - sy) * math.tan(sx) / math.cos(sy) - math.sin(rot)
    c = math.sin(rot - sy) / math.cos(sy)
    d = -math.sin(rot - sy) * math.tan(sx) / math.cos(sy) + math.cos(rot)
    # The shear and rotation have determinant 1: their inverse is this.
    m = [v / scale for v in (d, -b, 0.0, -c, a, 0.0)]
    m[2] = m[0] * (-cx - tx) + m[1] * (-cy - ty) + cx
    m[5] = m[3] * (-cx - tx) + m[4] * (-cy - ty) + cy
    return m


def perspective_coefficients(startpoints, endpoints) -> list[float]:
    """The eight numbers that map ``endpoints`` back to ``startpoints``."""
    rows = []
    for (x, y), (u, v) in zip(endpoints, startpoints, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    wanted = np.asarray(startpoints, dtype=np.float64).reshape(8)
    found = np.linalg.lstsq(np.asarray(rows, dtype=np.float64), wanted, rcond=None)[0]
    return found.astype(np.float32).tolist()


def rotated_size(matrix: Sequence[float], width: int, height: int) -> tuple[int, int]:
    """(width, height) that hold the whole image after a rotation about its centre."""
    half = (0.5 * width, 0.5 * height)
    corners = np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]]) * half
    m = np.asarray(matrix).reshape(2, 3)
    placed = corners @ m[:, :2].T + m[:, 2]
    # In between two pixels by rounding alone is no pixel more.
    low = np.trunc((placed.min(0) + half) * 1e4) / 1e4
    high = np.trunc((placed.max(0) + half) * 1e4) / 1e4
    size = np.ceil(high) - np.floor(low)
    return int(size[0]), int(size[1])
