"""Contractions and convolutions in NumPy."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .rules import rule
from .structure import pad


def _wide(x):
    return x.astype(np.float32) if x.dtype.itemsize < 4 else x


@rule("dot_general")
def _dot_general(x, y, *, dimension_numbers, preferred_element_type=None, **_):
    (cx, cy), (bx, by) = dimension_numbers
    fx = [d for d in range(x.ndim) if d not in cx and d not in bx]
    fy = [d for d in range(y.ndim) if d not in cy and d not in by]
    batch = [x.shape[d] for d in bx]
    rows = [x.shape[d] for d in fx]
    columns = [y.shape[d] for d in fy]
    n = math.prod(x.shape[d] for d in cx)
    left = _wide(x).transpose(*bx, *fx, *cx).reshape(*batch, math.prod(rows), n)
    right = _wide(y).transpose(*by, *cy, *fy).reshape(*batch, n, math.prod(columns))
    return (left @ right).reshape((*batch, *rows, *columns))


@rule("conv_general_dilated")
def _conv(
    x,
    w,
    *,
    dimension_numbers,
    window_strides,
    padding,
    lhs_dilation,
    rhs_dilation,
    feature_group_count,
    batch_group_count,
    **_,
):
    spec = dimension_numbers
    x = _wide(x).transpose(spec.lhs_spec)  # (N, C, …)
    w = _wide(w).transpose(spec.rhs_spec)  # (O, C / groups, …)
    edges = [(lo, hi, d - 1) for (lo, hi), d in zip(padding, lhs_dilation, strict=True)]
    x = pad(x, np.zeros((), x.dtype), padding_config=[(0, 0, 0)] * 2 + edges)
    w = pad(
        w,
        np.zeros((), w.dtype),
        padding_config=[(0, 0, 0)] * 2 + [(0, 0, d - 1) for d in rhs_dilation],
    )
    spatial = tuple(range(2, x.ndim))
    views = sliding_window_view(x, w.shape[2:], spatial)
    views = views[
        (slice(None),) * 2 + tuple(slice(None, None, s) for s in window_strides)
    ]
    groups, axis = feature_group_count, 1
    if batch_group_count != 1:
        groups, axis = batch_group_count, 0
    parts = [
        _correlate(v, k)
        for v, k in zip(
            np.split(views, groups, axis), np.split(w, groups, 0), strict=True
        )
    ]
    return np.concatenate(parts, 1).transpose(np.argsort(spec.out_spec))


def _correlate(views, w):
    """Sum channel and window; ``views`` is (N, C, out…, window…)."""
    n = w.ndim - 2
    over = [1, *range(2 + n, 2 + 2 * n)]
    return np.moveaxis(np.tensordot(views, w, (over, [1, *range(2, 2 + n)])), -1, 1)
