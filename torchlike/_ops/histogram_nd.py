"""``histogramdd``: counts in the cells of a grid of any dimension."""

from __future__ import annotations

import jax.numpy as jnp

from .. import _dtypes
from ..autograd.variable import TensorBase
from ._check import float_only
from ._forms import overloaded
from ._op import Array, Arrays, op
from ._results import result_type
from .creation import ramp

_Result = result_type("histogramdd", ["hist", "bin_edges"])


@op(
    name="_histogramdd_bin_edges",
    scope=None,
    method=False,
    differentiable=False,
    returns=(),
)
def _outer(input: Array, low: float | None, high: float | None, dim: int) -> tuple:
    """The range of one dimension: given, or that of the data."""
    float_only("histogramdd", input)
    x = input.reshape(-1, input.shape[-1])[:, dim]
    if low is None:
        low, high = (x.min(), x.max()) if x.size else (0.0, 1.0)
    low, high = jnp.asarray(low, input.dtype), jnp.asarray(high, input.dtype)
    same = low == high
    return jnp.where(same, low - 0.5, low), jnp.where(same, high + 0.5, high)


@op(name="_linear_edges", scope=None, method=False, differentiable=False)
def _linear(low: Array, high: Array, bins: int) -> Array:
    return ramp(low, high, bins + 1, _dtypes.from_numpy(low.dtype)).astype(low.dtype)


@op(name="_histogramdd_cells", scope=None, method=False, differentiable=False)
def _cells(
    input: Array, weight: Array | None, edges: Arrays, equal: bool, density: bool
) -> Array:
    x = input.reshape(-1, input.shape[-1])
    shape = tuple(e.size - 1 for e in edges)
    places, inside = [], jnp.ones(x.shape[0], bool)
    for d, e in enumerate(edges):
        v = x[:, d]
        inside &= (v >= e[0]) & (v <= e[-1])
        places.append(_bin(v, e, equal))
    add = jnp.ones(x.shape[0], x.dtype) if weight is None else weight.reshape(-1)
    hist = jnp.zeros(shape, x.dtype).at[tuple(places)].add(jnp.where(inside, add, 0))
    if not density:
        return hist
    hist = hist / hist.sum()
    for d, e in enumerate(edges):
        width = jnp.diff(e)
        hist = hist / width.reshape([-1 if i == d else 1 for i in range(len(edges))])
    return hist


def _bin(v, edges, equal: bool):
    """The bin of each value; the last one is closed on both sides."""
    n = edges.size - 1
    if equal:
        place = ((v - edges[0]) * n / (edges[-1] - edges[0])).astype(jnp.int64)
        place = jnp.clip(place, 0, n - 1)
        place = jnp.where(v < edges[place], place - 1, place)
        place = jnp.where(v >= edges[jnp.minimum(place + 1, n)], place + 1, place)
    else:
        place = jnp.searchsorted(edges, v, side="right") - 1
    return jnp.clip(place, 0, n - 1)


@overloaded(method=False)
def histogramdd(input, bins, *, range=None, weight=None, density=False):
    """Counts (or weights, or a density) in the cells of a grid; rows are points.

    ``bins`` is a number for all dimensions, one for each, or the edges of each.
    """
    shape = input._value().aval.shape
    if len(shape) < 2:
        raise RuntimeError(
            "torch.histogramdd: input tensor should have at least 2 dimensions"
        )
    n = shape[-1]
    bins = [bins] * n if isinstance(bins, int) else list(bins)
    if len(bins) != n:
        raise RuntimeError(
            "histogramdd: The size of bins must be equal to the innermost "
            "dimension of the input."
        )
    if isinstance(bins[0], TensorBase):
        edges = tuple(bins)
        hist = _cells(input, weight, edges, False, bool(density))
    else:
        edges = tuple(_edges(input, b, range, d) for d, b in enumerate(bins))
        hist = _cells(input, weight, edges, True, bool(density))
    return _Result(hist, edges)


def _edges(input, bins: int, range, d: int):
    if bins <= 0:
        raise RuntimeError(
            f"torch.histogramdd(): bins must be > 0, but got {bins} for dimension {d}"
        )
    low, high = (None, None) if range is None else range[2 * d : 2 * d + 2]
    return _linear(*_outer(input, low, high, d), int(bins))
