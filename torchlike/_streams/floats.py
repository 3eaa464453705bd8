"""Rounding as PyTorch's kernels round: fused multiply-adds, libm, narrow types."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from torchlike import _dtypes
from torchlike._quiet import quietly
from torchlike._streams.native import samplers
from torchlike._streams.twister import PART, paired

_LIBM_BELOW = 64  # up to here the C library's own functions are quick enough
_SPLITTER = np.float64(2**27 + 1)
_MASK53 = np.uint64(2**53 - 1)
_MASK24 = np.uint32(2**24 - 1)


def unit64(twister, count: int) -> np.ndarray:
    """Uniform float64 in [0, 1) with 53 random bits."""
    if samplers:
        return twister.fill(samplers.units, np.empty(count))
    if count < PART:
        return _unit64(twister.longs(count), np.empty(count))
    result = np.empty(count)
    for part, words in twister.in_parts(count, 2):
        _unit64(paired(words), result[part])
    return result


def unit32(twister, count: int) -> np.ndarray:
    """Uniform float32 in [0, 1) with 24 random bits."""
    if samplers:
        return twister.fill(samplers.units, np.empty(count, np.float32))
    return _unit32(twister.words(count), np.empty(count, np.float32))


def unit_parts(twister, count: int, dtype) -> Iterator[tuple[slice, np.ndarray]]:
    """``unit64`` for float64, else ``unit32``, in parts that fit the cache.

    Each part comes in the memory of the part before.
    """
    wide = dtype is _dtypes.float64
    memory = np.empty(min(count, PART), np.float64 if wide else np.float32)
    if samplers:
        for start in range(0, count, PART):
            out = memory[: count - start]
            yield slice(start, start + len(out)), twister.fill(samplers.units, out)
        return
    for part, words in twister.in_parts(count, 2 if wide else 1):
        out = memory[: part.stop - part.start]
        yield part, _unit64(paired(words), out) if wide else _unit32(words, out)


def _unit64(longs: np.ndarray, out: np.ndarray) -> np.ndarray:
    longs &= _MASK53
    return np.multiply(longs.view(np.int64), 2.0**-53, out=out)


def _unit32(words: np.ndarray, out: np.ndarray) -> np.ndarray:
    words &= _MASK24
    np.copyto(out, words.view(np.int32), casting="unsafe")  # quicker than unsigned
    out *= np.float32(2.0**-24)
    return out


def fma(x: np.ndarray, scale: float, shift: float) -> np.ndarray:
    """``x * scale + shift`` rounded once, as compiled PyTorch does it; may reuse ``x``.

    float32 goes through float64, which is exact but for ties of a tie; float64 adds
    back the error of the product and of the sum.
    """
    if scale == 1 and shift == 0:
        return x
    if samplers:
        samplers.fused(x, scale, shift)
        return x
    if x.dtype == np.float32:
        wide = x.astype(np.float64) * float(np.float32(scale))
        return (wide + float(np.float32(shift))).astype(np.float32)
    return _fma64(x, np.float64(scale), np.float64(shift))


def _fma64(x, scale, shift):
    product = x * scale
    x_high, scale_high = _high_half(x), _high_half(scale)
    x_low, scale_low = x - x_high, scale - scale_high
    error = x_high * scale_high - product
    error += x_high * scale_low + x_low * scale_high
    error += x_low * scale_low
    total = product + shift
    part = total - product
    lost = (product - (total - part)) + (shift - part)
    result = total + (lost + error)
    return np.where(np.isfinite(result), result, total)


def _high_half(x):
    spread = x * _SPLITTER
    return spread - (spread - x)


def libm(name: str, x: np.ndarray) -> np.ndarray:
    """A float64 function of the C library, so that every bit agrees with PyTorch.

    Without ``samplers`` only of small arrays: NumPy's vector form of the same function
    may differ in the last bit.
    """
    if samplers:
        out = np.empty(x.shape)
        samplers.apply(name, np.ascontiguousarray(x), out)
        return out
    if x.size >= _LIBM_BELOW:
        return getattr(np, name)(x)
    function = getattr(math, name)
    try:
        return np.array([function(value) for value in x.tolist()], np.float64)
    except (OverflowError, ValueError):  # C gives infinity
        return getattr(np, name)(x)


def cast(x: np.ndarray, dtype: _dtypes.dtype) -> np.ndarray:
    """C's conversion; 16-bit floats round by way of float32, integers wrap."""
    target = dtype.numpy_dtype
    if x.dtype == target:
        return x
    if dtype.is_floating_point and dtype.itemsize < 4:
        x = quietly(x.astype, np.float32)
    return quietly(x.astype, target)
