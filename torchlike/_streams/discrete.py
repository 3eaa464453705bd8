"""Integers, Bernoulli and geometric draws."""

from __future__ import annotations

import math

import numpy as np

from torchlike import _dtypes
from torchlike._streams.floats import cast, libm, unit32, unit64, unit_parts
from torchlike._streams.native import samplers
from torchlike._streams.twister import Twister, paired

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
    if samplers and dtype is _dtypes.int64 and 1 < width < _WIDE_RANGE:
        return twister.fill(samplers.integers, result, low, width)
    each = 2 if width >= _WIDE_RANGE else 1
    for part, words in twister.in_parts(count, each):
        result[part] = cast(_within(words, each, low, width), dtype)
    return result


def _within(words: np.ndarray, each: int, low: int, width: int) -> np.ndarray:
    if each == 1:
        words %= np.uint32(width)
        return words + np.int64(low) if low else words
    drawn = paired(words)
    if width < 1 << 64:
        drawn %= np.uint64(width)
        drawn += np.uint64(low % (1 << 64))
    return drawn.view(np.int64)


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

    PyTorch can be built to draw these, and exponential numbers, from a generator of
    MKL's on Intel CPUs; the packages of 2.13 on PyPI are not.
    """
    bound = np.uint64(math.ceil(p * 2.0**53))
    result = np.empty(count, np.bool_)
    for part, words in twister.in_parts(count, 2):
        drawn = paired(words)
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
    result = np.empty(count, dtype.numpy_dtype)
    failure = math.log1p(-p)
    with np.errstate(divide="ignore"):
        for part, drawn in unit_parts(twister, count, _dtypes.float64):
            result[part] = cast(np.ceil(libm("log", drawn) / failure), dtype)
    return result
