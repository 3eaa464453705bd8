"""Distributions that spend an unknown number of uniforms on each element."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

import numpy as np

from torchlike._streams.floats import unit64
from torchlike._streams.twister import Twister

_CHUNK = 512


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


def poisson(twister: Twister, rates: np.ndarray) -> np.ndarray:
    """One sample for each of the ``rates``, as float64."""
    uniforms = Uniforms(twister)
    unit = uniforms.next
    try:
        drawn = [_poisson_one(rate, unit) for rate in rates.astype(float).tolist()]
    finally:
        uniforms.close()
    return np.array(drawn, np.float64)


def _poisson_one(rate: float, unit: Callable[[], float]) -> int:
    if not rate >= 0:
        raise RuntimeError("invalid Poisson rate, expected rate to be non-negative")
    if rate >= 10:
        return _poisson_by_rejection(rate, unit)
    if rate == 0:
        return 0
    count, product, floor = 0, unit(), math.exp(-rate)
    while product > floor:
        count += 1
        product *= unit()
    return count


def _poisson_by_rejection(rate: float, unit: Callable[[], float]) -> int:
    """**Source** W. Hörmann, The transformed rejection method, 1993 (PTRS)."""
    log_rate = math.log(rate)
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse_alpha = 1.1239 + 1.1328 / (b - 3.4)
    v_r = 0.9277 - 3.6224 / (b - 2)
    log_inverse_alpha = math.log(inverse_alpha)
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


def _log(v: float) -> float:
    return math.log(v) if v else -math.inf
