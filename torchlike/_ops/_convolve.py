"""How a convolution is put to XLA. The choice of formulation is made here only."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .._engine import platform, tf32_convolutions
from ._compute import widen


def convolve(x, weight, stride, padding, dilation, groups: int, spread=None):
    """Correlate x with weight; ``spread`` puts that many steps between elements of x.

    **Shape** x (N, C, L…), weight (O, C / groups, K…), result (N, O, M…);
    ``padding`` has a (before, after) pair for each dimension.
    """
    dtype = x.dtype
    spread = spread or (1,) * len(stride)
    plain = all(s == 1 for s in spread)
    if platform() == "cuda":
        return _by_cudnn(x, weight, stride, padding, dilation, groups, spread)
    if _is_product(weight, padding, groups) and plain:
        return _product(widen(x), widen(weight), stride).astype(dtype)
    out = _channels_last(
        widen(x), widen(weight), stride, padding, dilation, groups, spread
    )
    return out.astype(dtype)


def _by_cudnn(x, weight, stride, padding, dilation, groups, spread):
    """Half precision as it is, float32 in TF32 where that is allowed."""
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


def _is_product(weight, padding, groups: int) -> bool:
    ones = all(k == 1 for k in weight.shape[2:])
    return ones and groups == 1 and not any(p for pair in padding for p in pair)


def _product(x, weight, stride):
    """A kernel of one element is a matrix product."""
    x = x[(..., *(slice(None, None, s) for s in stride))]
    matrix = weight.reshape(weight.shape[:2])
    out = lax.dot_general(x, matrix, (((1,), (1,)), ((), ())))
    return jnp.moveaxis(out, -1, 1)


_LAYOUTS = {1: "NHC", 2: "NHWC", 3: "NHWDC"}


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


def convolve_transposed(x, weight, stride, padding, output_padding, dilation, groups):
    """The transpose of ``convolve`` with respect to its input.

    **Shape** x (N, C, L…), weight (C, O / groups, K…), result (N, O, M…).
    """
    n = len(stride)
    rows, columns, *kernel = weight.shape
    flipped = jnp.flip(weight, tuple(range(2, 2 + n)))
    flipped = flipped.reshape(groups, rows // groups, columns, *kernel)
    flipped = jnp.swapaxes(flipped, 1, 2)
    flipped = flipped.reshape(groups * columns, rows // groups, *kernel)
    pairs = []
    for k, p, extra, d in zip(kernel, padding, output_padding, dilation, strict=True):
        full = d * (k - 1)
        pairs.append((full - p, full - p + extra))
    return convolve(x, flipped, (1,) * n, tuple(pairs), dilation, groups, stride)
