"""Primitives that move elements: shapes, slices, gathers and scatters, in NumPy."""

from __future__ import annotations

import numpy as np

from .rules import rule


# ----- shapes -----
@rule("broadcast_in_dim")
def _broadcast_in_dim(x, *, shape, broadcast_dimensions, **_):
    aligned = [1] * len(shape)
    for size, d in zip(x.shape, broadcast_dimensions, strict=True):
        aligned[d] = size
    x = x.reshape(aligned)
    return x if x.shape == shape else np.broadcast_to(x, shape)


@rule("reshape")
def _reshape(x, *, new_sizes, dimensions=None, **_):
    return (x if dimensions is None else x.transpose(dimensions)).reshape(new_sizes)


@rule("squeeze")
def _squeeze(x, *, dimensions, **_):
    return np.squeeze(x, tuple(dimensions))


@rule("expand_dims")
def _expand_dims(x, *, dimensions, **_):
    return np.expand_dims(x, tuple(dimensions))


@rule("transpose")
def _transpose(x, *, permutation, **_):
    return np.transpose(x, permutation)


@rule("rev")
def _rev(x, *, dimensions, **_):
    return np.flip(x, dimensions)


@rule("concatenate")
def _concatenate(*arrays, dimension, **_):
    return np.concatenate(arrays, dimension)


@rule("stack")
def _stack(*arrays, axis=0, **_):
    return np.stack(arrays, axis)


@rule("unstack")
def _unstack(x, *, axis=0, **_):
    return tuple(np.moveaxis(x, axis, 0))


@rule("tile")
def _tile(x, *, reps, **_):
    return np.tile(x, reps)


@rule("split")
def _split(x, *, sizes, axis, **_):
    return tuple(np.split(x, np.cumsum(sizes)[:-1], axis))


@rule("iota")
def _iota(*, dtype, shape, dimension, **_):
    line = np.arange(shape[dimension]).astype(dtype)
    return _broadcast_in_dim(line, shape=shape, broadcast_dimensions=(dimension,))


@rule("empty2")
def _empty(*, dtype, **_):
    return np.zeros((), dtype)


@rule("pad")
def pad(x, value, *, padding_config, **_):
    """Edges may be negative (cropping); ``interior`` zeros go between elements."""
    for axis, (low, high, interior) in enumerate(padding_config):
        shape = list(x.shape)
        n = shape[axis]
        spread = n + max(0, n - 1) * interior
        shape[axis] = spread + max(low, 0) + max(high, 0)
        wide = np.full(shape, value, x.dtype)
        start = max(low, 0)
        wide[_along(axis, slice(start, start + spread, interior + 1))] = x
        end = shape[axis] + min(high, 0)
        x = wide[_along(axis, slice(max(-low, 0), max(end, 0)))]
    return x


def _along(axis: int, part: slice) -> tuple:
    return (slice(None),) * axis + (part,)


# ----- slices -----
@rule("slice")
def _slice(x, *, start_indices, limit_indices, strides, **_):
    steps = strides or [None] * x.ndim
    parts = zip(start_indices, limit_indices, steps, strict=True)
    return x[tuple(slice(*part) for part in parts)]


def _window(x, sizes, starts) -> tuple:
    """A window kept inside of ``x``, as XLA does."""
    window = []
    for extent, size, start in zip(x.shape, sizes, starts, strict=True):
        first = min(max(int(start), 0), extent - size)
        window.append(slice(first, first + size))
    return tuple(window)


@rule("dynamic_slice")
def _dynamic_slice(x, *starts, slice_sizes, **_):
    return x[_window(x, slice_sizes, starts)]


@rule("dynamic_update_slice")
def _dynamic_update_slice(x, update, *starts, **_):
    result = x.copy()
    result[_window(x, update.shape, starts)] = update
    return result


# ----- gather and scatter -----
# Both address, for every (batch position, window position), one element of the
# operand. `_addresses` builds that index for each operand dimension.
class _Layout:
    """Which dimensions of operand, indices and windows belong together."""

    def __init__(self, window_dims, dropped, index_map, batching, index_batching):
        self.window_dims = window_dims
        self.dropped = dropped
        self.index_map = index_map
        self.batching = batching
        self.index_batching = index_batching


def _addresses(layout: _Layout, shape, sizes, starts, out_ndim: int, keep: str):
    """One index array for each operand dimension, and where all of it is inside.

    ``keep`` is "clip" to push windows inside, or "drop" to report outsiders.
    """
    batch_dims = [d for d in range(out_ndim) if d not in layout.window_dims]
    windows = iter(layout.window_dims)
    inside = np.ones((1,) * out_ndim, np.bool_)
    result = []
    for d, extent in enumerate(shape):
        index = np.zeros((1,) * out_ndim, np.int64)
        if d in layout.index_map:
            start = starts[..., layout.index_map.index(d)].astype(np.int64)
            if keep == "clip":
                start = np.clip(start, 0, extent - sizes[d])
            index = _spread(start, batch_dims, out_ndim)
            inside = inside & (index >= 0) & (index <= extent - sizes[d])
        elif d in layout.batching:
            dim = layout.index_batching[layout.batching.index(d)]
            lane = np.arange(starts.shape[dim])
            index = _spread(lane, [batch_dims[dim]], out_ndim)
        if d not in layout.dropped and d not in layout.batching:
            offset = np.arange(sizes[d])
            index = index + _spread(offset, [next(windows)], out_ndim)
        result.append(index)
    return tuple(result), inside


def _spread(array, dims, ndim: int):
    shape = [1] * ndim
    for size, d in zip(array.shape, dims, strict=True):
        shape[d] = size
    return array.reshape(shape)


def _mode(mode) -> str:
    return str(mode).rsplit(".", 1)[-1]


@rule("gather")
def _gather(x, starts, *, dimension_numbers, slice_sizes, mode, fill_value, **_):
    dims = dimension_numbers
    layout = _Layout(
        dims.offset_dims,
        dims.collapsed_slice_dims,
        dims.start_index_map,
        dims.operand_batching_dims,
        dims.start_indices_batching_dims,
    )
    filling = _mode(mode) == "FILL_OR_DROP"
    ndim = starts.ndim - 1 + len(dims.offset_dims)
    keep = "drop" if filling else "clip"
    index, inside = _addresses(layout, x.shape, slice_sizes, starts, ndim, keep)
    if not filling:
        return x[index]
    if 0 in x.shape:
        shape = np.broadcast_shapes(*(i.shape for i in index))
        return np.full(shape, _filler(x.dtype, fill_value), x.dtype)
    index = tuple(np.clip(i, 0, n - 1) for i, n in zip(index, x.shape, strict=True))
    return np.where(inside, x[index], _filler(x.dtype, fill_value))


def _filler(dtype, given):
    """What stands where an index was outside: NaN, or the extreme of integers."""
    if given is not None:
        return np.asarray(given, dtype)
    if dtype == np.bool_:
        return np.True_
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return np.asarray(limits.min if dtype.kind == "i" else limits.max, dtype)
    return np.asarray(np.nan, dtype)


def _scatter_with(combine):
    def scatter(x, starts, updates, *, dimension_numbers, mode, **_):
        dims = dimension_numbers
        layout = _Layout(
            dims.update_window_dims,
            dims.inserted_window_dims,
            dims.scatter_dims_to_operand_dims,
            dims.operand_batching_dims,
            dims.scatter_indices_batching_dims,
        )
        windows = iter(dims.update_window_dims)
        fixed = {*layout.dropped, *layout.batching}
        sizes = [
            1 if d in fixed else updates.shape[next(windows)] for d in range(x.ndim)
        ]
        keep = "clip" if _mode(mode) == "CLIP" else "drop"
        index, inside = _addresses(layout, x.shape, sizes, starts, updates.ndim, keep)
        inside = np.broadcast_to(inside, updates.shape)
        chosen = tuple(np.broadcast_to(i, updates.shape)[inside] for i in index)
        result = x.copy()
        combine(result, chosen, updates[inside])
        return result

    return scatter


def _set(result, index, updates) -> None:
    result[index] = updates


rule("scatter")(_scatter_with(_set))
rule("scatter-add", "scatter_add")(_scatter_with(np.add.at))
rule("scatter-sub", "scatter_sub")(_scatter_with(np.subtract.at))
rule("scatter-mul", "scatter_mul")(_scatter_with(np.multiply.at))
rule("scatter-min", "scatter_min")(_scatter_with(np.minimum.at))
rule("scatter-max", "scatter_max")(_scatter_with(np.maximum.at))
