"""Slices and elements chosen by a vector of indices; masks.

**Differs** from PyTorch: an index out of range is an error only where its values are
known (see ``_bounds``).
"""

from __future__ import annotations

import math

import jax.numpy as jnp

from .._errors import broadcast_shapes, wrap_dim
from ..autograd.variable import TensorBase
from . import _bounds, _out
from . import index as indexing
from . import scatter as scattering
from ._check import dtype_of, is_bool, is_inexact, scalar_name, short
from ._forms import overloaded
from ._op import Array, Scalar, op

_INDICES = (jnp.int32, jnp.int64)


def _vector(index, error):
    if index.ndim > 1:
        raise error
    return jnp.atleast_1d(index)


def _along(dim: int, index) -> tuple:
    return (slice(None),) * dim + (index,)


@op(out=True, guard=_bounds.along(IndexError, _bounds.in_self))
def index_select(input: Array, dim: int, index: Array) -> Array:
    """The slices of ``input`` along ``dim`` that ``index`` names."""
    dim = wrap_dim(dim, input.ndim)
    if index.dtype not in _INDICES:
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    error = IndexError("index_select(): Index is supposed to be a vector")
    index = _vector(index, error)
    if not input.ndim:
        return input
    return input.at[_along(dim, index)].get(mode="clip")


@op(inplace=True, out=True, guard=_bounds.along(RuntimeError))
def index_add(
    input: Array, dim: int, index: Array, source: Array, *, alpha: Scalar = 1
) -> Array:
    """``input`` plus alpha · slices of ``source`` at ``index``."""
    dim = wrap_dim(dim, input.ndim)
    scattering.check_slices("index_add", input, dim, index, source)
    source = source if isinstance(alpha, int) and alpha == 1 else source * alpha
    x, source = jnp.atleast_1d(input), jnp.atleast_1d(source.astype(input.dtype))
    at = x.at[_along(dim, jnp.atleast_1d(index))]
    made = at.max(source) if is_bool(x) else at.add(source)
    return made.reshape(input.shape)


def _without(shape, dim: int) -> tuple[int, ...]:
    return shape[:dim] + shape[dim + 1 :]


def _copy_words(index: int, dim: int, size: int) -> str:
    return _bounds.out_of_bounds(index, dim, size, "index_copy_(): ")


@op(inplace=True, out=True, guard=_bounds.along(IndexError, _copy_words))
def index_copy(input: Array, dim: int, index: Array, source: Array) -> Array:
    """``input`` with the slices at ``index`` replaced by those of ``source``."""
    dim = wrap_dim(dim, input.ndim)
    if input.ndim and source.ndim and input.ndim != source.ndim:
        raise IndexError(
            "index_copy_(): When source and destination are not scalars, their "
            f"dimensionality must match. Source dimensionality ({source.ndim}), "
            f"destination dimensionality ({input.ndim})"
        )
    if index.dtype != jnp.int64:
        raise RuntimeError(
            "index_copy_(): Expected a long tensor for index, but got "
            f"{scalar_name(index)}"
        )
    if source.dtype != input.dtype:
        raise RuntimeError(
            "index_copy_(): self and source expected to have the same dtype, but got "
            f"(self) {scalar_name(input)} and (source) {scalar_name(source)}"
        )
    error = IndexError("index_copy_(): Index should have dimension 1 or 0")
    index = _vector(index, error)
    x, s = jnp.atleast_1d(input), jnp.atleast_1d(source)
    _check_slices(x, s, dim, index)
    return x.at[_along(dim, index)].set(s).reshape(input.shape)


def _check_slices(x, source, dim: int, index) -> None:
    mine, theirs = _without(x.shape, dim), _without(source.shape, dim)
    if mine != theirs:
        shapes = [" ".join(map(str, s)) for s in (mine, theirs)]
        raise RuntimeError(
            "index_copy_(): Source/destination tensor must have same slice shapes. "
            f"Destination slice shape: {shapes[0]} at dimension {dim} and source slice "
            f"shape: {shapes[1]} at dimension {dim}."
        )
    if source.shape[dim] != index.size:
        raise IndexError(
            f"index_copy_(): Number of indices ({index.size}) should be equal to "
            f"source.size(dim) ({source.shape[dim]})"
        )


@op(inplace=True, out=True, guard=_bounds.along(IndexError, negative=True))
def index_fill(input: Array, dim: int, index: Array, value: Scalar) -> Array:
    """``input`` with the slices at ``index`` filled with a number."""
    dim = wrap_dim(dim, input.ndim)
    if index.dtype != jnp.int64:
        raise IndexError("index_fill_(): Expected dtype int64 for index.")
    index = _vector(index, RuntimeError("Index has to be a vector/scalar"))
    value = jnp.asarray(value)
    if value.ndim:
        raise RuntimeError(
            "index_fill_ only supports a 0-dimensional value tensor, but got tensor "
            f"with {value.ndim} dimension(s)."
        )
    x = jnp.atleast_1d(input)
    filled = x.at[_along(dim, index)].set(value.astype(x.dtype))
    return filled.reshape(input.shape)


@overloaded(inplace=True)
def index_put(input, indices, values, accumulate=False):
    """``input`` with ``values`` at the positions that a tuple of tensors names."""
    target, gathers = indexing._basic(input, tuple(indices))
    places, tensors = indexing._advanced(target, gathers)
    return indexing._scatter(target, values, tensors, places, bool(accumulate))


# ----- elements of the flat tensor ---------------------------------------------------


@overloaded(out=(_out.exact, _out.apart))
@op(scope=None, method=False, guard=_bounds.flat)
def take(input: Array, index: Array) -> Array:
    """Elements of the flat ``input``."""
    if index.dtype != jnp.int64:
        raise RuntimeError(
            f"take(): Expected a long tensor for index, but got {scalar_name(index)}"
        )
    return input.reshape(-1)[index]


@op(inplace=True, guard=_bounds.flat)
def put(input: Array, index: Array, source: Array, accumulate: bool = False) -> Array:
    """``input`` with ``source`` at indices of the flat tensor."""
    if index.dtype != jnp.int64:
        raise RuntimeError(
            f"put_(): Expected a long tensor for index, but got {scalar_name(index)}"
        )
    if source.dtype != input.dtype:
        raise RuntimeError(
            "put_(): self and source expected to have the same dtype, but got "
            f"self.dtype = {scalar_name(input)} and source.dtype = "
            f"{scalar_name(source)}"
        )
    if source.size != index.size:
        raise IndexError(
            "put_(): Expected source and index to have the same number of elements, "
            f"but got source.numel() = {source.size}, index.numel() = {index.size}"
        )
    at = input.reshape(-1).at[index.reshape(-1)]
    source = source.reshape(-1)
    if not accumulate:
        return at.set(source).reshape(input.shape)
    added = at.max(source) if is_bool(input) else at.add(source)
    return added.reshape(input.shape)


def _of_flat(operands, static) -> None:
    """Without a dimension, the index must fit; with one, it wraps around."""
    input, index = operands
    if static[0] is None and isinstance(input, TensorBase):
        size = math.prod(input._value().aval.shape)
        wrong = _bounds.outside(index, 0, size)
        if wrong is not None:
            raise RuntimeError(_bounds.out_of_bounds(wrong, 0, size))


@op(out=True, guard=_of_flat)
def take_along_dim(input: Array, indices: Array, dim: int | None = None) -> Array:
    """gather with indices that broadcast against ``input``."""
    if indices.dtype != jnp.int64:
        raise RuntimeError(
            "torch.take_along_dim(): dtype of indices should be Long but got "
            f"{scalar_name(indices)}"
        )
    if dim is None:
        return input.reshape(-1)[indices.reshape(-1)]
    if input.ndim != indices.ndim:
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of "
            f"dimensions, but got {input.ndim} dimensions for input, and "
            f"{indices.ndim} dimensions for indices"
        )
    dim = wrap_dim(dim, input.ndim)
    rest = broadcast_shapes(_without(input.shape, dim), _without(indices.shape, dim))
    x = jnp.broadcast_to(input, (*rest[:dim], input.shape[dim], *rest[dim:]))
    i = jnp.broadcast_to(indices, (*rest[:dim], indices.shape[dim], *rest[dim:]))
    i = jnp.remainder(i, max(x.shape[dim], 1))
    return x.at[scattering.positions(i, dim)].get(mode="clip")


# ----- masks -------------------------------------------------------------------------


def _mask(mask, name: str):
    if mask.dtype != jnp.bool_:
        raise RuntimeError(
            f"{name} only supports boolean masks, but got mask with dtype "
            f"{short(dtype_of(mask))}"
        )


@op(scope=None, method=False, name="masked_fill")
def _masked_fill(input: Array, mask: Array, value: Scalar) -> Array:
    broadcast_shapes(mask.shape, input.shape)
    _mask(mask, "masked_fill_")
    value = jnp.asarray(value)
    if is_inexact(value) and jnp.iscomplexobj(value) and not jnp.iscomplexobj(input):
        raise RuntimeError("value cannot be converted to type float without overflow")
    return jnp.where(mask, value.astype(input.dtype), input)


@overloaded(inplace=True)
def masked_fill(input, mask, value):
    """``input`` with a number where the mask is True."""
    if isinstance(value, TensorBase) and value._value().aval.shape:
        raise RuntimeError(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor "
            f"with {len(value._value().aval.shape)} dimension(s)."
        )
    return _masked_fill(input, mask, value)


@op(inplace=True)
def masked_scatter(input: Array, mask: Array, source: Array) -> Array:
    """``input`` with the elements of ``source`` in order where the mask is True."""
    _mask(mask, "masked_scatter_")
    if input.dtype != source.dtype:
        raise RuntimeError(
            "masked_scatter: expected self and source to have same dtypes but got"
            f"{scalar_name(input)} and {scalar_name(source)}"
        )
    shape = broadcast_shapes(input.shape, mask.shape)
    mask, x = jnp.broadcast_to(mask, shape), jnp.broadcast_to(input, shape)
    order = jnp.cumsum(mask.reshape(-1)) - 1
    if not source.size:
        return x
    chosen = source.reshape(-1).at[order].get(mode="clip").reshape(shape)
    return jnp.where(mask, chosen, x)
