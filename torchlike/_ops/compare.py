"""Comparisons, logic and choice by a condition."""

from __future__ import annotations

import jax.numpy as jnp

from ..autograd.variable import TensorBase
from ._check import (
    is_complex,
    is_inexact,
    not_implemented,
    scalar_name,
    tensor_first,
    tensors_only,
)
from ._forms import overloaded
from ._op import Array, op, pointwise


def _ordered(x, name: str) -> None:
    if is_complex(x):
        raise not_implemented(f"{name}_cpu", x)


@pointwise(differentiable=False, check=tensor_first("eq"))
def eq(input: Array, other: Array) -> Array:
    """Whether equal."""
    return input == other


@pointwise(differentiable=False, aliases=("not_equal",), check=tensor_first("ne"))
def ne(input: Array, other: Array) -> Array:
    """Whether different."""
    return input != other


@pointwise(differentiable=False, aliases=("less",), check=tensor_first("lt"))
def lt(input: Array, other: Array) -> Array:
    """Whether input < other."""
    _ordered(input, "lt")
    return input < other


@pointwise(differentiable=False, aliases=("less_equal",), check=tensor_first("le"))
def le(input: Array, other: Array) -> Array:
    """Whether input ≤ other."""
    _ordered(input, "le")
    return input <= other


@pointwise(differentiable=False, aliases=("greater",), check=tensor_first("gt"))
def gt(input: Array, other: Array) -> Array:
    """Whether input > other."""
    _ordered(input, "gt")
    return input > other


@pointwise(differentiable=False, aliases=("greater_equal",), check=tensor_first("ge"))
def ge(input: Array, other: Array) -> Array:
    """Whether input ≥ other."""
    _ordered(input, "ge")
    return input >= other


def _same_dtype(arguments):
    a, b = arguments["input"], arguments["other"]
    if a.dtype != b.dtype:
        raise RuntimeError(f"{scalar_name(a)} did not match {scalar_name(b)}")


@op(broadcasts=True, differentiable=False, check=_same_dtype)
def isclose(
    input: Array,
    other: Array,
    rtol: float = 1e-05,
    atol: float = 1e-08,
    equal_nan: bool = False,
) -> Array:
    """|input - other| ≤ atol + rtol · |other|, or equal."""
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value < 0:
            raise RuntimeError(
                f"{name} must be greater than or equal to zero, but got {value}"
            )
    same = input == other
    if equal_nan:
        same = same | ((input != input) & (other != other))
    if not is_inexact(input):
        input, other = input.astype(jnp.float64), other.astype(jnp.float64)
    gap = jnp.abs(input - other)
    near = gap <= atol + jnp.abs(rtol * other)
    return same | (near & jnp.isfinite(gap))


@op(scope=None, method=False, differentiable=False, name="all")
def _all_of(input: Array) -> Array:
    return jnp.all(input)


@overloaded(method=True)
def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether all of ``isclose``, as a Python bool (reads the values)."""
    return bool(_all_of(isclose(input, other, rtol, atol, equal_nan)))


@op(scope=None, method=False, differentiable=False, name="equal")
def _all_equal(input: Array, other: Array) -> Array:
    return jnp.all(input == other)


@overloaded(method=True)
def equal(input, other):
    """Whether of the same shape and values, as a Python bool (reads the values)."""
    for i, x in enumerate((input, other)):
        if not isinstance(x, TensorBase):
            name = ("input", "other")[i]
            raise TypeError(
                f"equal(): argument '{name}' (position {i + 1}) must be Tensor, not "
                f"{type(x).__name__}"
            )
    a, b = input._value().aval, other._value().aval
    if a.shape != b.shape:
        return False
    return bool(_all_equal(input, other))


@pointwise(opmath=False, differentiable=False, check=tensors_only("logical_and"))
def logical_and(input: Array, other: Array) -> Array:
    """Whether both are non-zero."""
    return (input != 0) & (other != 0)


@pointwise(opmath=False, differentiable=False, check=tensors_only("logical_or"))
def logical_or(input: Array, other: Array) -> Array:
    """Whether one is non-zero."""
    return (input != 0) | (other != 0)


@pointwise(opmath=False, differentiable=False, check=tensors_only("logical_xor"))
def logical_xor(input: Array, other: Array) -> Array:
    """Whether exactly one is non-zero."""
    return (input != 0) ^ (other != 0)


@pointwise(opmath=False, differentiable=False)
def logical_not(input: Array) -> Array:
    """Whether zero."""
    return input == 0


def _condition(arguments):
    condition = arguments["condition"]
    if condition.dtype != jnp.bool_ and condition.dtype != jnp.uint8:
        raise RuntimeError(
            "where expected condition to be a boolean tensor, but got a tensor with "
            f"dtype {scalar_name(condition)}"
        )


@pointwise(
    name="where",
    promote="input other",
    opmath=False,
    inplace=False,
    out=False,
    scope=None,
    method=False,
    check=_condition,
)
def choose(condition: Array, input: Array, other: Array) -> Array:
    """input where the condition holds, other elsewhere."""
    return jnp.where(condition != 0, input, other)


_indices = None


def bind_nonzero(function) -> None:
    """Give ``where(condition)`` its ``nonzero``, which lives above."""
    global _indices
    _indices = function


@overloaded(method=False, out=True)
def where(condition, input=None, other=None):
    """input where ``condition`` holds, other elsewhere; alone: its indices.

    **Source** https://pytorch.org/docs/stable/generated/torch.where.html
    """
    if input is None and other is None:
        return _indices(condition, as_tuple=True)
    return choose(condition, input, other)


@overloaded(scope=None, method="where", name="_where_method")
def _where_method(self, condition, other):
    return choose(condition, self, other)


@op(promote="elements test_elements", differentiable=False, out=True, method=False)
def isin(
    elements: Array,
    test_elements: Array,
    *,
    assume_unique: bool = False,
    invert: bool = False,
) -> Array:
    """Whether each element is among ``test_elements``."""
    return jnp.isin(elements, test_elements, invert=invert)
