"""Draws made on the device: JAX's counter-based generator, one key a draw.

Seed and offset are traced, so a steady loop is one program. The numbers are not those
of PyTorch's CUDA generator; the distributions are.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from ._op import Array, Dtype, Index, Ints, Scalar, op

_RANDOM = {"scope": None, "method": False, "differentiable": False}


def key_of(low, high, offset):
    """The key of one draw."""
    key = jax.random.key(low, impl="threefry2x32")
    key = jax.random.fold_in(key, high)
    return jax.random.fold_in(key, offset)


def _opmath(dtype):
    return np.float64 if dtype.itemsize == 8 and not dtype.is_complex else np.float32


def _unit(key, size, dtype):
    return jax.random.uniform(key, size, _opmath(dtype))


def _pairs(make, key, size, dtype):
    """Complex numbers from two real draws."""
    part = dtype.to_real()
    pair = make(key, (*size, 2), part)
    return jax.lax.complex(pair[..., 0], pair[..., 1]).astype(dtype.numpy_dtype)


@op(name="device_uniform", **_RANDOM)
def uniform(
    seed: Index,
    high_seed: Index,
    offset: Index,
    low: Scalar,
    high: Scalar,
    size: Ints,
    dtype: Dtype,
) -> Array:
    def make(key, size, dtype):
        unit = _unit(key, size, dtype)
        wide = low.astype(unit.dtype) + unit * (high - low).astype(unit.dtype)
        rounded = wide.astype(dtype.numpy_dtype)
        return jnp.where(rounded >= high, low.astype(rounded.dtype), rounded)

    key = key_of(seed, high_seed, offset)
    return (
        _pairs(make, key, size, dtype) if dtype.is_complex else make(key, size, dtype)
    )


@op(name="device_normal", **_RANDOM)
def normal(
    seed: Index,
    high_seed: Index,
    offset: Index,
    mean: Scalar,
    std: Scalar,
    size: Ints,
    dtype: Dtype,
) -> Array:
    def make(key, size, dtype):
        unit = jax.random.normal(key, size, _opmath(dtype))
        wide = unit * std.astype(unit.dtype) + mean.astype(unit.dtype)
        return wide.astype(dtype.numpy_dtype)

    key = key_of(seed, high_seed, offset)
    if dtype.is_complex:  # the mean goes to both parts, as in PyTorch
        std = std / np.sqrt(2.0)
        return _pairs(make, key, size, dtype)
    return make(key, size, dtype)


@op(name="device_exponential", **_RANDOM)
def exponential(
    seed: Index,
    high_seed: Index,
    offset: Index,
    rate: Scalar,
    size: Ints,
    dtype: Dtype,
) -> Array:
    unit = _unit(key_of(seed, high_seed, offset), size, dtype)
    return (-jnp.log1p(-unit) / rate.astype(unit.dtype)).astype(dtype.numpy_dtype)


@op(name="device_cauchy", **_RANDOM)
def cauchy(
    seed: Index,
    high_seed: Index,
    offset: Index,
    median: Scalar,
    sigma: Scalar,
    size: Ints,
    dtype: Dtype,
) -> Array:
    unit = _unit(key_of(seed, high_seed, offset), size, dtype)
    tangent = jnp.tan(np.pi * (unit - 0.5)).astype(unit.dtype)
    wide = median.astype(unit.dtype) + sigma.astype(unit.dtype) * tangent
    return wide.astype(dtype.numpy_dtype)


@op(name="device_log_normal", **_RANDOM)
def log_normal(
    seed: Index,
    high_seed: Index,
    offset: Index,
    mean: Scalar,
    std: Scalar,
    size: Ints,
    dtype: Dtype,
) -> Array:
    unit = jax.random.normal(key_of(seed, high_seed, offset), size, _opmath(dtype))
    wide = mean.astype(unit.dtype) + std.astype(unit.dtype) * unit
    return jnp.exp(wide).astype(dtype.numpy_dtype)


@op(name="device_integers", **_RANDOM)
def integers(
    seed: Index,
    high_seed: Index,
    offset: Index,
    low: Index,
    width: Index,
    size: Ints,
    dtype: Dtype,
) -> Array:
    """[low, low + width); a width of 0 is all of the 64 bits."""
    bits = jax.random.bits(key_of(seed, high_seed, offset), size, np.uint64)
    width = width.astype(np.uint64)
    within = jnp.where(width == 0, bits, bits % jnp.maximum(width, np.uint64(1)))
    return (within.astype(np.int64) + low).astype(dtype.numpy_dtype)


@op(name="device_bernoulli", **_RANDOM)
def bernoulli(
    seed: Index, high_seed: Index, offset: Index, p: Scalar, size: Ints, dtype: Dtype
) -> Array:
    unit = jax.random.uniform(key_of(seed, high_seed, offset), size, np.float32)
    return (unit < p.astype(np.float32)).astype(dtype.numpy_dtype)


@op(name="device_geometric", **_RANDOM)
def geometric(
    seed: Index, high_seed: Index, offset: Index, p: Scalar, size: Ints, dtype: Dtype
) -> Array:
    unit = _unit(key_of(seed, high_seed, offset), size, dtype)
    trials = jnp.ceil(jnp.log1p(-unit) / jnp.log1p(-p.astype(unit.dtype)))
    return jnp.maximum(trials, 1).astype(dtype.numpy_dtype)


@op(name="device_permutation", **_RANDOM)
def permutation(
    seed: Index, high_seed: Index, offset: Index, size: Ints, dtype: Dtype
) -> Array:
    key = key_of(seed, high_seed, offset)
    return jax.random.permutation(key, size[0]).astype(dtype.numpy_dtype)


@op(name="device_poisson", **_RANDOM)
def poisson(seed: Index, high_seed: Index, offset: Index, rates: Array) -> Array:
    """JAX's Poisson sampler in int32, in the dtype of ``rates``."""
    key = key_of(seed, high_seed, offset)
    drawn = jax.random.poisson(key, rates.astype(np.float32), dtype=np.int32)
    return drawn.astype(rates.dtype)


def race(key, weights, num_samples: int, replacement: bool):
    """The ``num_samples`` first of exponential clocks with the rates ``weights``."""
    wide = weights.astype(_opmath_of(weights))
    if replacement and num_samples > 1:
        shape = (num_samples, *weights.shape[:-1])
        drawn = jax.random.categorical(key, jnp.log(wide), shape=shape)
        return jnp.moveaxis(drawn, 0, -1).astype(np.int64)
    noise = jax.random.exponential(key, weights.shape, wide.dtype)
    _, places = jax.lax.top_k(wide / noise, num_samples)
    return places.astype(np.int64)


def _opmath_of(x):
    return np.float64 if x.dtype == np.float64 else np.float32
