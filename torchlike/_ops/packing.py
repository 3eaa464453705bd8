"""Sequences of different lengths: laid end to end by time, or padded.

**Shape** letters: T steps, N sequences, L = the sum of their lengths. Padded sequences
(T, N, *) are zero beyond their ends; their lengths (N) are numbers a program is given,
so that batches of other lengths are the same program. Packed data (L, *) hold the first
steps of all sequences, the longest sequence first, then the second steps, and so on;
``batch_sizes`` (T) sequences reach each step.
"""

from __future__ import annotations

import jax.numpy as jnp

from ._op import Array, op


def inside(lengths, steps: int):
    """Which of so many steps are within their sequence (steps, N)."""
    return jnp.arange(steps)[:, None] < lengths


def _among(mask, x):
    """The mask, to be broadcast over what else x has."""
    return mask.reshape(mask.shape + (1,) * (x.ndim - 2))


def turned(x, lengths):
    """Each sequence of (T, N, I) backwards; what is beyond its end stays."""
    step = jnp.arange(len(x))[:, None]
    step = jnp.where(step < lengths, lengths - 1 - step, step)
    return jnp.take_along_axis(x, step[:, :, None], 0, mode="clip")


def last(x, lengths):
    """The last step (N, I) of each sequence of (T, N, I)."""
    return jnp.take_along_axis(x, lengths[None, :, None] - 1, 0, mode="clip")[0]


@op(name="steps_of", scope=None, method=False, backward="TransposeBackward0")
def steps_of(input: Array, lengths: Array, longest: int, batch_first: bool) -> Array:
    """The first ``longest`` steps of a padded batch, time first, its padding zero."""
    steps = (jnp.swapaxes(input, 0, 1) if batch_first else input)[:longest]
    zero = jnp.zeros((), steps.dtype)
    return jnp.where(_among(inside(lengths, longest), steps), steps, zero)


@op(name="pad_steps", scope=None, method=False, backward="TransposeBackward0")
def pad_steps(
    steps: Array, lengths: Array, total: int, batch_first: bool, value: float
) -> Array:
    """Steps (T, N, *) as a batch of ``total`` steps with ``value`` as its padding."""
    missing = [(0, total - len(steps))] + [(0, 0)] * (steps.ndim - 1)
    padded = jnp.pad(steps, missing)
    padded = jnp.where(
        _among(inside(lengths, total), padded), padded, jnp.asarray(value, steps.dtype)
    )
    return jnp.swapaxes(padded, 0, 1) if batch_first else padded


def _starts(batch_sizes):
    return jnp.cumsum(batch_sizes) - batch_sizes


@op(name="pack", scope=None, method=False, backward="PackPaddedSequenceBackward0")
def pack(steps: Array, batch_sizes: Array, order: Array | None, packed: int) -> Array:
    """Steps (T, N, *) as packed data of ``packed`` = L rows.

    ``order`` (N) names the sequences from the longest to the shortest.
    """
    row = jnp.arange(packed)
    step = jnp.searchsorted(jnp.cumsum(batch_sizes), row, side="right")
    sequence = row - _starts(batch_sizes)[step]
    if order is not None:
        sequence = order[sequence]
    return steps.at[step, sequence].get(mode="clip")


@op(name="unpack", scope=None, method=False, backward="CatBackward0")
def unpack(data: Array, batch_sizes: Array, n: int) -> Array:
    """Packed data as steps (T, n, *), the longest sequence first."""
    sequence = jnp.arange(n)
    row = _starts(batch_sizes)[:, None] + sequence
    row = jnp.where(sequence < batch_sizes[:, None], row, len(data))
    return jnp.take(data, row, axis=0, mode="fill", fill_value=0)


@op(name="packed_lengths", scope=None, method=False)
def packed_lengths(batch_sizes: Array, n: int) -> Array:
    """How many steps each of ``n`` packed sequences has."""
    return (jnp.arange(n) < batch_sizes[:, None]).sum(0, dtype=batch_sizes.dtype)
