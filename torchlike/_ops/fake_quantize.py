"""Rounding to what an integer of a scale can hold, for training that knows of it."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .._dtypes import float32
from .._errors import wrap_dim
from ._check import scalar_name
from ._compute import widen
from ._op import Array, composite, op
from .from_data import tensor

_TYPES = "Zero-point must be Int32, Float or Half, found {}"


def _rounded(x, scale, zero_point, low: int, high: int):
    """The gradient is that of x where the integer is in range, else 0."""
    wide = widen(x)
    if not jnp.issubdtype(wide.dtype, jnp.floating):
        raise NotImplementedError(
            '"fake_quantize_tensor_cachemask_kernel_type_handling" not implemented '
            f"for '{scalar_name(x)}'"
        )
    scale = scale.astype(jnp.float32)
    whole = jnp.rint(zero_point + wide * (1 / scale))
    inside = (whole >= low) & (whole <= high)
    whole = jnp.where(jnp.isnan(whole), low, jnp.clip(whole, low, high))
    near = lax.stop_gradient((whole - zero_point) * scale).astype(wide.dtype)
    passed = jnp.where(inside, wide, 0)
    return (near + passed - lax.stop_gradient(passed)).astype(x.dtype)


@op(
    name="fake_quantize_per_tensor_affine",
    scope=None,
    method=False,
    backward="FakeQuantizePerTensorAffineCachemaskBackward0",
)
def _per_tensor(
    input: Array, scale: Array, zero_point: Array, quant_min: int, quant_max: int
) -> Array:
    point = lax.stop_gradient(zero_point.astype(jnp.float32))
    return _rounded(input, lax.stop_gradient(scale), point, quant_min, quant_max)


def _check_range(quant_min, quant_max, zero_point=None) -> None:
    if quant_min > quant_max:
        raise RuntimeError(
            "`quant_min` should be less than or         equal to `quant_max`."
        )
    if zero_point is not None and not quant_min <= zero_point <= quant_max:
        raise RuntimeError("`zero_point` must be between `quant_min` and `quant_max`.")


@composite
def fake_quantize_per_tensor_affine(input, scale, zero_point, quant_min, quant_max):
    """(clip(round(input / scale + zero_point)) - zero_point) · scale."""
    known = isinstance(zero_point, int)
    _check_range(quant_min, quant_max, zero_point if known else None)
    scale, zero_point = (
        tensor(n, dtype=float32, device=input.device)
        if isinstance(n, (int, float))
        else n
        for n in (scale, zero_point)
    )
    return _per_tensor(input, scale, zero_point, quant_min, quant_max)


@op(
    method=False,
    backward="FakeQuantizePerChannelAffineCachemaskBackward0",
)
def fake_quantize_per_channel_affine(
    input: Array,
    scale: Array,
    zero_point: Array,
    axis: int,
    quant_min: int,
    quant_max: int,
) -> Array:
    """``fake_quantize_per_tensor_affine`` with a scale for each entry of ``axis``."""
    _check_range(quant_min, quant_max)
    if zero_point.dtype not in (jnp.int32, jnp.float32, jnp.float16):
        raise RuntimeError(_TYPES.format(scalar_name(zero_point)))
    axis = wrap_dim(axis, input.ndim)
    if scale.shape != zero_point.shape:
        raise RuntimeError("scale and zero-point need to have the same dimensions")
    if scale.shape != (input.shape[axis],):
        raise RuntimeError(
            "dimensions of scale and zero-point are not consistent with input tensor"
        )
    shape = [-1 if i == axis else 1 for i in range(input.ndim)]
    scale, point = (
        lax.stop_gradient(t.astype(jnp.float32)).reshape(shape)
        for t in (scale, zero_point)
    )
    return _rounded(input, scale, point, quant_min, quant_max)
