"""Distributions that spend an unknown number of uniforms on each element."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable

import numpy as np

from torchlike._streams.floats import unit64
from torchlike._streams.native import samplers
from torchlike._streams.twister import Twister

_CHUNK = 512
_REJECTED = 10  # the rate from which on PyTorch draws by rejection
_NEGATIVE = "invalid Poisson rate, expected rate to be non-negative"


class Uniforms:
    """Uniform float64 one by one, drawn in chunks; ``close`` gives back the rest.

    ``next()`` is called for every number, so it is a generator's: half the price of a
    method of Python's.
    """

    def __init__(self, twister: Twister):
        self._twister = twister
        self._chunk = iter(())
        self.next = self._numbers().__next__

    def _numbers(self):
        while True:
            self._place = self._twister.mark()
            self._chunk = iter(unit64(self._twister, _CHUNK).tolist())
            yield from self._chunk

    def close(self) -> None:
        left = operator.length_hint(self._chunk)
        if left:
            self._twister.rewind(self._place)
            self._twister.longs(_CHUNK - left)


MANY = 64  # equal samples from which on attempts are made all at once


def all_equal(*parameters: np.ndarray) -> bool:
    """Whether many samples are wanted of one distribution."""
    return len(parameters[0]) >= MANY and all((p == p[0]).all() for p in parameters)


def attempts(twister: Twister, count: int, attempt: Callable) -> np.ndarray:
    """``count`` samples of one distribution, each attempt spending two uniforms.

    ``attempt(u, v)`` gives for arrays of uniforms which are accepted, and the values.
    """
    found: list[np.ndarray] = []
    while count:
        pairs = count + count // 3 + MANY
        place = twister.mark()
        u = unit64(twister, 2 * pairs)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            accepted, values = attempt(u[0::2] - 0.5, u[1::2])
        taken = np.flatnonzero(accepted)[:count]
        found.append(values[taken])
        count -= len(taken)
        if not count:
            twister.rewind(place)
            twister.longs(2 * (int(taken[-1]) + 1))
    return np.concatenate(found)


def poisson(twister: Twister, rates: np.ndarray) -> np.ndarray:
    """One sample for each of the ``rates``, as float64."""
    if samplers:
        return _poisson_in_c(twister, rates.astype(float))
    if all_equal(rates) and rates[0] >= _REJECTED:
        rate = float(rates[0])
        return attempts(twister, len(rates), functools.partial(_attempt, rate))
    uniforms = Uniforms(twister)
    unit = uniforms.next
    try:
        drawn = [_poisson_one(rate, unit) for rate in rates.astype(float).tolist()]
    finally:
        uniforms.close()
    return np.array(drawn, np.float64)


def _poisson_in_c(twister: Twister, rates: np.ndarray) -> np.ndarray:
    out = np.empty(len(rates))
    count, some = samplers.poisson(twister.capsule, rates, out)
    twister.drawn(some)
    if count < len(rates):
        raise RuntimeError(_NEGATIVE)
    return out


def _poisson_one(rate: float, unit: Callable[[], float]) -> int:
    if not rate >= 0:
        raise RuntimeError(_NEGATIVE)
    if rate >= _REJECTED:
        return _poisson_by_rejection(rate, unit)
    if rate == 0:
        return 0
    count, product, floor = 0, unit(), math.exp(-rate)
    while product > floor:
        count += 1
        product *= unit()
    return count


def _constants(rate: float) -> tuple[float, float, float, float]:
    """**Source** W. Hörmann, The transformed rejection method, 1993 (PTRS)."""
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    return a, b, math.log(1.1239 + 1.1328 / (b - 3.4)), 0.9277 - 3.6224 / (b - 2)


def _poisson_by_rejection(rate: float, unit: Callable[[], float]) -> int:
    log_rate = math.log(rate)
    a, b, log_inverse_alpha, v_r = _constants(rate)
    while True:
        u, v = unit() - 0.5, unit()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43) if us else -1
        if us >= 0.07 and v <= v_r:
            return k
        if k < 0 or (us < 0.013 and v > us):
            continue
        height = _log(v) + log_inverse_alpha - math.log(a / (us * us) + b)
        if height <= -rate + k * log_rate - math.lgamma(k + 1):
            return k


def _attempt(rate: float, u: np.ndarray, v: np.ndarray):
    """An attempt of ``_poisson_by_rejection`` for each pair of uniforms."""
    from scipy.special import gammaln  # slow to import

    a, b, log_inverse_alpha, v_r = _constants(rate)
    us = 0.5 - abs(u)
    k = np.floor((2 * a / us + b) * u + rate + 0.43)
    height = np.log(v) + log_inverse_alpha - np.log(a / (us * us) + b)
    below = height <= -rate + k * math.log(rate) - gammaln(k + 1)
    possible = (us > 0) & (k >= 0) & ~((us < 0.013) & (v > us))
    return ((us >= 0.07) & (v <= v_r)) | (possible & below), k


def _log(v: float) -> float:
    return math.log(v) if v else -math.inf
