"""Integers, Bernoulli and geometric draws."""

from __future__ import annotations

import math

import numpy as np

from torchlike import _dtypes
from torchlike._streams.floats import cast, parts, unit32, unit64
from torchlike._streams.twister import Twister

_WIDE_RANGE = 1 << 28  # from here on PyTorch spends two words, to keep the skew small
_MASK53 = np.uint64(2**53 - 1)
_DIGITS = {
    _dtypes.float16: 11,
    _dtypes.bfloat16: 8,
    _dtypes.float32: 24,
    _dtypes.float64: 53,
}


def integers(
    twister: Twister, count: int, dtype: _dtypes.dtype, low: int, high: int
) -> np.ndarray:
    """Values in [low, high): a word, or a pair of them, modulo the width."""
    width = high - low
    result = np.empty(count, dtype.numpy_dtype)
    for part in parts(count):
        drawn = _integers(twister, part.stop - part.start, low, width)
        result[part] = cast(drawn, dtype)
    return result


def _integers(twister, count, low, width):
    if width >= 1 << 64:
        return twister.longs(count).view(np.int64)
    if width >= _WIDE_RANGE:
        drawn = twister.longs(count)
        drawn %= np.uint64(width)
        drawn += np.uint64(low % (1 << 64))
        return drawn.view(np.int64)
    drawn = twister.words(count)
    drawn %= np.uint32(width)
    return drawn + np.int64(low)


def full_range(twister: Twister, count: int, dtype: _dtypes.dtype) -> np.ndarray:
    """``random_()``: integers up to the type's maximum, floats up to 2^digits."""
    wide = dtype in (_dtypes.int64, _dtypes.float64)
    drawn = twister.longs(count) if wide else twister.words(count)
    return cast(drawn % drawn.dtype.type(_modulus(dtype)), dtype)


def _modulus(dtype):
    if dtype is _dtypes.bool_:
        return 2
    if dtype in _DIGITS:
        return (1 << _DIGITS[dtype]) + 1
    return int(np.iinfo(dtype.numpy_dtype).max) + 1


def bernoulli(twister: Twister, count: int, p: float) -> np.ndarray:
    """True with probability ``p``: uniform float64 < p, compared as integers.

    **Differs** PyTorch built with MKL draws these, and exponential numbers, from a
    generator of MKL's when it runs on an Intel CPU; on others it draws them like this.
    """
    bound = np.uint64(math.ceil(p * 2.0**53))
    result = np.empty(count, np.bool_)
    for part in parts(count):
        drawn = twister.longs(part.stop - part.start)
        drawn &= _MASK53
        np.less(drawn, bound, out=result[part])
    return result


def bernoulli_each(twister: Twister, p: np.ndarray) -> np.ndarray:
    """One probability an element; only float64 probabilities spend two words."""
    if p.dtype == np.float64:
        return unit64(twister, p.size) < p
    return unit32(twister, p.size) < p.astype(np.float32)


def geometric(
    twister: Twister, count: int, dtype: _dtypes.dtype, p: float
) -> np.ndarray:
    """The number of trials up to the first success."""
    with np.errstate(divide="ignore"):
        trials = np.ceil(np.log(unit64(twister, count)) / math.log1p(-p))
    return cast(trials, dtype)
