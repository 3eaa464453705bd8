"""softmax(scores) · values, as XLA computes it fast on CPUs (docs/kernels.md).

The sum of the softmax divides the product, not the weights: a pass less over the scores
forward, two backward. Causal scores are made in pieces of rows, each of which ends with
the last key it sees, so that half of the product is never computed.
**Shape** letters: L queries, S keys, D features.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import lax

from .._engine import platform
from ._compute import widen

_NONE = -math.inf
_ROWS = 64  # the least rows of a piece
_PIECES = 4  # the most: more of them take longer to compile


def _exponentials(scores):
    """exp(scores - max) over the last dimension; 0 in a row of -inf."""
    top = lax.stop_gradient(jnp.max(scores, -1, keepdims=True))
    return jnp.exp(scores - jnp.where(top == _NONE, 0, top))


def causal(scores, first: int = 0):
    """-inf where a key lies behind its query; the rows begin with query ``first``."""
    length, keys = scores.shape[-2:]
    seen = jnp.arange(first, first + length)[:, None] >= jnp.arange(keys)
    return jnp.where(seen, scores, _NONE)


def dropped(weights, mask, scale):
    """The weights where ``mask`` is true, times ``scale``."""
    if mask is None:
        return weights
    return jnp.where(mask, weights * jnp.asarray(scale, weights.dtype), 0)


def attend(q, k, v, masked, kept, is_causal: bool):
    """The product, in the dtype of v; a query that sees no key gets 0.

    ``masked`` is a function of the scores, or None; ``kept`` the mask of the dropout
    and its scale. **Shape** q (…, L, D), k (…, S, D), v (…, S, D'), mask (…, L, S).
    """
    length, keys = q.shape[-2], k.shape[-2]
    dropout_mask, scale = kept

    def rows(first, end, seen):
        part = q[..., first:end, :], jnp.swapaxes(k[..., :seen, :], -1, -2)
        scores = widen(jnp.matmul(*part))
        scores = causal(scores, first) if is_causal else scores
        weights = _exponentials(scores if masked is None else masked(scores))
        total = jnp.sum(weights, -1, keepdims=True)
        if dropout_mask is not None:
            weights = dropped(weights, dropout_mask[..., first:end, :seen], scale)
        return _divided_product(weights, v[..., :seen, :], total)

    pieces = _pieces(length, keys) if is_causal and masked is None else 1
    if pieces == 1:
        return rows(0, length, keys)
    ends = [length * i // pieces for i in range(pieces + 1)]
    parts = [rows(a, b, b) for a, b in zip(ends, ends[1:], strict=False)]
    return jnp.concatenate(parts, -2)


def _divided_product(weights, v, total):
    total = jnp.where(total == 0, 1, total)
    if v.dtype != weights.dtype:  # half precision on a GPU, which a sum could leave
        return jnp.matmul((weights / total).astype(v.dtype), v)
    return jnp.matmul(weights, v) / total


def _pieces(length: int, keys: int) -> int:
    if length != keys or platform() == "cuda":
        return 1
    return max(1, min(length // _ROWS, _PIECES))
