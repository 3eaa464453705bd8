"""The order in which PyTorch fills a tensor: that of its memory, not of its indices.

A transposed view is filled column by column, so the same numbers land elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..autograd.variable import TensorBase
from . import geometry


def memory_order(tensor: TensorBase) -> tuple[int, ...] | None:
    """The dimensions from the outermost in memory to the innermost; None if as is."""
    if tensor._view is None:
        return None
    where = geometry.geometry(tensor)
    if where is None:
        return None
    dims = list(range(len(where.shape)))
    for i in range(1, len(dims)):
        for j in range(i, 0, -1):
            swap = _is_inside(where, dims[j - 1], dims[j])
            if swap is False:
                break
            if swap:
                dims[j - 1], dims[j] = dims[j], dims[j - 1]
    return None if dims == sorted(dims) else tuple(dims)


def _is_inside(where, outer: int, inner: int) -> bool | None:
    """Whether the dimension placed outside belongs inside; None if it is open."""
    first, second = where.strides[outer], where.strides[inner]
    if 0 in (first, second) or 1 in (where.shape[outer], where.shape[inner]):
        return None
    return first < second


def is_contiguous(tensor: TensorBase) -> bool:
    return tensor._view is None or geometry.is_contiguous(tensor)


def in_order(
    make: Callable[[tuple], np.ndarray], shape: tuple[int, ...], order
) -> np.ndarray:
    """``make(shape)`` with the dimensions filled in ``order``."""
    if order is None:
        return make(shape)
    drawn = make(tuple(shape[d] for d in order))
    return np.ascontiguousarray(drawn.transpose(np.argsort(order)))
