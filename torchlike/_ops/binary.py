"""Pairs of numbers: powers, extremes, angles, logarithmic sums, divisors."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from ._check import (
    float_only,
    integers_only,
    is_complex,
    is_inexact,
    not_implemented,
    real_only,
    some_tensor,
    tensor_first,
    tensors_only,
)
from ._op import Array, pointwise


def _real(x, name: str) -> None:
    if is_complex(x):
        raise RuntimeError(f"{name} not implemented for complex tensors.")


@pointwise(inplace=False, check=tensors_only("maximum"))
def maximum(input: Array, other: Array) -> Array:
    """The larger; NaN where one is NaN. A tie gives each half of the gradient."""
    _real(input, "maximum")
    return jnp.maximum(input, other)


@pointwise(inplace=False, check=tensors_only("minimum"))
def minimum(input: Array, other: Array) -> Array:
    """The smaller; NaN where one is NaN. A tie gives each half of the gradient."""
    _real(input, "minimum")
    return jnp.minimum(input, other)


# PyTorch: a tie of fmax or fmin gives the whole gradient to the first.
@pointwise(inplace=False, check=tensors_only("fmax"))
def fmax(input: Array, other: Array) -> Array:
    """The larger; the other where one is NaN."""
    _real(input, "fmax")
    return jnp.where((input >= other) | (other != other), input, other)


@pointwise(inplace=False, check=tensors_only("fmin"))
def fmin(input: Array, other: Array) -> Array:
    """The smaller; the other where one is NaN."""
    _real(input, "fmin")
    return jnp.where((input <= other) | (other != other), input, other)


def _bounds(arguments):
    if arguments.get("min") is None and arguments.get("max") is None:
        raise RuntimeError(
            "torch.clamp: At least one of 'min' or 'max' must not be None"
        )


@pointwise(aliases=("clip",), check=_bounds)
def clamp(input: Array, min: Array | None = None, max: Array | None = None) -> Array:
    """min(max(input, min), max). At an edge the gradient goes to ``input``."""
    if is_complex(input):
        raise NotImplementedError("clamp is not supported for complex types")
    # No gradient where there is no number.
    result = jnp.where(input != input, lax.stop_gradient(input), input)
    if min is not None:
        result = jnp.where((result < min) | (min != min), min, result)
    if max is not None:
        result = jnp.where((result > max) | (max != max), max, result)
    return result


@pointwise(check=tensor_first("clamp_min"))
def clamp_min(input: Array, min: Array) -> Array:
    """max(input, min)."""
    return jnp.where(input < min, min, input)


@pointwise(check=tensor_first("clamp_max"))
def clamp_max(input: Array, max: Array) -> Array:
    """min(input, max)."""
    return jnp.where(input > max, max, input)


@pointwise(to_float=True, aliases=("arctan2",), check=tensors_only("atan2"))
def atan2(input: Array, other: Array) -> Array:
    """The angle of the point (other, input). At the origin the gradient is 0."""
    real_only("atan2_cpu", input)
    origin = (input == 0) & (other == 0)
    flat = lax.stop_gradient(jnp.arctan2(input, other))
    safe = jnp.where(origin, 1, other)
    return jnp.where(origin, flat, jnp.arctan2(input, safe))


@pointwise(check=tensors_only("hypot"))
def hypot(input: Array, other: Array) -> Array:
    """√(input² + other²) without overflow."""
    float_only("hypot_cpu", input)
    return jnp.hypot(input, other)


@pointwise(to_float=True, check=tensor_first("copysign"))
def copysign(input: Array, other: Array) -> Array:
    """|input| with the sign of ``other``; the gradient is 0 where ``input`` is."""
    real_only("copysign_cpu", input)
    exact = jnp.copysign(lax.stop_gradient(input), lax.stop_gradient(other))
    turned = input * lax.stop_gradient(jnp.sign(input) * jnp.sign(exact))
    return exact + (turned - lax.stop_gradient(turned))


@jax.custom_jvp
def _next(x, y):
    return jnp.nextafter(x, y)


@_next.defjvp
def _next_jvp(primals, tangents):
    (x, y), (dx, _) = primals, tangents
    return _next(x, y), jnp.where(x == y, 0, dx)


@pointwise(opmath=False, check=tensors_only("nextafter"))
def nextafter(input: Array, other: Array) -> Array:
    """The next floating number after ``input`` towards ``other``; moves with it."""
    float_only("nextafter_cpu", input)
    return _next(*jnp.broadcast_arrays(input, other))


@pointwise(to_float=True, check=tensors_only("ldexp"))
def ldexp(input: Array, other: Array) -> Array:
    """input · 2^other."""
    return input * jnp.exp2(other)


@jax.custom_jvp
def complex_logaddexp(x, y):
    """From the larger number on: its imaginary part is not brought within ±π."""
    larger = y.real <= x.real
    low, high = jnp.where(larger, y, x), jnp.where(larger, x, y)
    apart = low - high
    share = jnp.where(jnp.isneginf(apart.real), 0, jnp.exp(apart))
    value = high + jnp.log1p(share)
    infinite = jnp.isinf(low.real) & (low.real == high.real)
    # In a scan JAX derives this itself: where it is not chosen it must be finite.
    sums = (jnp.exp(jnp.where(infinite, v, 0)) for v in (low, high))
    value = jnp.where(infinite, jnp.log(sum(sums)), value)
    value = jnp.where(infinite & (low.real < 0), low, value)
    return jnp.where(jnp.isnan(x) | jnp.isnan(y), complex(jnp.nan, jnp.nan), value)


@complex_logaddexp.defjvp
def complex_logaddexp_jvp(primals, tangents):
    (x, y), (dx, dy) = primals, tangents
    value = complex_logaddexp(x, y)
    return value, dx * jnp.exp(x - value) + dy * jnp.exp(y - value)


@pointwise(inplace=False, check=tensors_only("logaddexp"))
def logaddexp(input: Array, other: Array) -> Array:
    """log(exp(input) + exp(other))."""
    if not is_inexact(input):
        raise not_implemented("logaddexp_cpu", input)
    if is_complex(input):
        return complex_logaddexp(*jnp.broadcast_arrays(input, other))
    return jnp.logaddexp(input, other)


@pointwise(inplace=False, check=tensors_only("logaddexp2"))
def logaddexp2(input: Array, other: Array) -> Array:
    """log₂(2^input + 2^other)."""
    float_only("logaddexp2_cpu", input)
    return jnp.logaddexp2(input, other)


@pointwise(check=tensors_only("gcd"), differentiable=False)
def gcd(input: Array, other: Array) -> Array:
    """The greatest common divisor."""
    integers_only("gcd_cpu", input)
    return jnp.gcd(input, other)


@pointwise(check=tensors_only("lcm"), differentiable=False)
def lcm(input: Array, other: Array) -> Array:
    """The least common multiple."""
    integers_only("lcm_cpu", input)
    return jnp.lcm(input, other)


@pointwise(to_float=True, check=some_tensor("xlogy"))
def xlogy(input: Array, other: Array) -> Array:
    """input · log(other), 0 where ``input`` is 0 (NaN stays)."""
    real_only("xlogy_cpu", input)
    zero = (input == 0) & ~((other > 0) & (other < jnp.inf))
    value = input * jnp.log(jnp.where(zero, 1, other))
    return jnp.where(other != other, other, jnp.where(zero, 0, value))


@pointwise(name="heaviside", check=tensors_only("heaviside"), differentiable=False)
def heaviside(input: Array, values: Array) -> Array:
    """0 for negative, 1 for positive ``input``, ``values`` for 0."""
    real_only("heaviside_cpu", input)
    step = (input > 0).astype(input.dtype)
    return jnp.where(input == 0, values, step)
