"""Reductions, scans, sorts and windows in NumPy."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .rules import rule
from .structure import pad

_NARROW = ("float16", "bfloat16")


def _wide(x):
    """Half precisions are summed in float32, as XLA does."""
    return x.astype(np.float32) if x.dtype.name in _NARROW else x


def _lowest(dtype):
    if dtype == np.bool_:
        return False
    if dtype.kind in "iu":
        return np.iinfo(dtype).min
    return -np.inf


def _highest(dtype):
    if dtype == np.bool_:
        return True
    if dtype.kind in "iu":
        return np.iinfo(dtype).max
    return np.inf


# ----- reductions -----
@rule("reduce_sum")
def _sum(x, *, axes, **_):
    wide = _wide(x)
    return np.sum(wide, tuple(axes), dtype=wide.dtype)


@rule("reduce_prod")
def _prod(x, *, axes, **_):
    wide = _wide(x)
    return np.prod(wide, tuple(axes), dtype=wide.dtype)


@rule("reduce_max")
def _max(x, *, axes, **_):
    return np.max(x, tuple(axes), initial=_lowest(x.dtype))


@rule("reduce_min")
def _min(x, *, axes, **_):
    return np.min(x, tuple(axes), initial=_highest(x.dtype))


@rule("reduce_and")
def _and(x, *, axes, **_):
    return np.bitwise_and.reduce(x, tuple(axes))


@rule("reduce_or")
def _or(x, *, axes, **_):
    return np.bitwise_or.reduce(x, tuple(axes))


@rule("reduce_xor")
def _xor(x, *, axes, **_):
    return np.bitwise_xor.reduce(x, tuple(axes))


@rule("argmax")
def _argmax(x, *, axes, **_):
    return np.argmax(x, axes[0])


@rule("argmin")
def _argmin(x, *, axes, **_):
    return np.argmin(x, axes[0])


# ----- running reductions -----
def _running(accumulate):
    def run(x, *, axis, reverse, **_):
        wide = _wide(x)
        if not reverse:
            return accumulate(wide, axis)
        return np.flip(accumulate(np.flip(wide, axis), axis), axis)

    return run


rule("cumsum")(_running(lambda x, axis: np.cumsum(x, axis, dtype=x.dtype)))
rule("cumprod")(_running(lambda x, axis: np.cumprod(x, axis, dtype=x.dtype)))
rule("cummax")(_running(np.maximum.accumulate))
rule("cummin")(_running(np.minimum.accumulate))
rule("cumlogsumexp")(_running(np.logaddexp.accumulate))


# ----- order -----
@rule("sort")
def _sort(*arrays, dimension, num_keys, **_):
    if len(arrays) == 1:
        return (np.sort(arrays[0], dimension, kind="stable"),)
    if num_keys == 1:
        order = np.argsort(arrays[0], dimension, kind="stable")
    else:
        order = np.lexsort(arrays[num_keys - 1 :: -1], dimension)
    return tuple(np.take_along_axis(a, order, dimension) for a in arrays)


@rule("top_k")
def _top_k(x, *, k, axis=-1, **_):
    flipped = np.flip(x, axis)
    n = x.shape[axis]
    # Equal values: the first one first, hence the flips around a stable sort.
    order = n - 1 - np.flip(np.argsort(flipped, axis, kind="stable"), axis)
    order = np.take(order, np.arange(k), axis)
    return np.take_along_axis(x, order, axis), order


# ----- windows -----
def _windows(x, fill, window, strides, padding, base, dilation):
    """View of ``x`` with the window dimensions last."""
    config = [(lo, hi, b - 1) for (lo, hi), b in zip(padding, base, strict=True)]
    x = pad(x, np.asarray(fill, x.dtype), padding_config=config)
    reach = [(w - 1) * d + 1 for w, d in zip(window, dilation, strict=True)]
    views = sliding_window_view(x, reach)
    outer = tuple(slice(None, None, s) for s in strides)
    inner = tuple(slice(None, None, d) for d in dilation)
    return views[outer + inner]


def _window_rule(fill, reduce):
    def run(
        x,
        *,
        window_dimensions,
        window_strides,
        padding,
        base_dilation,
        window_dilation,
        **_,
    ):
        views = _windows(
            _wide(x),
            fill(x.dtype),
            window_dimensions,
            window_strides,
            padding,
            base_dilation,
            window_dilation,
        )
        return reduce(views, tuple(range(x.ndim, 2 * x.ndim)))

    return run


rule("reduce_window_sum")(_window_rule(lambda t: 0, np.sum))
rule("reduce_window_max")(_window_rule(_lowest, np.max))
rule("reduce_window_min")(_window_rule(_highest, np.min))
