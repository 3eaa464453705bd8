"""Binomial draws: by inversion where few successes are expected, else by rejection.

**Source** L. Devroye, Non-uniform random variate generation, 1986 (inversion by
geometric numbers); W. Hörmann, The generation of binomial random variates, 1993
(BTRS, with the logarithm that the paper leaves out).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from torchlike._streams.rejection import Uniforms
from torchlike._streams.twister import Twister

_FEW = 10.0  # expected successes below which inversion is the quicker


def binomial(twister: Twister, count: np.ndarray, prob: np.ndarray) -> np.ndarray:
    """One float64 sample for each pair of the flat arrays."""
    uniforms = Uniforms(twister)
    unit = uniforms.next
    pairs = zip(count.astype(float).tolist(), prob.astype(float).tolist(), strict=True)
    try:
        drawn = [_binomial_one(n, p, unit) for n, p in pairs]
    finally:
        uniforms.close()
    return np.array(drawn, np.float64)


def _binomial_one(count: float, prob: float, unit: Callable[[], float]) -> float:
    if count <= 0.0 or prob <= 0.0:
        return 0.0
    if prob >= 1.0:
        return count
    if prob != prob:
        return math.nan
    if prob <= 0.5:
        return _successes(count, prob, unit)
    return count - _successes(count, 1.0 - prob, unit)


def _successes(count: float, prob: float, unit: Callable[[], float]) -> float:
    draw = _by_rejection if count * prob >= _FEW else _by_inversion
    return draw(count, prob, unit)


def _by_inversion(count: float, prob: float, unit: Callable[[], float]) -> float:
    """Add up the trials each success takes until ``count`` is passed."""
    failure = math.log1p(-prob)
    trials, successes = 0.0, 0
    while True:
        u = unit()
        trials += math.ceil(math.log(u) / failure) if u else math.inf
        if trials > count:
            return float(successes)
        successes += 1


def _by_rejection(count: float, prob: float, unit: Callable[[], float]) -> float:
    deviation = math.sqrt(count * prob * (1 - prob))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * prob
    centre = count * prob + 0.5
    tight = 0.92 - 4.2 / b
    alpha = (2.83 + 5.1 / b) * deviation
    mode = math.floor((count + 1) * prob)
    while True:
        u, v = unit() - 0.5, unit()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + centre) if us else -1
        if k < 0 or k > count:
            continue
        if us >= 0.07 and v <= tight:
            return float(k)
        height = math.log(v * alpha / (a / (us * us) + b)) if v else -math.inf
        if height <= _bound(count, prob, mode, k):
            return float(k)


def _bound(n: float, prob: float, mode: float, k: float) -> float:
    """The logarithm of the ratio of the probabilities of k and the mode."""
    odds = prob / (1 - prob)
    return (
        (mode + 0.5) * math.log((mode + 1) / (odds * (n - mode + 1)))
        + (n + 1) * math.log((n - mode + 1) / (n - k + 1))
        + (k + 0.5) * math.log(odds * (n - k + 1) / (k + 1))
        + _stirling_rest(mode)
        + _stirling_rest(n - mode)
        - _stirling_rest(k)
        - _stirling_rest(n - k)
    )


def _stirling_rest(k: float) -> float:
    """log k! less Stirling's formula at k + 1."""
    if k <= 9:
        start = 0.5 * math.log(2 * math.pi) + (k + 0.5) * math.log(k + 1) - (k + 1)
        return math.lgamma(k + 1) - start
    square = (k + 1) * (k + 1)
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1)
