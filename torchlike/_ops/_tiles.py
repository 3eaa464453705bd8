"""Maxima over windows that lie side by side: each element belongs to one window."""

from __future__ import annotations

import itertools
import math
from functools import partial

import jax
import jax.numpy as jnp
from jax import lax

from ._kept import kept
from ._windows import Windows

_MANY = 64  # above as many elements in a window the program becomes long


def lie_side_by_side(windows: Windows) -> bool:
    """Whether the windows neither overlap nor leave gaps nor reach outside."""
    fits = all(
        size * k <= length
        for size, k, length in zip(
            windows.sizes, windows.kernel, windows.lengths, strict=True
        )
    )
    plain = not any(windows.padding) and all(d == 1 for d in windows.dilation)
    same = tuple(windows.stride) == tuple(windows.kernel)
    return fits and plain and same and windows.count <= _MANY


def tiled_maximum(x, windows: Windows):
    """The first of equal elements wins, and NaN wins over all."""
    kernel = tuple(windows.kernel)
    lengths = (size * k for size, k in zip(windows.sizes, kernel, strict=True))
    return _maximum(kept(x)[(..., *(slice(0, n) for n in lengths))], kernel)


def _split(x, kernel):
    """(…, L, M) as (…, L / k, k, M / m, m)."""
    outer = x.ndim - len(kernel)
    pairs = zip(x.shape[outer:], kernel, strict=True)
    return x.reshape(*x.shape[:outer], *(n for s, k in pairs for n in (s // k, k)))


def _winners(x, kernel):
    """The maxima, and which element of its window each is, counted in order."""
    parts = _split(x, kernel)
    best = place = None
    for i, at in enumerate(itertools.product(*(range(k) for k in kernel))):
        here = parts[(..., *(n for j in at for n in (slice(None), j)))]
        if best is None:
            best, place = here, jnp.zeros(here.shape, jnp.int32)
            continue
        wins = (here > best) | (here != here)
        best = jnp.where(wins, here, best)
        place = jnp.where(wins, jnp.int32(i), place)
    return best, place


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _maximum(x, kernel):
    return _winners(x, kernel)[0]


@_maximum.defjvp
def _push(kernel, primals, tangents):
    """Each element asks whether it won its window: so does the transpose."""
    best, place = _winners(primals[0], kernel)
    parts = _split(tangents[0], kernel)
    axes = tuple(parts.ndim - 1 - 2 * i for i in reversed(range(len(kernel))))
    number = sum(
        lax.broadcasted_iota(jnp.int32, parts.shape, axis) * math.prod(kernel[i + 1 :])
        for i, axis in enumerate(axes)
    )
    won = jnp.expand_dims(kept(place), axes) == number
    return best, jnp.where(won, parts, jnp.zeros((), parts.dtype)).sum(axes)
