"""Bitwise operations on integers and booleans."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from ._check import is_bool, is_inexact, not_implemented, some_tensor
from ._op import Array, pointwise


def _integral(x, kernel: str) -> None:
    if is_inexact(x):
        raise not_implemented(kernel, x)


@pointwise(differentiable=False, check=some_tensor("bitwise_and"))
def bitwise_and(input: Array, other: Array) -> Array:
    """Bits set in both."""
    _integral(input, "bitwise_and_cpu")
    return input & other


@pointwise(differentiable=False, check=some_tensor("bitwise_or"))
def bitwise_or(input: Array, other: Array) -> Array:
    """Bits set in one."""
    _integral(input, "bitwise_or_cpu")
    return input | other


@pointwise(differentiable=False, check=some_tensor("bitwise_xor"))
def bitwise_xor(input: Array, other: Array) -> Array:
    """Bits set in exactly one."""
    _integral(input, "bitwise_xor_cpu")
    return input ^ other


@pointwise(differentiable=False)
def bitwise_not(input: Array) -> Array:
    """Bits flipped."""
    _integral(input, "bitwise_not_cpu")
    return ~input


@pointwise(differentiable=False, check=some_tensor("bitwise_left_shift"))
def bitwise_left_shift(input: Array, other: Array) -> Array:
    """input · 2^other."""
    _integers(input, "lshift_cpu")
    return _shifted(lax.shift_left, input, other, 0)


@pointwise(differentiable=False, check=some_tensor("bitwise_right_shift"))
def bitwise_right_shift(input: Array, other: Array) -> Array:
    """input shifted right by ``other`` bits, keeping the sign."""
    _integers(input, "rshift_cpu")
    if not jnp.issubdtype(input.dtype, jnp.signedinteger):
        return _shifted(lax.shift_right_logical, input, other, 0)
    beyond = jnp.where(input < 0, -1, 0).astype(input.dtype)
    return _shifted(lax.shift_right_arithmetic, input, other, beyond)


def _integers(x, kernel: str) -> None:
    if is_inexact(x) or is_bool(x):
        raise not_implemented(kernel, x)


def _shifted(shift, x, by, beyond):
    x, by = jnp.broadcast_arrays(x, by)
    width = x.dtype.itemsize * 8
    outside = (by < 0) | (by >= width)
    return jnp.where(outside, beyond, shift(x, jnp.where(outside, 0, by)))
