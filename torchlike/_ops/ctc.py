"""Connectionist temporal classification (Graves et al. 2006)."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._engine import from_host
from ..autograd.variable import TensorBase, wrap
from ._compute import reduction_name, require_float, widen
from ._op import Array, composite, op

_NONE = -jnp.inf


def _log_sum(*terms):
    """log Σ exp over the terms; -inf where all are, with the derivative 0 there."""
    terms = jnp.stack(terms)
    top = lax.stop_gradient(jnp.max(terms, 0))
    top = jnp.where(top == _NONE, 0, top)
    total = jnp.sum(jnp.exp(terms - top), 0)
    empty = total == 0
    return jnp.where(empty, _NONE, jnp.log(jnp.where(empty, 1, total)) + top)


def _shift(alpha, by: int):
    width = ((0, 0), (by, 0))
    return jnp.pad(alpha, width, constant_values=_NONE)[:, : alpha.shape[1]]


def _losses(log_probs, labels, input_lengths, target_lengths):
    """-log of the probability of every target.

    **Shape** log_probs (T, N, C); labels (N, 2S + 1), blanks between the targets.
    """
    emitted = jnp.take_along_axis(log_probs, labels[None], 2)
    place = jnp.arange(labels.shape[1])
    first = jnp.where(place < 2, emitted[0], _NONE)
    # A blank may be left out between two labels that differ.
    leap = (place >= 2) & (place % 2 == 1) & (labels != jnp.roll(labels, 2, 1))

    def step(alpha, now):
        t, emitted = now
        leapt = jnp.where(leap, _shift(alpha, 2), _NONE)
        new = emitted + _log_sum(alpha, _shift(alpha, 1), leapt)
        return jnp.where((t < input_lengths)[:, None], new, alpha), None

    steps = jnp.arange(1, log_probs.shape[0])
    alpha, _ = lax.scan(step, first, (steps, emitted[1:]))
    end = 2 * target_lengths[:, None]
    last = jnp.take_along_axis(alpha, end, 1)
    before = jnp.take_along_axis(alpha, jnp.maximum(end - 1, 0), 1)
    before = jnp.where(end == 0, _NONE, before)
    return -_log_sum(last, before)[:, 0]


def _labels(targets, target_lengths, blank: int, most: int):
    """The targets with blanks around and between them, (N, 2 · most + 1)."""
    place = jnp.arange(most)
    if targets.ndim == 1:
        starts = jnp.cumsum(target_lengths) - target_lengths
        at = jnp.minimum(starts[:, None] + place, max(targets.shape[0] - 1, 0))
        targets = targets[at] if targets.shape[0] else jnp.zeros(at.shape, at.dtype)
    else:
        targets = targets[:, :most]
    targets = jnp.where(place < target_lengths[:, None], targets, blank)
    full = jnp.full((targets.shape[0], 2 * most + 1), blank, targets.dtype)
    return full.at[:, 1::2].set(targets)


def _name(static, plan) -> str:
    names = {"mean": "MeanBackward0", "sum": "SumBackward0"}
    return names.get(static["reduction"], "CtcLossBackward0")


@op(name="ctc_loss", scope=None, method=False, backward=_name)
def _ctc_loss(
    log_probs: Array,
    targets: Array,
    input_lengths: Array,
    target_lengths: Array,
    blank: int,
    reduction: str,
    zero_infinity: bool,
    most: int,
) -> Array:
    require_float(log_probs, "ctc_loss")
    batched = log_probs.ndim == 3
    x = widen(log_probs if batched else log_probs[:, None])
    if not 0 <= blank < x.shape[2]:
        raise RuntimeError("blank must be in label range")
    if not batched and targets.ndim == 1:
        targets = targets[None]
    input_lengths = input_lengths.reshape(-1).astype(jnp.int64)
    target_lengths = target_lengths.reshape(-1).astype(jnp.int64)
    labels = _labels(targets.astype(jnp.int64), target_lengths, blank, most)
    loss = _losses(x, labels, input_lengths, target_lengths)
    # PyTorch's derivative takes the log probabilities to be normalised.
    counts = jnp.arange(x.shape[0])[:, None] < input_lengths
    total = jnp.sum(jnp.where(counts, jnp.sum(jnp.exp(x), 2), 0), 0)
    loss = loss + (total - lax.stop_gradient(total))
    if zero_infinity:
        loss = jnp.where(jnp.isinf(loss), 0, loss)
    if reduction == "mean":
        return jnp.mean(loss / jnp.maximum(target_lengths, 1)).astype(log_probs.dtype)
    loss = jnp.sum(loss) if reduction == "sum" else loss if batched else loss[0]
    return loss.astype(log_probs.dtype)


def _lengths(given):
    """A tensor of lengths; PyTorch takes numbers too."""
    if isinstance(given, TensorBase):
        return given
    return wrap(from_host(np.asarray(given, np.int64)))


def _most(targets, lengths) -> int:
    """How long a target can be: known if the targets are padded."""
    shape, found = targets._value().aval.shape, lengths._value().array
    if len(shape) == 2:
        return shape[1]
    if isinstance(found, np.ndarray):
        return int(found.max(initial=0))
    return shape[0]


@composite(scope="torch nn.functional")
def ctc_loss(
    log_probs,
    targets,
    input_lengths,
    target_lengths,
    blank=0,
    reduction="mean",
    zero_infinity=False,
):
    """-log of the probability of all alignments of the targets with the frames.

    **Shape** log_probs (T, N, C) or (T, C); targets (N, S) or end to end (Σ lengths).
    """
    if isinstance(reduction, int):  # torch.ctc_loss numbers them
        reduction = ("none", "mean", "sum")[reduction]
    reduction = reduction_name(reduction, None, None)
    input_lengths, target_lengths = _lengths(input_lengths), _lengths(target_lengths)
    return _ctc_loss(
        log_probs,
        targets,
        input_lengths,
        target_lengths,
        blank,
        reduction,
        zero_infinity,
        _most(targets, target_lengths),
    )
