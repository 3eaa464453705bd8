"""Products of float8 matrices, scaled as a whole or by rows and columns."""

from __future__ import annotations

import enum

import jax.numpy as jnp

from .. import _dtypes
from ._op import Array, Dtype, composite, op


class ScalingType(enum.Enum):
    """How many elements share a scale."""

    TensorWise = 0
    RowWise = 1
    BlockWise1x16 = 2
    BlockWise1x32 = 3
    BlockWise1x128 = 4
    BlockWise128x128 = 5


class SwizzleType(enum.Enum):
    """How the scales lie in memory."""

    NO_SWIZZLE = 0
    SWIZZLE_32_4_4 = 1


@op(name="scaled_mm", scope=None, method=False, differentiable=False)
def _scaled(
    mat_a: Array,
    mat_b: Array,
    scale_a: Array,
    scale_b: Array,
    bias: Array | None,
    dtype: Dtype,
) -> Array:
    """(a @ b) · scale_a · scale_b + bias, accumulated in float32."""
    a, b = mat_a.astype(jnp.float32), mat_b.astype(jnp.float32)
    out = a @ b * scale_a * scale_b
    if bias is not None:
        out = out + bias.astype(jnp.float32)
    return out.astype(dtype.numpy_dtype)


def _only(x):
    """The scale (or recipe, …) of a list of one."""
    return x[0] if isinstance(x, (tuple, list)) and len(x) == 1 else x


@composite(scope="nn.functional")
def scaled_mm(
    mat_a,
    mat_b,
    scale_a,
    scale_recipe_a,
    scale_b,
    scale_recipe_b,
    swizzle_a=None,
    swizzle_b=None,
    bias=None,
    output_dtype=_dtypes.bfloat16,
    contraction_dim=(),
    use_fast_accum=False,
):
    """The product of two matrices of float8 with a scale for each.

    **Shape** mat_a (m, k), mat_b (k, n); scales () or, by rows, (m, 1) and (1, n).
    """
    recipes = [_only(r) for r in (scale_recipe_a, scale_recipe_b)]
    plain = (ScalingType.TensorWise, ScalingType.RowWise)
    swizzles = {_only(s) for s in (swizzle_a, swizzle_b)}
    if not set(recipes) <= set(plain) or swizzles - {None, SwizzleType.NO_SWIZZLE}:
        raise NotImplementedError("scaled_mm: scales of blocks (docs/differences.md)")
    dtype = _dtypes.bfloat16 if output_dtype is None else _dtypes.as_dtype(output_dtype)
    return _scaled(mat_a, mat_b, _only(scale_a), _only(scale_b), bias, dtype)


@composite
def _scaled_mm(
    input,
    mat2,
    scale_a,
    scale_b,
    bias=None,
    scale_result=None,
    out_dtype=None,
    use_fast_accum=False,
):
    """``nn.functional.scaled_mm`` with scales as they come."""
    dtype = input.dtype if out_dtype is None else _dtypes.as_dtype(out_dtype)
    return _scaled(input, mat2, scale_a, scale_b, bias, dtype)
