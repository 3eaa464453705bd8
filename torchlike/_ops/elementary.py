"""Elementary functions of a number: exponentials, logarithms, angles."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from ._compute import widen
from ._op import Array, pointwise


@pointwise(to_float=True)
def exp(input: Array) -> Array:
    """e^input."""
    return jnp.exp(input)


@pointwise(to_float=True)
def exp2(input: Array) -> Array:
    """2^input."""
    return jnp.exp2(input)


@pointwise(to_float=True)
def expm1(input: Array) -> Array:
    """e^input - 1, exact near 0."""
    return jnp.expm1(input)


@pointwise(to_float=True)
def log(input: Array) -> Array:
    """The natural logarithm."""
    return jnp.log(input)


@pointwise(to_float=True)
def log2(input: Array) -> Array:
    """The logarithm to base 2."""
    return jnp.log2(input)


@pointwise(to_float=True)
def log10(input: Array) -> Array:
    """The logarithm to base 10."""
    return jnp.log10(input)


@pointwise(to_float=True)
def log1p(input: Array) -> Array:
    """log(1 + input), exact near 0."""
    return jnp.log1p(input)


@pointwise(to_float=True)
def sqrt(input: Array) -> Array:
    """√input."""
    return jnp.sqrt(input)


@pointwise(to_float=True)
def rsqrt(input: Array) -> Array:
    """1 / √input."""
    return lax.rsqrt(input)


@pointwise(to_float=True)
def sin(input: Array) -> Array:
    """The sine."""
    return jnp.sin(input)


@pointwise(to_float=True)
def cos(input: Array) -> Array:
    """The cosine."""
    return jnp.cos(input)


@pointwise(to_float=True)
def tan(input: Array) -> Array:
    """The tangent."""
    return jnp.tan(input)


@pointwise(to_float=True, aliases=("arcsin",))
def asin(input: Array) -> Array:
    """The inverse sine."""
    return jnp.arcsin(input)


@pointwise(to_float=True, aliases=("arccos",))
def acos(input: Array) -> Array:
    """The inverse cosine."""
    return jnp.arccos(input)


@pointwise(to_float=True, aliases=("arctan",))
def atan(input: Array) -> Array:
    """The inverse tangent."""
    return jnp.arctan(input)


@pointwise(to_float=True)
def sinh(input: Array) -> Array:
    """The hyperbolic sine."""
    return jnp.sinh(input)


@pointwise(to_float=True)
def cosh(input: Array) -> Array:
    """The hyperbolic cosine."""
    return jnp.cosh(input)


@pointwise(to_float=True)
def tanh(input: Array) -> Array:
    """The hyperbolic tangent."""
    return jnp.tanh(input)


def _tanh_gradient(result, cotangent):
    result, cotangent = widen(result), widen(cotangent)
    return cotangent * (1 - result * result)


tanh.op.by_result = _tanh_gradient


@pointwise(to_float=True, aliases=("arcsinh",))
def asinh(input: Array) -> Array:
    """The inverse hyperbolic sine."""
    return jnp.arcsinh(input)


@pointwise(to_float=True, aliases=("arccosh",))
def acosh(input: Array) -> Array:
    """The inverse hyperbolic cosine."""
    return jnp.arccosh(input)


@pointwise(to_float=True, aliases=("arctanh",))
def atanh(input: Array) -> Array:
    """The inverse hyperbolic tangent."""
    return jnp.arctanh(input)


@pointwise(to_float=True)
def sigmoid(input: Array) -> Array:
    """1 / (1 + e^-input)."""
    return jax.nn.sigmoid(input)


def _sigmoid_gradient(result, cotangent):
    result, cotangent = widen(result), widen(cotangent)
    return cotangent * (1 - result) * result


sigmoid.op.by_result = _sigmoid_gradient


@pointwise(to_float=True)
def sinc(input: Array) -> Array:
    """sin(π·input) / (π·input), 1 at 0."""
    return jnp.sinc(input)
