"""Permutations and multinomial samples."""

from __future__ import annotations

import numpy as np

from torchlike import _dtypes
from torchlike._quiet import quietly
from torchlike._streams.continuous import exponential
from torchlike._streams.floats import cast, unit64
from torchlike._streams.native import samplers
from torchlike._streams.twister import Twister

_HUGE = (2**32 - 1) // 20  # PyTorch spends two words a swap from here on
_NOT_FINITE = 0x7F800000  # as a float32, these bits are infinity


def permutation(twister: Twister, count: int) -> np.ndarray:
    """0 … count - 1 after the swaps (i, i + word mod (count - i))."""
    if count < 2:
        return np.arange(count)
    if samplers and count < _HUGE:
        return twister.fill(samplers.permutation, np.empty(count, np.int32))
    draw = twister.longs if count >= _HUGE else twister.words
    partners = draw(count - 1)
    steps = np.arange(count - 1, dtype=partners.dtype)
    partners %= count - steps
    partners += steps
    return _swapped(partners.astype(np.int32, copy=False), count)


def _swapped(partners: np.ndarray, count: int) -> np.ndarray:
    """0 … count - 1 after the swaps (i, partners[i]) in order.

    LAPACK exchanges the rows of a matrix in just this way, and only moves its numbers:
    so integers go through it as floats of the same bits.
    """
    from scipy.linalg import lapack  # slow to import

    swap, kind = (lapack.slaswp, "i4") if count < _NOT_FINITE else (lapack.dlaswp, "i8")
    rows = np.arange(count, dtype=kind).view(kind.replace("i", "f"))[:, None]
    return swap(rows, partners, overwrite_a=True)[:, 0].view(kind)


def are_weights(rows: np.ndarray) -> bool:
    """Whether none is negative or NaN, and each row has a finite sum above 0."""
    if samplers and rows.itemsize >= 4:
        return samplers.are_weights(np.ascontiguousarray(rows))
    wide = rows.astype(np.float64)
    if not wide.min(initial=0) >= 0:
        return False
    sums = wide.sum(axis=-1)  # they show what is no number or infinite, too
    return 0 < sums.min(initial=1) and sums.max(initial=1) < np.inf


def multinomial(
    twister: Twister, weights: np.ndarray, samples: int, replacement: bool
) -> np.ndarray:
    """``samples`` columns drawn for each row of ``weights`` (rows, categories)."""
    if replacement and samples > 1:
        return _by_cumulative_sum(twister, weights, samples)
    if samplers and samples == 1 and weights.itemsize >= 4:
        out = np.empty((len(weights), 1), np.int64)
        return twister.fill(samplers.race, out, np.ascontiguousarray(weights))
    dtype = _dtypes.from_numpy(weights.dtype)
    race = exponential(twister, weights.size, dtype, 1.0).reshape(weights.shape)
    race = cast(quietly(np.divide, weights, race), dtype)
    if samples == 1:
        return np.argmax(race, axis=-1, keepdims=True)
    return np.argsort(-race, axis=-1, kind="stable")[:, :samples]


def _by_cumulative_sum(twister, weights, samples):
    if weights.itemsize < 4:
        weights = weights.astype(np.float32)
    bounds = np.cumsum(weights, axis=-1, dtype=weights.dtype)
    bounds /= bounds[:, -1:].copy()
    bounds[:, -1] = 1
    drawn = unit64(twister, len(weights) * samples).reshape(-1, samples)
    rows = [
        np.searchsorted(row.astype(np.float64), u)
        for row, u in zip(bounds, drawn, strict=True)
    ]
    return np.stack(rows) if rows else np.empty((0, samples), np.int64)
