"""How a convolution is put to XLA. The choice of formulation is made here only."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import lax

from .. import _kernels
from .._engine import platform, tf32_convolutions
from ._compute import widen
from ._conv_primitives import MAX_TAPS, convolution, convolution_input


def convolve(x, weight, stride, padding, dilation, groups: int):
    """Correlate x with weight.

    **Shape** x (N, C, L…), weight (O, C / groups, K…), result (N, O, M…);
    ``padding`` has a (before, after) pair for each dimension.
    """
    dtype = x.dtype
    if _is_product(weight, padding, groups) and platform() != "cuda":
        return _product(widen(x), widen(weight), stride).astype(dtype)
    x, weight = _computed(x), _computed(weight)
    sizes = [
        (length + sum(pair) - d * (k - 1) - 1) // s + 1
        for length, pair, k, s, d in zip(
            x.shape[2:], padding, weight.shape[2:], stride, dilation, strict=True
        )
    ]
    shape = (x.shape[0], weight.shape[0], *sizes)
    if _is_ours(x, weight, shape, groups):
        before = [low for low, _ in padding]
        out = _ours(convolution, x, weight, shape, stride, before, dilation, groups)
    else:
        out = _xla(x, weight, stride, padding, dilation, groups)
    return out.astype(dtype)


def convolve_transposed(x, weight, stride, padding, output_padding, dilation, groups):
    """The transpose of ``convolve`` with respect to its input.

    **Shape** x (N, C, L…), weight (C, O / groups, K…), result (N, O, M…).
    """
    dtype = x.dtype
    x, weight = _computed(x), _computed(weight)
    pairs, sizes = [], []
    for i, k in enumerate(weight.shape[2:]):
        full = dilation[i] * (k - 1)
        pairs.append((full - padding[i], full - padding[i] + output_padding[i]))
        sizes.append((x.shape[2 + i] - 1) * stride[i] + 1 + sum(pairs[i]) - full)
    shape = (x.shape[0], weight.shape[1] * groups, *sizes)
    if _is_ours(x, weight, shape, groups):
        out = _ours(
            convolution_input, x, weight, shape, stride, padding, dilation, groups
        )
    else:
        turned, ones = _turned(weight, groups), (1,) * len(stride)
        out = _xla(x, turned, ones, tuple(pairs), dilation, groups, stride)
    return out.astype(dtype)


def _computed(x):
    """Half precision is computed in float32 on CPUs; GPUs have units of their own."""
    return x if platform() == "cuda" else widen(x)


# A matrix product


def _is_product(weight, padding, groups: int) -> bool:
    ones = all(k == 1 for k in weight.shape[2:])
    return ones and groups == 1 and not any(p for pair in padding for p in pair)


def _product(x, weight, stride):
    """A kernel of one element is a matrix product."""
    x = x[(..., *(slice(None, None, s) for s in stride))]
    matrix = weight.reshape(weight.shape[:2])
    out = lax.dot_general(x, matrix, (((1,), (1,)), ((), ())))
    return jnp.moveaxis(out, -1, 1)


# Our own functions (on CPUs)


def _is_ours(x, weight, shape, groups: int) -> bool:
    """Where they are built, and quicker than XLA's: see docs/kernels.md."""
    arrays = (x.shape, weight.shape, shape)
    return (
        _kernels.available
        and platform() != "cuda"
        and x.ndim in (3, 4)
        and x.dtype == weight.dtype == jnp.float32
        and all(0 < math.prod(sizes) < 2**31 for sizes in arrays)
        and math.prod(weight.shape[2:]) <= MAX_TAPS
        and (groups == 1 or min(x.shape[1], shape[1]) >= 4 * groups)
    )


def _ours(function, x, weight, shape, stride, before, dilation, groups: int):
    """One dimension is two, of which the first has one element."""
    flat = x.ndim == 3
    if flat:
        x, weight, shape = x[:, :, None], weight[:, :, None], (*shape[:2], 1, shape[2])
        stride, before, dilation = (1, *stride), (0, *before), (1, *dilation)
    out = function(
        x,
        weight,
        stride=tuple(stride),
        before=tuple(before),
        dilation=tuple(dilation),
        groups=groups,
        shape=shape,
    )
    return out[:, :, 0] if flat else out


# XLA's convolution

_LAYOUTS = {1: "NHC", 2: "NHWC", 3: "NHWDC"}


def _xla(x, weight, stride, padding, dilation, groups: int, spread=None):
    """``spread`` puts that many steps between elements of x."""
    spread = spread or (1,) * len(stride)
    if platform() != "cuda":
        return _channels_last(x, weight, stride, padding, dilation, groups, spread)
    precision = lax.Precision.DEFAULT if tf32_convolutions() else lax.Precision.HIGHEST
    return lax.conv_general_dilated(
        x,
        weight,
        stride,
        padding,
        lhs_dilation=spread,
        rhs_dilation=dilation,
        feature_group_count=groups,
        precision=precision,
    )


def _channels_last(x, weight, stride, padding, dilation, groups, spread):
    """XLA:CPU convolves channels last; it does so faster when told in that layout."""
    layout = _LAYOUTS[len(stride)]
    kernel = layout[1:-1] + "IO"
    out = lax.conv_general_dilated(
        jnp.moveaxis(x, 1, -1),
        jnp.moveaxis(weight, (0, 1), (-1, -2)),
        stride,
        padding,
        lhs_dilation=spread,
        rhs_dilation=dilation,
        dimension_numbers=(layout, kernel, layout),
        feature_group_count=groups,
    )
    return jnp.moveaxis(out, -1, 1)


def _turned(weight, groups: int):
    """The weight with which a convolution is the transpose of that with ``weight``."""
    rows, columns, *kernel = weight.shape
    flipped = jnp.flip(weight, tuple(range(2, weight.ndim)))
    flipped = flipped.reshape(groups, rows // groups, columns, *kernel)
    flipped = jnp.swapaxes(flipped, 1, 2)
    return flipped.reshape(groups * columns, rows // groups, *kernel)
