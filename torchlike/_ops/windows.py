"""The windows of torch itself: hann_window, hamming_window, … kaiser_window."""

from __future__ import annotations

import math
import operator

import jax.numpy as jnp
from jax.scipy import special as jsp

from .. import _dtypes
from ..autograd.apply import apply
from ._check import short
from ._forms import overloaded
from ._op import Array, Dtype, op
from .creation import finish, place_of

_WIDE = {"float16": jnp.float32, "bfloat16": jnp.float32}


def _ramp(size: int, dtype):
    return jnp.arange(size, dtype=_WIDE.get(dtype.name, dtype.numpy_dtype))


@op(name="hamming_window", scope=None, method=False, differentiable=False)
def _cosine(size: int, count: int, alpha: float, beta: float, dtype: Dtype) -> Array:
    turn = _ramp(size, dtype)[:count] * (2 * math.pi / (size - 1))
    return (alpha - beta * jnp.cos(turn)).astype(dtype.numpy_dtype)


@op(name="blackman_window", scope=None, method=False, differentiable=False)
def _blackman(size: int, count: int, dtype: Dtype) -> Array:
    half = _ramp(size, dtype)[:count] * (math.pi / (size - 1))
    made = jnp.cos(half * 4) * 0.08 - jnp.cos(half * 2) * 0.5 + 0.42
    return made.astype(dtype.numpy_dtype)


@op(name="bartlett_window", scope=None, method=False, differentiable=False)
def _bartlett(size: int, count: int, dtype: Dtype) -> Array:
    rise = _ramp(size, dtype)[:count] * (2 / (size - 1))
    second = jnp.arange(count) > (size - 1) // 2
    return jnp.where(second, 2 - rise, rise).astype(dtype.numpy_dtype)


@op(name="kaiser_window", scope=None, method=False, differentiable=False)
def _kaiser(size: int, count: int, beta: float, dtype: Dtype) -> Array:
    place = _ramp(size, dtype)[:count] * (2 / (size - 1)) - 1
    inside = jsp.i0(beta * jnp.sqrt(jnp.maximum(1 - place * place, 0)))
    return (inside / jsp.i0(jnp.asarray(beta, inside.dtype))).astype(dtype.numpy_dtype)


def _check(name: str, length: int, dtype, device, layout) -> None:
    place = place_of(device)
    if layout not in (None, _dtypes.strided):
        raise RuntimeError(f"{name} is not implemented for sparse types, got: {layout}")
    if dtype.category < 2:
        raise RuntimeError(
            f"{name} expects floating point dtypes, got: TensorOptions(dtype="
            f"{short(dtype)}, device={place}, layout=Strided (default), "
            "requires_grad=false (default), pinned_memory=false, "
            "memory_format=(nullopt))"
        )
    if length < 0:
        raise RuntimeError(
            f"{name} requires non-negative window_length, got window_length={length}"
        )
    if dtype.is_complex and length > 1:
        kind = _dtypes.scalar_type_name(dtype)
        raise NotImplementedError(f"\"arange_cpu\" not implemented for '{kind}'")


def _made(name, maker, length, periodic, extra, dtype, layout, device, requires_grad):
    length = operator.index(length)
    dtype = _dtypes.get_default_dtype() if dtype is None else _dtypes.as_dtype(dtype)
    _check(name, length, dtype, device, layout)
    if length < 2:  # PyTorch gives 1 for one point
        size, maker, extra = 3, _cosine, (1.0, 0.0)
    else:
        size = length + bool(periodic)
    arguments = (size, length, *map(float, extra), dtype)
    (made,) = apply(maker.op, arguments, (), place_of(device))
    return finish(made, None, requires_grad)


@overloaded(method=False)
def hann_window(
    window_length,
    periodic=True,
    *,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """½ (1 - cos 2πn/(N - 1)); ``periodic``: the first N - 1 of N points."""
    rest = (dtype, layout, device, requires_grad)
    shape = (0.5, 0.5)
    return _made("hann_window", _cosine, window_length, periodic, shape, *rest)


@overloaded(method=False)
def hamming_window(
    window_length,
    periodic=True,
    alpha=0.54,
    beta=0.46,
    *,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """alpha - beta · cos 2πn/(N - 1)."""
    rest = (dtype, layout, device, requires_grad)
    shape = (alpha, beta)
    return _made("hamming_window", _cosine, window_length, periodic, shape, *rest)


@overloaded(method=False)
def blackman_window(
    window_length,
    periodic=True,
    *,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """0.42 - ½ cos 2πn/(N - 1) + 0.08 cos 4πn/(N - 1)."""
    rest = (dtype, layout, device, requires_grad)
    return _made("blackman_window", _blackman, window_length, periodic, (), *rest)


@overloaded(method=False)
def bartlett_window(
    window_length,
    periodic=True,
    *,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """A triangle: 1 - |2n/(N - 1) - 1|."""
    rest = (dtype, layout, device, requires_grad)
    return _made("bartlett_window", _bartlett, window_length, periodic, (), *rest)


@overloaded(method=False)
def kaiser_window(
    window_length,
    periodic=True,
    beta=12.0,
    *,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """i0(β √(1 - (2n/(N - 1) - 1)²)) / i0(β)."""
    rest = (dtype, layout, device, requires_grad)
    return _made("kaiser_window", _kaiser, window_length, periodic, (beta,), *rest)
