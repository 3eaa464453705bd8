"""Ops PyTorch's own compiler emits for indexing and packing, under their names."""

from __future__ import annotations

import jax.numpy as jnp

from .._errors import wrap_dim
from . import index as indexing
from . import join, views
from ._check import is_bool, is_complex, scalar_name
from ._forms import overloaded
from ._op import Array, Arrays, Ints, Scalar, op


def _clamped(x, indices, places):
    shape = [x.shape[p] for p in places]
    return tuple(jnp.clip(i, -n, n - 1) for i, n in zip(indices, shape, strict=True))


@op(name="_unsafe_masked_index", scope=None, method=False, backward="Unsafe")
def _masked_index(
    input: Array, mask: Array, indices: Arrays, fill: Scalar, places: Ints
) -> Array:
    where = indexing._where(input.ndim, places, _clamped(input, indices, places))
    taken = input[where]
    mask = mask.reshape(mask.shape + (1,) * (taken.ndim - mask.ndim))
    return jnp.where(mask, taken, jnp.asarray(fill).astype(input.dtype))


@overloaded(method=False)
def _unsafe_masked_index(input, mask, indices, fill):
    """``input[indices]`` where ``mask``, else ``fill``."""
    places = tuple(i for i, x in enumerate(indices) if x is not None)
    chosen = [x for x in indices if x is not None]
    return _masked_index(input, mask, chosen, fill, places)


@op(name="_unsafe_masked_index_put_accumulate", scope=None, method=False)
def _masked_put(
    input: Array, mask: Array, indices: Arrays, values: Array, places: Ints
) -> Array:
    where = indexing._where(input.ndim, places, _clamped(input, indices, places))
    shape = input[where].shape
    mask = mask.reshape(mask.shape + (1,) * (len(shape) - mask.ndim))
    values = jnp.broadcast_to(jnp.where(mask, values, 0), shape).astype(input.dtype)
    at = input.at[where]
    return at.max(values) if is_bool(input) else at.add(values)


@overloaded(method=False)
def _unsafe_masked_index_put_accumulate(input, mask, indices, values):
    """``input`` with ``values`` added at ``indices`` where ``mask``."""
    places = tuple(i for i, x in enumerate(indices) if x is not None)
    chosen = [x for x in indices if x is not None]
    return _masked_put(input, mask, chosen, values, places)


@op(name="_padded_chunks", scope=None, method=False)
def _padded_chunks(input: Array, dim: int, chunks: int) -> Array:
    """Equal parts of (…, n, …), the last padded with zeros: (…, chunks, size)."""
    n = input.shape[dim]
    size = -(-n // chunks)
    padding = [(0, 0)] * input.ndim
    padding[dim] = (0, size * chunks - n)
    padded = jnp.pad(input, padding)
    return padded.reshape(*input.shape[:dim], chunks, -1)


def _chunk_dim(tensors, dim: int) -> int:
    shapes = [t._value().aval.shape for t in tensors]
    if any(0 in s or not s for s in shapes):
        raise RuntimeError("_chunk_cat expects non-empty tensor")
    if dim < 0 and len({len(s) for s in shapes}) > 1:
        raise RuntimeError(
            "_chunk_cat expects non-negative dim when input tensors have different "
            "ndims"
        )
    dim = wrap_dim(dim, len(shapes[0]))
    if any(dim >= len(s) for s in shapes):
        raise RuntimeError("_chunk_cat expects dim < ndim for all input tensors")
    if any(s[:dim] != shapes[0][:dim] for s in shapes):
        raise RuntimeError(
            "_chunk_cat expects same sizes of 0,...,dim-1 dimensions for all tensors"
        )
    return dim


@overloaded(method=False, out=True)
def _chunk_cat(tensors, dim, num_chunks):
    """Chunks of every tensor side by side, padded with zeros."""
    tensors = list(tensors)
    if not tensors:
        raise RuntimeError("_chunk_cat expects a non-empty input tensor list")
    if num_chunks < 1:
        raise RuntimeError("_chunk_cat expects positive num_chunks")
    dim = _chunk_dim(tensors, dim)
    return join.cat([_padded_chunks(t, dim, num_chunks) for t in tensors], dim + 1)


@op(out=True, differentiable=False)
def nonzero_static(input: Array, *, size: int, fill_value: int = -1) -> Array:
    """The first ``size`` rows of ``nonzero``, filled up with ``fill_value``."""
    if size < 0:
        raise RuntimeError("nonzero_static: 'size' must be an non-negative integer")
    if not input.ndim:
        return jnp.zeros((size, 0), jnp.int64)
    if not input.size:
        return jnp.full((size, input.ndim), fill_value, jnp.int64)
    found = jnp.nonzero(input, size=size, fill_value=fill_value)
    return jnp.stack([i.astype(jnp.int64) for i in found], 1)


@op(out=True, differentiable=False)
def hash_tensor(
    input: Array, dim: Ints | None = None, *, keepdim: bool = False, mode: int = 0
) -> Array:
    """The bits of the elements (as float64 or int64) reduced by exclusive or."""
    if is_complex(input):
        name = scalar_name(input)
        raise NotImplementedError(f"\"xor_sum_cpu\" not implemented for '{name}'")
    if mode:
        raise RuntimeError(f"Unknown hash_tensor mode: {mode}")
    whole = jnp.issubdtype(input.dtype, jnp.inexact)
    bits = input.astype(jnp.float64 if whole else jnp.int64).view(jnp.uint64)
    dims = tuple(range(input.ndim)) if not dim else views.wrap_dims(dim, input.ndim)
    return jnp.bitwise_xor.reduce(bits, axis=dims, keepdims=keepdim)
