"""``segment_reduce``: sums, means, products and extremes of consecutive runs."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .._errors import wrap_dim
from . import _reduce_at as reduce_at
from ._check import float_only
from ._forms import overloaded
from ._op import Array, op

_REDUCTIONS = ("max", "mean", "min", "prod", "sum")
_START = {"max": -jnp.inf, "min": jnp.inf, "mean": 0.0, "sum": 0.0, "prod": 1.0}


def _segments(ends, n: int):
    """The segment of each of n positions; one too many behind the last end."""
    return jnp.searchsorted(ends, jnp.arange(n), side="right")


def _reduce(data, ends, reduce: str, start: float):
    """Runs of the first dimension of ``data`` (N, R) that end before ``ends`` (S)."""
    where = _segments(ends, data.shape[0])
    x = jnp.full((ends.size + 1, data.shape[1]), start, data.dtype)
    if reduce in ("sum", "mean"):
        return x.at[where].add(data)[:-1]
    if reduce == "prod":
        return reduce_at.product(x, where, data)[:-1]
    name = "amax" if reduce == "max" else "amin"
    return reduce_at.reduced(x, where, data, name, True)[:-1]


@op(name="_segment_reduce", scope=None, method=False, backward="SegmentReduceBackward0")
def _segment_reduce(
    data: Array,
    lengths: Array | None,
    offsets: Array | None,
    reduce: str,
    axis: int,
    initial: float | None,
) -> Array:
    float_only("_segment_reduce_cpu", data)
    given = lengths if offsets is None else offsets
    if given.ndim != axis + 1:
        raise RuntimeError(
            f"Expected lengths.dim() to be {axis + 1}, but got {given.ndim}."
        )
    ends = jnp.cumsum(lengths, -1) if offsets is None else offsets[..., 1:]
    counts = lengths if offsets is None else jnp.diff(offsets)
    batch, n = data.shape[:axis], data.shape[axis]
    start = _START[reduce] if initial is None else initial
    flat = data.reshape(-1, n, data[(0,) * (axis + 1)].size if data.size else 1)

    def one(x, e):
        return _reduce(x, e, reduce, start)

    made = jax.vmap(one)(flat, ends.reshape(flat.shape[0], -1))
    made = made.reshape(*batch, ends.shape[-1], *data.shape[axis + 1 :])
    if reduce != "mean":
        return made
    counts = counts.reshape(counts.shape + (1,) * (made.ndim - counts.ndim))
    empty = jnp.nan if initial is None else made
    return jnp.where(counts > 0, made / jnp.maximum(counts, 1), empty).astype(
        made.dtype
    )


@overloaded(method=False)
def segment_reduce(
    data,
    reduce,
    *,
    lengths=None,
    indices=None,
    offsets=None,
    axis=0,
    unsafe=False,
    initial=None,
):
    """Reduce runs of ``data`` along ``axis``, given by lengths or by offsets.

    An empty run gives ``initial``, or the reduction's own start (nan for "mean").
    """
    if reduce not in _REDUCTIONS:
        raise RuntimeError(
            "reduce argument must be either sum, prod, mean, amax or amin, got "
            f"{reduce}"
        )
    if indices is not None:
        raise RuntimeError(
            "segment_reduce(): indices based reduction is not supported yet."
        )
    if lengths is None and offsets is None:
        raise RuntimeError(
            "segment_reduce(): Either lengths or offsets must be defined."
        )
    axis = wrap_dim(axis, len(data._value().aval.shape))
    start = None if initial is None else float(initial)
    return _segment_reduce(data, lengths, offsets, reduce, axis, start)
