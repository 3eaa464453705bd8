"""Uniform, normal, exponential, Cauchy and log-normal draws.

**Source** PyTorch 2.13's streams (its AVX2 kernels), compared draw by draw: they agree
bit for bit. Without ``samplers`` float64 results of large arrays may differ in the last
bit, where NumPy's logarithm or cosine is not the C library's.
"""

from __future__ import annotations

import math

import numpy as np

from torchlike import _dtypes
from torchlike._streams import box_muller, single
from torchlike._streams.floats import cast, fma, libm, unit32, unit64, unit_parts
from torchlike._streams.native import samplers
from torchlike._streams.twister import Twister

_BLOCK = 16  # two rows of 8: radii from the first, angles from the second


def uniform(
    twister: Twister, count: int, dtype: _dtypes.dtype, low: float, high: float
) -> np.ndarray:
    """Values in [low, high); one that rounds up to ``high`` becomes ``low``."""
    result = np.empty(count, dtype.numpy_dtype)
    if dtype is _dtypes.float64:
        width = high - low
    else:
        width = float(np.float32(high) - np.float32(low))
    for part, drawn in unit_parts(twister, count, dtype):
        result[part] = _below(cast(fma(drawn, width, low), dtype), low, high)
    return result


def _below(x: np.ndarray, low: float, high: float) -> np.ndarray:
    if x.itemsize >= 4 and (low, high) == (0, 1):
        return x
    x[x == x.dtype.type(high)] = x.dtype.type(low)
    return x


def normal(
    twister: Twister, count: int, dtype: _dtypes.dtype, mean: float, std: float
) -> np.ndarray:
    """Blocks of 16 from 16 elements on; below that pairs in float64.

    A tail that is no whole block is drawn again, as the last 16.
    """
    if count < _BLOCK:
        return normal_strided(twister, count, dtype, mean, std)
    whole = count - count % _BLOCK
    result = np.empty(count, dtype.numpy_dtype)
    _whole_blocks(twister, result[:whole], mean, std)
    if whole < count:
        if dtype.itemsize >= 4:  # narrower floats draw nothing for the tail
            _unit_of(dtype)(twister, count - whole)
        tail = _unit_of(dtype)(twister, _BLOCK)
        result[-_BLOCK:] = _box_muller(tail, mean, std)
    return result


def _unit_of(dtype):
    return unit64 if dtype is _dtypes.float64 else unit32


def _whole_blocks(twister, out, mean, std) -> None:
    if not samplers and out.dtype != np.float64 and box_muller.ready(len(out)):
        return _by_xla(twister, out, mean, std)
    dtype = _dtypes.float64 if out.dtype == np.float64 else _dtypes.float32
    for part, drawn in unit_parts(twister, len(out), dtype):
        out[part] = _box_muller(drawn, mean, std)


def _by_xla(twister, out, mean, std) -> None:
    for part, words in twister.in_parts(len(out)):
        out[part] = box_muller.transform(words, mean, std)


def normal_strided(
    twister: Twister, count: int, dtype: _dtypes.dtype, mean: float, std: float
) -> np.ndarray:
    """Pairs at any size, as PyTorch fills a tensor that is not contiguous."""
    return cast(normal_pairs(twister, count, mean, std), dtype)


def _box_muller(x: np.ndarray, mean: float, std: float) -> np.ndarray:
    """Normal numbers from whole blocks of uniforms; may reuse ``x``."""
    if samplers:
        samplers.box_muller(x, mean, std)
        return x
    blocks = x.reshape(-1, 2, 8)
    result = np.empty_like(blocks)
    _transform(blocks[:, 0], blocks[:, 1], result)
    return fma(result, std, mean).reshape(-1)


def _transform(x, angle, out):
    theta = x.dtype.type(2 * math.pi) * angle
    if x.dtype == np.float32:
        logarithm = single.log(1 - x)
        sine, cosine = single.sine_and_cosine(theta)
    else:
        logarithm, sine, cosine = np.log(1 - x), np.sin(theta), np.cos(theta)
    radius = np.sqrt(-2 * logarithm)
    np.multiply(radius, cosine, out=out[:, 0])
    np.multiply(radius, sine, out=out[:, 1])


def normal_pairs(twister: Twister, count: int, mean: float, std: float) -> np.ndarray:
    """float64 normals; the sine of an odd last pair waits for the next call."""
    if samplers:
        twister.drawn(count > (twister.spare is not None))
        samples = np.empty(count)
        twister.spare = samplers.normals(twister.capsule, samples, twister.spare)
        return fma(samples, std, mean)
    samples = np.empty(count + 2)  # a spare in front, half a pair behind
    start = 0
    if count and twister.spare is not None:
        samples[0], twister.spare, start = twister.spare, None, 1
    pairs = (count - start + 1) // 2
    u = unit64(twister, 2 * pairs)
    radius = np.sqrt(-2.0 * libm("log1p", -u[1::2]))
    theta = 2.0 * math.pi * u[0::2]
    end = start + 2 * pairs
    samples[start:end:2] = radius * libm("cos", theta)
    samples[start + 1 : end : 2] = radius * libm("sin", theta)
    if end > count:
        twister.spare = float(samples[count])
    return fma(samples[:count], std, mean)


def exponential(
    twister: Twister, count: int, dtype: _dtypes.dtype, rate: float
) -> np.ndarray:
    scale = -1.0 / rate
    result = np.empty(count, dtype.numpy_dtype)
    for part, drawn in unit_parts(twister, count, _dtypes.float64):
        np.negative(drawn, out=drawn)
        result[part] = cast(scale * libm("log1p", drawn), dtype)
    return result


def cauchy(
    twister: Twister, count: int, dtype: _dtypes.dtype, median: float, sigma: float
) -> np.ndarray:
    result = np.empty(count, dtype.numpy_dtype)
    for part, drawn in unit_parts(twister, count, _dtypes.float64):
        tangent = libm("tan", math.pi * (drawn - 0.5))
        result[part] = cast(fma(tangent, sigma, median), dtype)
    return result


def log_normal(
    twister: Twister, count: int, dtype: _dtypes.dtype, mean: float, std: float
) -> np.ndarray:
    with np.errstate(over="ignore"):
        return cast(libm("exp", normal_pairs(twister, count, mean, std)), dtype)
