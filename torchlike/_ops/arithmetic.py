"""Arithmetic of two tensors: sums, products, quotients, remainders."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from ._check import (
    is_bool,
    is_complex,
    is_float,
    is_inexact,
    no_bool,
    not_implemented,
    same_dtype,
    some_tensor,
    tensor_first,
)
from ._forms import overloaded
from ._op import Array, Scalar, pointwise
from ._quotients import (
    exact_quotient,
    floor_quotient,
    halves,
    of_halves,
    trunc_quotient,
)


def _check_alpha(input, alpha):
    if alpha is True or alpha is False:
        if not is_bool(input):
            raise RuntimeError("Boolean alpha only supported for Boolean results.")
    elif not isinstance(alpha, int) and not is_inexact(input) and is_inexact(alpha):
        raise RuntimeError(
            "For integral input tensors, argument alpha must not be a floating point "
            "number."
        )


def _scaled(x, alpha):
    unscaled = isinstance(alpha, int) and alpha == 1
    return x if unscaled else (x * alpha).astype(x.dtype)


@pointwise
def add(input: Array, other: Array, *, alpha: Scalar = 1) -> Array:
    """input + alpha · other."""
    _check_alpha(input, alpha)
    return input + _scaled(other, alpha)


add.op.adds = True


def _no_bools(arguments):
    both = list(arguments.values())[:2]
    bools = [x.dtype == bool for x in both if hasattr(x, "dtype")]
    if len(bools) == 2 and all(bools):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. "
            "Use the `^` or `logical_xor()` operator instead."
        )
    if any(bools) or any(isinstance(x, bool) for x in both):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If "
            "you are trying to invert a mask, use the `~` or `logical_not()` operator "
            "instead."
        )


def _check_rsub(arguments):
    tensor_first("rsub")({n: arguments[n] for n in ("input", "other")})
    _no_bools(arguments)


@pointwise(aliases=("subtract",), check=_no_bools)
def sub(input: Array, other: Array, *, alpha: Scalar = 1) -> Array:
    """input - alpha · other."""
    _check_alpha(input, alpha)
    return input - _scaled(other, alpha)


@pointwise(inplace=False, out=False, check=_check_rsub)
def rsub(input: Array, other: Array, *, alpha: Scalar = 1) -> Array:
    """other - alpha · input."""
    _check_alpha(input, alpha)
    return other - _scaled(input, alpha)


@pointwise(aliases=("multiply",))
def mul(input: Array, other: Array) -> Array:
    """input · other."""
    return input * other


@pointwise(name="div", scope=None, method=False, to_float=True, inplace=False)
def quotient(input: Array, other: Array) -> Array:
    """input / other, integers as floats."""
    return exact_quotient(input, other)


@pointwise(name="div", scope=None, method=False, inplace=False)
def div_rounded(input: Array, other: Array, rounding_mode: str) -> Array:
    """input / other rounded; the gradient is zero."""
    if is_complex(input):
        raise not_implemented(f"div_{rounding_mode}_cpu", input)
    if rounding_mode == "floor":
        return floor_quotient(input, other)
    return trunc_quotient(input, other)


@pointwise(name="div", scope=None, method=False, inplace=False, opmath=False)
def div_halves(input: Array, other: Array, rounding_mode: str) -> Array:
    """As ``div_rounded``."""
    floor = rounding_mode == "floor"
    return of_halves(floor_quotient if floor else trunc_quotient, input, other)


_MODES = (None, "trunc", "floor")


@overloaded(inplace=True, out=True, aliases=("divide",))
def div(input, other, *, rounding_mode=None):
    """input / other; ``rounding_mode`` "trunc" or "floor" rounds and keeps integers.

    **Source** https://pytorch.org/docs/stable/generated/torch.div.html
    """
    if rounding_mode is None:
        return quotient(input, other)
    if rounding_mode not in _MODES:
        raise RuntimeError(
            "div expected rounding_mode to be one of None, 'trunc', or 'floor' but "
            f"found '{rounding_mode}'"
        )
    divide = div_halves if halves(input, other) else div_rounded
    return divide(input, other, rounding_mode)


@pointwise(backward="DivBackward0", to_float=True)
def true_divide(input: Array, other: Array) -> Array:
    """input / other, integers as floats."""
    return exact_quotient(input, other)


@pointwise(name="floor_divide", scope=None, method=False, inplace=False)
def _floor(input: Array, other: Array) -> Array:
    if is_complex(input):
        raise not_implemented("div_floor_cpu", input)
    return floor_quotient(input, other)


@overloaded(inplace=True, out=True)
def floor_divide(input, other):
    """⌊input / other⌋."""
    if halves(input, other):
        return div_halves(input, other, "floor")
    return _floor(input, other)


@pointwise(opmath=False, check=some_tensor("remainder"))
def remainder(input: Array, other: Array) -> Array:
    """input - other · ⌊input / other⌋, of the sign of ``other``."""
    no_bool("remainder_cpu", input)
    if is_complex(input):
        raise not_implemented("remainder_cpu", input)
    if is_float(input):
        # PyTorch: d/d other = -⌊input / other⌋.
        rest = lax.rem(*jnp.broadcast_arrays(input, other))
        return jnp.where((rest != 0) & ((other < 0) != (rest < 0)), rest + other, rest)
    return jnp.remainder(input, other)


@pointwise(opmath=False, check=tensor_first("fmod"))
def fmod(input: Array, other: Array) -> Array:
    """input - other · trunc(input / other), of the sign of ``input``."""
    no_bool("fmod_cpu", input)
    if is_complex(input):
        raise not_implemented("fmod_cpu", input)
    return lax.rem(*jnp.broadcast_arrays(input, other))


def _no_integer_division(arguments):
    if not any(is_inexact(x) for x in arguments.values() if hasattr(x, "dtype")):
        raise RuntimeError(
            "Integer division with addcdiv is no longer supported, and in a future  "
            "release addcdiv will perform a true division of tensor1 and tensor2."
        )


@pointwise
def addcmul(
    input: Array, tensor1: Array, tensor2: Array, *, value: Scalar = 1
) -> Array:
    """input + value · tensor1 · tensor2."""
    return input + _scaled(tensor1, value) * tensor2


@pointwise(check=_no_integer_division)
def addcdiv(
    input: Array, tensor1: Array, tensor2: Array, *, value: Scalar = 1
) -> Array:
    """input + value · tensor1 / tensor2."""
    return input + _scaled(tensor1, value) / tensor2


def _lerp_dtypes(arguments):
    input = arguments["input"]
    for name in ("end", "weight"):
        x = arguments[name]
        if hasattr(x, "dtype") and (x.ndim or name == "end"):
            same_dtype(input, x, name)
    if not is_inexact(input):
        raise not_implemented("lerp_kernel_scalar", input)


@pointwise(check=_lerp_dtypes)
def lerp(input: Array, end: Array, weight: Array) -> Array:
    """input + weight · (end - input), computed from the nearer end."""
    step = end - input
    near = input + weight * step
    return jnp.where(jnp.abs(weight) < 0.5, near, end - step * (1 - weight))
