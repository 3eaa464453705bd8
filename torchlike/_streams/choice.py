"""Permutations and multinomial samples."""

from __future__ import annotations

import numpy as np

from torchlike import _dtypes
from torchlike._streams.continuous import exponential
from torchlike._streams.floats import cast, unit64
from torchlike._streams.twister import Twister

_LOOP_BELOW = 256
_HUGE = (2**32 - 1) // 20  # PyTorch spends two words a swap from here on


def permutation(twister: Twister, count: int) -> np.ndarray:
    """0 … count - 1 after the swaps (i, i + word mod (count - i))."""
    steps = np.arange(count, dtype=np.int64)
    draws = max(count - 1, 0)
    words = twister.longs(draws) if count >= _HUGE else twister.words(draws)
    partners = steps.copy()
    partners[:-1] += (words % (count - steps[:-1]).astype(words.dtype)).astype(np.int64)
    if count < _LOOP_BELOW:
        return _swap_one_by_one(partners.tolist())
    return _swap_all(partners)


def _swap_one_by_one(partners: list[int]) -> np.ndarray:
    result = list(range(len(partners)))
    for i, j in enumerate(partners):
        result[i], result[j] = result[j], result[i]
    return np.array(result, np.int64)


def _swap_all(partners: np.ndarray) -> np.ndarray:
    """The swaps of ``_swap_one_by_one`` in a few dozen array operations.

    Step i reads what place ``partners[i]`` holds and leaves there what place i held.
    Place p holds p until a step hits it, then what the latest hit left, so with
    ``held[i]`` = what place i holds when step i begins,
    result[i] = held[the hit of partners[i] before i], or partners[i] if there is none.
    """
    narrow = np.int32 if len(partners) < 1 << 31 else np.int64  # half the memory
    steps = np.arange(len(partners), dtype=narrow)
    latest, earlier = _hits(partners, steps)
    own = np.flatnonzero(latest == steps)  # a step that hits itself comes too late
    latest[own] = earlier[own]
    held = _roots(np.where(latest < 0, steps, latest))
    result = held.take(earlier, mode="clip")
    np.copyto(result, partners, where=earlier < 0, casting="same_kind")
    return result


def _hits(partners, steps):
    """For each place its last hit; for each step the hit of the same place before it.

    Hits are peeled off from the last to the first; each round halves what is left.
    A repeated index keeps its last value, as assignments run in order.
    """
    table = np.full_like(steps, -1)
    earlier = np.full_like(steps, -1)
    table[partners] = steps
    latest = table.copy()
    found = table.take(partners)
    left = np.flatnonzero(found != steps)
    places, later = partners.take(left), found.take(left)
    while left.size:
        table[places] = left
        found = table.take(places)
        is_last = found == left
        peeled, rest = np.flatnonzero(is_last), np.flatnonzero(~is_last)
        earlier[later.take(peeled)] = left.take(peeled)
        left, places, later = left.take(rest), places.take(rest), found.take(rest)
    return latest, earlier


def _roots(parents: np.ndarray) -> np.ndarray:
    """Follow ``parents`` until it stays, doubling the stride each round."""
    while True:
        following = parents.take(parents)
        if np.array_equal(following, parents):
            return parents
        parents = following


def multinomial(
    twister: Twister, weights: np.ndarray, samples: int, replacement: bool
) -> np.ndarray:
    """``samples`` columns drawn for each row of ``weights`` (rows, categories)."""
    if replacement and samples > 1:
        return _by_cumulative_sum(twister, weights, samples)
    dtype = _dtypes.from_numpy(weights.dtype)
    race = exponential(twister, weights.size, dtype, 1.0).reshape(weights.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        race = cast(weights / race, dtype)
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
