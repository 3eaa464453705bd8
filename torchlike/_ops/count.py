"""What is there and how often: nonzero, unique, masked_select, histograms."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from .. import _dtypes
from .._engine import from_host, move
from .._errors import broadcast_shapes, wrap_dim
from ..autograd.variable import wrap
from . import _out, compare
from ._check import float_only
from ._compute import rounding
from ._forms import overloaded
from ._host import host_op, read
from ._op import Array, Ints, op
from .creation import ramp


def _scalar_name(array: np.ndarray) -> str:
    return _dtypes.scalar_type_name(_dtypes.from_numpy(array.dtype))


@host_op(out=True)
def nonzero(input, *, as_tuple=False):
    """The indices of the elements that are not 0, row by row (or one per dimension)."""
    if as_tuple:
        return tuple(np.nonzero(np.atleast_1d(input)))
    found = np.nonzero(np.atleast_1d(input))
    rows = np.stack(found, 1) if input.ndim else np.zeros((len(found[0]), 0))
    return rows.astype(np.int64)


compare.bind_nonzero(nonzero)


@host_op
def argwhere(input):
    """The indices of the elements that are not 0, row by row."""
    found = np.nonzero(np.atleast_1d(input))
    rows = np.stack(found, 1) if input.ndim else np.zeros((len(found[0]), 0))
    return rows.astype(np.int64)


@op(name="masked_select", scope=None, method=False)
def _select(input: Array, positions: Array, shape: Ints) -> Array:
    return jnp.broadcast_to(input, shape).reshape(-1)[positions]


@overloaded(out=(_out.apart,))
def masked_select(input, mask):
    """The elements where the mask is True, in order; the mask is read on the host."""
    if mask._value().aval.dtype is not _dtypes.bool_:
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    shape = broadcast_shapes(input._value().aval.shape, mask._value().aval.shape)
    found = np.flatnonzero(np.broadcast_to(read(mask, "masked_select"), shape))
    value = from_host(found)
    place = input._value().device
    return _select(input, wrap(move(value, place)), shape)


# ----- unique ------------------------------------------------------------------------


def _some(parts, wanted):
    """The first part, with the others that are wanted."""
    chosen = (parts[0], *(p for p, w in zip(parts[1:], wanted, strict=True) if w))
    return chosen[0] if len(chosen) == 1 else chosen


def _along(input, dim):
    """The dimension whose slices are compared."""
    if dim is None:
        return None
    dim = wrap_dim(dim, input.ndim)
    if any(n == 0 and d != dim for d, n in enumerate(input.shape)):
        raise RuntimeError(
            "There are 0 sized dimensions, and they aren't selected, so unique cannot "
            "be applied"
        )
    return dim


@host_op
def unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None):
    """The distinct elements (or slices along ``dim``) in order."""
    axis = _along(input, dim)
    values, inverse, counts = np.unique(
        input, return_inverse=True, return_counts=True, axis=axis, equal_nan=False
    )
    inverse = inverse.reshape(input.shape if dim is None else -1)
    parts = (values, inverse.astype(np.int64), counts.astype(np.int64))
    return _some(parts, (return_inverse, return_counts))


@host_op
def unique_consecutive(input, return_inverse=False, return_counts=False, dim=None):
    """The elements (or slices) without repeats of the one before."""
    axis = _along(input, dim)
    x = input.reshape(-1) if dim is None else np.moveaxis(input, axis, 0)
    rows = x.reshape(len(x), -1) if x.size else x
    fresh = np.ones(len(x), bool)
    if x.size:
        fresh[1:] = (rows[1:] != rows[:-1]).any(1)
    starts = np.flatnonzero(fresh)
    values = np.moveaxis(x[starts], 0, axis) if dim is not None else x[starts]
    inverse = np.cumsum(fresh) - 1
    inverse = inverse.reshape(input.shape) if dim is None else inverse
    counts = np.diff(np.append(starts, len(x)))
    parts = (values, inverse.astype(np.int64), counts.astype(np.int64))
    return _some(parts, (return_inverse, return_counts))


# ----- histograms --------------------------------------------------------------------


@host_op
def bincount(input, weights=None, minlength=0):
    """How often each of 0, 1, … occurs (or the sums of its weights)."""
    if input.dtype.kind not in "iu":
        raise NotImplementedError(
            f"\"bincount_cpu\" not implemented for '{_scalar_name(input)}'"
        )
    if input.ndim != 1 or (input.size and input.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if weights is None:
        return np.bincount(input, minlength=minlength).astype(np.int64)
    if weights.shape != input.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    kind = np.float32 if weights.dtype == np.float32 else np.float64
    return np.bincount(input, weights, minlength).astype(kind)


def _edges(x, bins: int, low, high, margin=1.0):
    """Equal bins from ``low`` to ``high``, or over the data's own range."""
    if low == high == 0 and x.size:
        low, high = x.min(), x.max()
    low, high = jnp.asarray(low, x.dtype), jnp.asarray(high, x.dtype)
    same = low == high
    return (
        jnp.where(same, low - margin, low).astype(x.dtype),
        jnp.where(same, high + margin, high).astype(x.dtype),
    )


def _bins(x, bins: int, low, high):
    """The bin of each element; ``bins`` for those outside.

    Computed in PyTorch's order, and rounded as there in half precision too: what lies
    on an edge falls to the same side.
    """
    wide = jnp.promote_types(x.dtype, jnp.float32)
    near = rounding(x.dtype, wide)
    v, start, end = (value.astype(wide) for value in (x, low, high))
    place = near(near(near(v - start) * near(bins)) / near(end - start))
    place = jnp.clip(place.astype(jnp.int32), 0, bins - 1)
    return jnp.where((x >= low) & (x <= high), place, bins)


def _between(x, edges):
    """The bin of each element between given edges; the last one is closed."""
    bins = edges.size - 1
    place = jnp.searchsorted(edges, x, side="right") - 1
    place = jnp.where(x == edges[-1], bins - 1, place)
    return jnp.where(place < 0, bins, place)


@op(out=True, differentiable=False)
def histc(input: Array, bins: int = 100, min: float = 0.0, max: float = 0.0) -> Array:
    """Counts in equal bins from ``min`` to ``max`` (of the data, if both are 0)."""
    float_only("histogram_cpu", input)
    if bins <= 0:
        raise RuntimeError(
            f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0"
        )
    if min > max:
        raise RuntimeError("torch.histc: max must be larger than min")
    x = input.reshape(-1)
    place = _bins(x, bins, *_edges(x, bins, min, max))
    return jnp.zeros(bins, x.dtype).at[place].add(1, mode="drop")


@op(scope=None, method=False, returns=("hist", "bin_edges"), name="histogram")
def _histogram(
    input: Array,
    edges: Array | None,
    weight: Array | None,
    bins: int,
    low: float,
    high: float,
    density: bool,
) -> tuple:
    float_only("histogram_cpu", input)
    x = input.reshape(-1)
    if edges is None and bins <= 0:
        raise RuntimeError(
            f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0"
        )
    if edges is None:
        low, high = _edges(x, bins, low, high, 0.5)
        edges = ramp(low, high, bins + 1, _dtypes.from_numpy(x.dtype))
        edges = edges.astype(x.dtype)
    bins, place = edges.size - 1, _between(x, edges)
    add = 1 if weight is None else weight.reshape(-1)
    counts = jnp.zeros(bins, x.dtype).at[place].add(add, mode="drop")
    if density:
        counts = counts / counts.sum() / jnp.diff(edges)
    return counts, edges


@overloaded(out=True)
def histogram(input, bins, *, range=None, weight=None, density=False):
    """Counts (or weights, or a density) in equal bins or between given edges."""
    low, high = (0.0, 0.0) if range is None else map(float, range)
    if isinstance(bins, int):
        return _histogram(input, None, weight, bins, low, high, bool(density))
    return _histogram(input, bins, weight, 0, low, high, bool(density))
