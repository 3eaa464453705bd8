"""Gamma and Dirichlet draws.

**Source** G. Marsaglia and W. Tsang, A simple method for generating gamma variables,
2000; the order in which PyTorch 2.13 spends uniforms and normals on it.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

import numpy as np

from torchlike._streams.native import samplers
from torchlike._streams.rejection import Uniforms
from torchlike._streams.twister import Twister

_TWO_PI = 2.0 * math.pi
_THIRD = np.float32(1.0 / 3.0)  # PyTorch's constants are of float32
_SQUEEZE = float(np.float32(0.0331))


def gamma(twister: Twister, concentration: np.ndarray) -> np.ndarray:
    """One float64 sample of scale 1 for each concentration, never below the least.

    The numbers derived from a concentration are rounded to its own dtype.
    """
    drawing = concentration != 0  # a concentration of 0 spends nothing
    if drawing.all():
        return np.fmax(_positive(twister, concentration), sys.float_info.min)
    result = np.zeros(concentration.shape)
    result[drawing] = _positive(twister, concentration[drawing])
    return np.fmax(result, sys.float_info.min)


def _positive(twister: Twister, alpha: np.ndarray) -> np.ndarray:
    """Samples for concentrations that are not 0."""
    boosted = alpha < 1  # drawn at alpha + 1, where acceptance is likely
    one = alpha.dtype.type(1)
    exponents = np.where(boosted, one / alpha, np.inf)
    shifted = np.where(boosted, alpha + one, alpha) - _THIRD
    draw = _in_c if samplers else _one_by_one
    return draw(twister, shifted.astype(float), exponents.astype(float))


def _in_c(twister, shifted: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    out = np.empty(len(shifted))
    twister.drawn(out.size > 0)
    twister.spare = samplers.gamma(
        twister.capsule, shifted, exponents, out, twister.spare
    )
    return out


def _one_by_one(twister, shifted: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    uniforms = Uniforms(twister)
    unit = uniforms.next
    normal = _Normals(twister, unit)
    try:
        pairs = zip(shifted.tolist(), exponents.tolist(), strict=True)
        return np.array([_gamma_one(*pair, unit, normal) for pair in pairs], np.float64)
    finally:
        uniforms.close()


class _Normals:
    """Normal numbers in pairs; the second waits in the twister's ``spare``."""

    def __init__(self, twister: Twister, unit: Callable[[], float]):
        self._twister = twister
        self._unit = unit

    def __call__(self) -> float:
        spare = self._twister.spare
        if spare is not None:
            self._twister.spare = None
            return spare
        theta = _TWO_PI * self._unit()
        radius = math.sqrt(-2.0 * math.log1p(-self._unit()))
        self._twister.spare = radius * math.sin(theta)
        return radius * math.cos(theta)


def _gamma_one(
    d: float, exponent: float, unit: Callable[[], float], normal: _Normals
) -> float:
    """A sample of concentration d + 1/3, scaled by a uniform ** ``exponent``."""
    scale = 1.0
    if exponent != math.inf:
        scale = _power(1.0 - unit(), exponent)
    c = 1.0 / math.sqrt(9.0 * d) if d > 0 else math.nan
    while True:
        x = normal()
        y = 1.0 + c * x
        while y <= 0:
            x = normal()
            y = 1.0 + c * x
        v = y * y * y
        u = 1.0 - unit()
        square = x * x
        if u < 1.0 - _SQUEEZE * square * square:
            return scale * d * v
        if math.log(u) < 0.5 * square + d * (1.0 - v + math.log(v)):
            return scale * d * v


def _power(base: float, exponent: float) -> float:
    """base ** exponent; a negative concentration overflows to infinity as in C."""
    try:
        return base**exponent
    except (OverflowError, ZeroDivisionError):
        return math.inf


def dirichlet(twister: Twister, concentration: np.ndarray) -> np.ndarray:
    """Gamma samples over their sum along the last axis, strictly within (0, 1)."""
    wide = concentration.reshape(-1).astype(np.float64)
    drawn = gamma(twister, wide).reshape(concentration.shape)
    share = (drawn / drawn.sum(-1, keepdims=True)).astype(concentration.dtype)
    one = concentration.dtype.type(1)
    least = np.finfo(concentration.dtype).tiny
    return np.clip(share, least, np.nextafter(one, one - one))
