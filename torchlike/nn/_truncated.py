"""Truncated normal numbers on the host, drawn as PyTorch 2.13 draws them: by rejection.

Whole arrays are drawn again until no element is outside, so the stream advances by a
multiple of the tensor's size that depends on the numbers.
"""

from __future__ import annotations

import math

import numpy as np

from .._ops import _random_checks as check

_LIKELY = 0.3  # from here on normal candidates are accepted often enough


def draw(generator, shape, dtype, mean, std, a, b) -> np.ndarray:
    """Normal numbers in [a, b], in ``dtype``."""
    inside = normal_cdf((b - mean) / std) - normal_cdf((a - mean) / std)
    if inside > _LIKELY:
        return _from_normals(generator, shape, dtype, mean, std, a, b)
    check.uniform(dtype, a, b)
    return _from_uniforms(generator, shape, dtype, mean, std, a, b)


def normal_cdf(x: float) -> float:
    """The standard normal distribution function."""
    return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0


def _from_normals(generator, shape, dtype, mean, std, a, b):
    number = dtype.numpy_dtype.type
    low, high = number(a), number(b)
    result = generator.normal(shape, dtype, mean, std)
    outside = (result < low) | (result > high)
    while outside.any():
        fresh = generator.normal(shape, dtype, mean, std)
        result = np.where(outside, fresh, result)
        outside = (result < low) | (result > high)
    return result


def _from_uniforms(generator, shape, dtype, mean, std, a, b):
    """Candidates uniform in [a, b), accepted with the height of the density there."""
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2
    result = generator.uniform(shape, dtype, a, b)
    candidates, pending = result, np.ones(shape, bool)
    while True:
        height = _log_height(candidates, dtype, mean, std, peak)
        with np.errstate(divide="ignore"):
            level = np.log(generator.uniform(shape, dtype))
        pending = pending & (level > height)
        if not pending.any():
            return result
        candidates = generator.uniform(shape, dtype, a, b)
        result = np.where(pending, candidates, result)


def _log_height(x, dtype, mean, std, peak):
    number = dtype.numpy_dtype.type
    scaled = (x - number(mean)) / number(std)
    return scaled * scaled * number(-0.5) - number(peak)
