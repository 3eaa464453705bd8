"""Signs, rounding, classification and parts of numbers."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from ..autograd.variable import TensorBase
from ._check import (
    float_only,
    is_bool,
    is_complex,
    is_float,
    is_inexact,
    no_bool,
    not_implemented,
    real_only,
)
from ._compute import absolute
from ._forms import overloaded
from ._op import Array, op, pointwise


@pointwise(aliases=("absolute",))
def abs(input: Array) -> Array:
    """|input|; the gradient at 0 is 0."""
    no_bool("abs_cpu", input)
    if is_float(input):
        return absolute(input)
    return jnp.abs(input)


@pointwise(aliases=("negative",))
def neg(input: Array) -> Array:
    """-input."""
    if is_bool(input):
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are "
            "trying to invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return -input


@overloaded
def positive(input):
    """input itself."""
    if input._value().aval.dtype is _dtypes.bool_:
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


@pointwise(to_float=True)
def reciprocal(input: Array) -> Array:
    """1 / input."""
    return 1 / input


def _sign(x):
    if is_bool(x):
        return x
    return (x > 0).astype(x.dtype) - (x < 0).astype(x.dtype)


@pointwise
def sign(input: Array) -> Array:
    """-1, 0 or 1; the gradient is 0."""
    if is_complex(input):
        raise NotImplementedError(
            "Unlike NumPy, torch.sign is not intended to support complex numbers. "
            "Please use torch.sgn instead."
        )
    return lax.stop_gradient(_sign(input))


@pointwise
def sgn(input: Array) -> Array:
    """input / |input|, 0 at 0."""
    if not is_complex(input):
        return lax.stop_gradient(_sign(input))
    zero = input == 0
    safe = jnp.where(zero, 1, input)
    return jnp.where(zero, 0, safe / jnp.abs(safe))


@pointwise(inplace=False, differentiable=False)
def signbit(input: Array) -> Array:
    """Whether the sign bit is set."""
    if is_complex(input):
        raise NotImplementedError("signbit is not implemented for complex tensors.")
    return jnp.signbit(input) if is_float(input) else input < 0


def _rounded(x, name: str):
    if is_complex(x):
        raise NotImplementedError(f"{name} is not supported for complex inputs")
    no_bool(f"{name}_vml_cpu", x)
    return lax.stop_gradient(getattr(jnp, name)(x)) if is_float(x) else x


@pointwise
def floor(input: Array) -> Array:
    """⌊input⌋."""
    return _rounded(input, "floor")


@pointwise
def ceil(input: Array) -> Array:
    """⌈input⌉."""
    return _rounded(input, "ceil")


@pointwise(aliases=("fix",))
def trunc(input: Array) -> Array:
    """input rounded towards 0."""
    return _rounded(input, "trunc")


@pointwise
def round(input: Array, *, decimals: int = 0) -> Array:
    """input rounded half to even, to ``decimals`` digits."""
    if is_bool(input) or is_complex(input):
        raise not_implemented("round_vml_cpu", input)
    if decimals == 0:
        return lax.stop_gradient(jnp.round(input)) if is_float(input) else input
    float_only("round_cpu", input)
    ten = 10.0 ** (decimals if decimals > 0 else -decimals)
    shifted = jnp.round(input * ten) / ten
    if decimals < 0:
        shifted = jnp.round(input / ten) * ten
    return lax.stop_gradient(shifted)


@pointwise
def frac(input: Array) -> Array:
    """input without its whole part; the gradient is 1."""
    float_only("frac_cpu", input)
    return input - lax.stop_gradient(jnp.trunc(input))


@pointwise(inplace=False, out=False, differentiable=False)
def isnan(input: Array) -> Array:
    """Whether NaN."""
    return input != input


@pointwise(inplace=False, out=False, differentiable=False)
def isfinite(input: Array) -> Array:
    """Whether neither infinite nor NaN."""
    return jnp.isfinite(input) if is_inexact(input) else jnp.ones_like(input, bool)


@pointwise(inplace=False, out=False, differentiable=False)
def isinf(input: Array) -> Array:
    """Whether infinite."""
    return jnp.isinf(input) if is_inexact(input) else jnp.zeros_like(input, bool)


def _infinite(x, name: str, value: float):
    if is_complex(x):
        raise RuntimeError(f"{name} does not support complex inputs.")
    return x == value if is_float(x) else jnp.zeros_like(x, bool)


@pointwise(inplace=False, differentiable=False)
def isposinf(input: Array) -> Array:
    """Whether +∞."""
    return _infinite(input, "isposinf", float("inf"))


@pointwise(inplace=False, differentiable=False)
def isneginf(input: Array) -> Array:
    """Whether -∞."""
    return _infinite(input, "isneginf", float("-inf"))


@pointwise(inplace=False, out=False, differentiable=False)
def isreal(input: Array) -> Array:
    """Whether the imaginary part is 0."""
    if is_complex(input):
        return jnp.imag(input) == 0
    return jnp.ones_like(input, bool)


@pointwise(opmath=False)
def nan_to_num(
    input: Array,
    nan: float | None = None,
    posinf: float | None = None,
    neginf: float | None = None,
) -> Array:
    """NaN and infinities replaced by numbers (0 and the dtype's limits)."""
    if not is_inexact(input):
        return input
    if is_complex(input):
        parts = (jnp.real(input), jnp.imag(input))
        return lax.complex(*(_finite(x, nan, posinf, neginf) for x in parts))
    return _finite(input, nan, posinf, neginf)


def _finite(x, nan, posinf, neginf):
    limits = jnp.finfo(x.dtype)
    high = limits.max if posinf is None else posinf
    low = limits.min if neginf is None else neginf
    x = jnp.where(x != x, jnp.asarray(nan or 0.0, x.dtype), x)
    x = jnp.where(x == jnp.inf, jnp.asarray(high, x.dtype), x)
    return jnp.where(x == -jnp.inf, jnp.asarray(low, x.dtype), x)


def _is_complex(tensor: TensorBase) -> bool:
    return tensor._value().aval.dtype.is_complex


@pointwise(name="conj", scope=None, method=False, out=False, inplace=False)
def _conjugate(input: Array) -> Array:
    """The complex conjugate."""
    return jnp.conj(input)


@overloaded
def conj(input):
    """The complex conjugate; a real tensor itself."""
    return _conjugate(input) if _is_complex(input) else input


@pointwise
def conj_physical(input: Array) -> Array:
    """The complex conjugate, computed."""
    return jnp.conj(input)


@overloaded
def resolve_conj(input):
    """input itself: conjugates are always computed."""
    return input


@overloaded
def resolve_neg(input):
    """input itself: negations are always computed."""
    return input


@op(out=True)
def angle(input: Array) -> Array:
    """The angle in radians; 0 or π for a real number."""
    if is_complex(input):
        zero = input == 0
        safe = jnp.where(zero, 1, input)
        return jnp.where(zero, 0, jnp.angle(safe))
    if not is_float(input):
        input = input.astype(_dtypes.get_default_dtype().numpy_dtype)
    half_turn = jnp.where(input < 0, jnp.asarray(jnp.pi, input.dtype), 0)
    return lax.stop_gradient(jnp.where(input != input, input, half_turn))


def _no_complex(x, name: str):
    if is_complex(x):
        raise RuntimeError(f"{name} is not supported for complex tensors.")


@pointwise(to_float=True)
def deg2rad(input: Array) -> Array:
    """Degrees to radians."""
    _no_complex(input, "deg2rad")
    return input * (jnp.pi / 180)


@pointwise(to_float=True)
def rad2deg(input: Array) -> Array:
    """Radians to degrees."""
    _no_complex(input, "rad2deg")
    return input * (180 / jnp.pi)


@pointwise(to_float=True)
def logit(input: Array, eps: float | None = None) -> Array:
    """log(x / (1 - x)) of input clamped to [eps, 1 - eps]."""
    real_only("logit_cpu", input)
    if eps is not None:
        low, high = input < eps, input > 1 - eps
        input = jnp.where(low, eps, jnp.where(high, 1 - eps, input))
    return jnp.log(input / (1 - input))


@op(out=True, returns=("mantissa", "exponent"))
def frexp(input: Array) -> tuple:
    """mantissa · 2^exponent, the mantissa in [0.5, 1)."""
    float_only("frexp", input)
    mantissa, exponent = jnp.frexp(input)
    scale = lax.stop_gradient(jnp.exp2(-exponent.astype(input.dtype)))
    value = input * scale
    exact = lax.stop_gradient(mantissa) + (value - lax.stop_gradient(value))
    return exact, exponent.astype(jnp.int32)
