"""Binomial draws: by inversion where few successes are expected, else by rejection.

**Source** L. Devroye, Non-uniform random variate generation, 1986 (inversion by
geometric numbers); W. Hörmann, The generation of binomial random variates, 1993
(BTRS, with the logarithm that the paper leaves out).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np

from torchlike._streams.native import samplers
from torchlike._streams.rejection import Uniforms, all_equal, attempts
from torchlike._streams.twister import Twister

_FEW = 10.0  # expected successes below which inversion is the quicker


def binomial(twister: Twister, count: np.ndarray, prob: np.ndarray) -> np.ndarray:
    """One float64 sample for each pair of the flat arrays.

    What is derived from a pair is rounded to the dtype of ``count``, as are uniforms.
    """
    if samplers:
        return _in_c(twister, count, prob)
    rounded = float if count.dtype == np.float64 else _single
    if all_equal(count, prob):
        n, p = float(count[0]), float(prob[0])
        likely = rounded(1 - p) if p > 0.5 else p
        if 0 < p < 1 and rounded(n * likely) >= _FEW:
            attempt = functools.partial(_attempt, _Terms(n, likely, rounded))
            drawn = attempts(twister, len(count), attempt)
            return n - drawn if p > 0.5 else drawn
    uniforms = Uniforms(twister)
    pairs = zip(count.astype(float).tolist(), prob.astype(float).tolist(), strict=True)
    try:
        drawn = [_binomial_one(n, p, uniforms.next, rounded) for n, p in pairs]
    finally:
        uniforms.close()
    return np.array(drawn, np.float64)


def _in_c(twister: Twister, count: np.ndarray, prob: np.ndarray) -> np.ndarray:
    out, single = np.empty(len(count)), count.dtype != np.float64
    pairs = count.astype(float), prob.astype(float)
    twister.drawn(samplers.binomial(twister.capsule, *pairs, out, single))
    return out


def _single(x: float) -> float:
    return float(np.float32(x))


def _binomial_one(count: float, prob: float, unit: Callable, rounded) -> float:
    if count <= 0.0 or prob <= 0.0:
        return 0.0
    if prob >= 1.0:
        return count
    if prob != prob:
        return math.nan
    if prob <= 0.5:
        return _successes(count, prob, unit, rounded)
    return count - _successes(count, rounded(1.0 - prob), unit, rounded)


def _successes(count: float, prob: float, unit: Callable, rounded) -> float:
    if rounded(count * prob) >= _FEW:
        return _by_rejection(_Terms(count, prob, rounded), unit)
    return _by_inversion(count, prob, unit)


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


def _stirling_rest(k: float) -> float:
    """log k! less Stirling's formula at k + 1."""
    if k <= 9:
        start = 0.5 * math.log(2 * math.pi) + (k + 0.5) * math.log(k + 1) - (k + 1)
        return math.lgamma(k + 1) - start
    square = (k + 1) * (k + 1)
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1)


_FIRST = np.array([_stirling_rest(k) for k in range(10)])


def _stirling_rests(k: np.ndarray) -> np.ndarray:
    square = (k + 1) * (k + 1)
    large = (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1)
    return np.where(k <= 9, _FIRST[np.minimum(k, 9).astype(np.int64)], large)


class _Terms:
    """What depends on count and probability alone."""

    def __init__(self, count: float, prob: float, rounded: Callable):
        failure, self.centre = rounded(1 - prob), rounded(count * prob)
        deviation = rounded(math.sqrt(rounded(self.centre * failure)))
        self.count, self.rounded = count, rounded
        self.b = rounded(1.15 + 2.53 * deviation)
        self.a = rounded(-0.0873 + 0.0248 * self.b + 0.01 * prob)
        self.centre = rounded(self.centre + 0.5)
        self.tight = rounded(0.92 - 4.2 / self.b)
        self.alpha = rounded((2.83 + 5.1 / self.b) * deviation)
        self.mode = math.floor(rounded(rounded(count + 1) * prob))
        self.odds = rounded(prob / failure)
        mode, others = self.mode, count - self.mode
        self.peak = _stirling_rest(mode) + _stirling_rest(others)
        self.peak += (mode + 0.5) * math.log((mode + 1) / (self.odds * (others + 1)))


def _by_rejection(terms: _Terms, unit: Callable[[], float]) -> float:
    t, rounded = terms, terms.rounded
    while True:
        u, v = rounded(unit() - 0.5), rounded(unit())
        us = 0.5 - abs(u)
        k = math.floor((2 * t.a / us + t.b) * u + t.centre) if us else -1
        if k < 0 or k > t.count:
            continue
        if us >= 0.07 and v <= t.tight:
            return float(k)
        height = math.log(v * t.alpha / (t.a / (us * us) + t.b)) if v else -math.inf
        if height <= _bound(t, k):
            return float(k)


def _bound(t: _Terms, k, log=math.log, rest=_stirling_rest):
    """The logarithm of the ratio of the probabilities of k and the mode."""
    n, others = t.count, t.count - k
    return (
        t.peak
        + (n + 1) * log((n - t.mode + 1) / (others + 1))
        + (k + 0.5) * log(t.odds * (others + 1) / (k + 1))
        - rest(k)
        - rest(others)
    )


def _attempt(t: _Terms, u: np.ndarray, v: np.ndarray):
    """An attempt of ``_by_rejection`` for each pair of uniforms."""
    if t.rounded is _single:
        u, v = (x.astype(np.float32).astype(np.float64) for x in (u, v))
    us = 0.5 - abs(u)
    k = np.floor((2 * t.a / us + t.b) * u + t.centre)
    possible = (us > 0) & (k >= 0) & (k <= t.count)
    accepted = possible & (us >= 0.07) & (v <= t.tight)
    i = np.flatnonzero(possible & ~accepted)
    height = np.log(v[i] * t.alpha / (t.a / (us[i] * us[i]) + t.b))
    accepted[i] = height <= _bound(t, k[i], np.log, _stirling_rests)
    return accepted, k
