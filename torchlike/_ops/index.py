"""Indexing and assignment in every form: ``x[1, ..., None, ::2, mask]``.

Integers and slice starts are traced, so a loop over them never compiles. The basic
part of an index is a chain of views; what tensors index is gathered after it.
"""

from __future__ import annotations

import operator

import jax.numpy as jnp
import numpy as np

from .. import _dtypes
from .._engine import from_host, realise
from ..autograd.apply import apply
from ..autograd.variable import TensorBase, wrap
from ..autograd.views import (
    apply_view,
    assign,
    check_inplace,
    deferred_view,
    settled,
)
from . import _bounds, copies, parts, views
from ._op import Array, Arrays, Ints, op

_INT_TYPES = (
    _dtypes.int64,
    _dtypes.int32,
    _dtypes.int16,
    _dtypes.int8,
    _dtypes.uint8,
    _dtypes.uint16,
    _dtypes.uint32,
)


def getitem(tensor: TensorBase, index):
    """``tensor[index]``."""
    if type(index) is int:
        return _select(tensor, 0, index)
    if index is None:
        return apply_view(views.unsqueeze.op, (0,), tensor)
    if type(index) is tuple:
        result = parts.get(tensor, index)
        if result is not None:
            return result
    result, gathers = _basic(tensor, index)
    if gathers:
        places, tensors = _advanced(result, gathers)
        return _gather(result, tensors, places)
    return apply_view(_alias.op, (), result) if result is tensor else result


def setitem(tensor: TensorBase, index, value) -> None:
    """``tensor[index] = value``."""
    if parts.put(tensor, index, value):
        return
    if isinstance(value, np.integer):
        value = int(value)
    if not isinstance(value, (TensorBase, int, float, complex)):
        raise TypeError(f"can't assign a {_name(type(value))} to a {tensor.type()}")
    target, gathers = _basic(tensor, index)
    check_inplace(target)
    if not gathers:
        if isinstance(value, TensorBase):
            copies.put(target, _trim(value, target))
        else:
            assign(target, copies.fill_value(target, value))
        return
    values = value if isinstance(value, TensorBase) else _as_values(value, target)
    if values._value().device is not target._value().device:
        values = copies.to_device(values, target._value().device)
    mask = _single_mask(target, gathers)
    if mask is not None and not values._value().aval.shape:
        (new,) = apply(_masked.op, (), (target, mask, values))
    else:
        places, tensors = _advanced(target, gathers)
        new = _scatter(target, values, tensors, places, False)
    assign(target, new)


def _name(cls: type) -> str:
    return f"numpy.{cls.__name__}" if cls.__module__ == "numpy" else cls.__name__


def _trim(value, target):
    """Drop leading dimensions of size 1 that the target lacks, as PyTorch does."""
    shape, rank = value._value().aval.shape, len(target._value().aval.shape)
    while len(shape) > rank and shape[0] == 1:
        shape = shape[1:]
    same = len(shape) == len(value._value().aval.shape)
    return value if same else views.reshape(value, shape)


def _as_values(value, target):
    value = np.asarray(value, target._value().aval.dtype.numpy_dtype)
    return wrap(from_host(value.copy(), target._value().device))


# ----- the basic part ----------------------------------------------------------------


def _basic(tensor: TensorBase, index):
    """Apply ints, slices, None and ... as views; return the tensor indices by dim."""
    items = _items(index)
    items = _fill_ellipsis(items, len(tensor._value().aval.shape))
    result, dim, gathers = tensor, 0, []
    for item in items:
        if item is None:
            result = views.unsqueeze(result, dim)
            dim += 1
        elif isinstance(item, slice):
            result = _slice(result, dim, item)
            dim += 1
        elif isinstance(item, bool):
            result = views.unsqueeze(result, dim)
            gathers.append((dim, wrap(from_host(np.array([item])))))
            dim += 1
        elif isinstance(item, TensorBase):
            if _is_index_number(item):
                result = _select_at(result, dim, item)
            else:
                if item._value().aval.dtype is _dtypes.bool_ and not _shape(item):
                    result = views.unsqueeze(result, dim)
                    item = views.unsqueeze(item, 0)
                gathers.append((dim, item))
                dim += max(_consumed(item), 1)
        else:
            result = _select(result, dim, item)
    return result, gathers


def _shape(tensor) -> tuple[int, ...]:
    return tensor._aval().shape


def _is_index_number(item) -> bool:
    return not _shape(item) and item._value().aval.dtype in _INT_TYPES


def _consumed(item) -> int:
    """How many dimensions a tensor index stands for."""
    is_mask = item._value().aval.dtype is _dtypes.bool_
    return len(_shape(item)) if is_mask else 1


def _items(index) -> list:
    if isinstance(index, list):
        index = _index_tensor(index)
    items = list(index) if isinstance(index, tuple) else [index]
    return [_item(i) for i in items]


def _item(i):
    if i is None or i is ... or isinstance(i, (slice, bool, TensorBase)):
        return i
    if isinstance(i, (list, tuple, range, np.ndarray)):
        return _index_tensor(i)
    try:
        return operator.index(i)
    except TypeError:
        pass
    raise IndexError(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte "
        f"Variables are valid indices (got {type(i).__name__})"
    )


def _index_tensor(data):
    if isinstance(data, (list, tuple)) and any(isinstance(x, TensorBase) for x in data):
        data = [
            int(x)
            if isinstance(x, TensorBase) and not _shape(x)
            else np.asarray(realise(x._value(), "indexing").array)
            if isinstance(x, TensorBase)
            else x
            for x in data
        ]
    array = np.asarray(data)
    if array.size == 0 and array.dtype.kind == "f":
        array = array.astype(np.int64)
    return wrap(from_host(array.copy()))


def _fill_ellipsis(items: list, rank: int) -> list:
    used = sum(
        _consumed(i) if isinstance(i, TensorBase) else 1
        for i in items
        if i is not None and i is not ... and not isinstance(i, bool)
    )
    if used > rank:
        raise IndexError(f"too many indices for tensor of dimension {rank}")
    filled, seen = [], False
    for i in items:
        if i is ... and not seen:
            filled += [slice(None)] * (rank - used)
            seen = True
        else:
            filled.append(slice(None) if i is ... else i)
    return filled


def _select(tensor, dim: int, index: int):
    shape = _shape(tensor)
    if not shape:
        raise IndexError(
            "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or "
            "`tensor.item<T>()` in C++ to convert a 0-dim tensor to a number"
        )
    n = shape[dim]
    if not -n <= index < n:
        raise IndexError(
            f"index {index} is out of bounds for dimension {dim} with size {n}"
        )
    at = index + n if index < 0 else index
    if settled(tensor):
        left = shape[:dim] + shape[dim + 1 :]
        return deferred_view(views.select_index.op, (dim,), tensor, left, at)
    return apply_view(views.select_index.op, (dim,), tensor, at)


def _select_at(tensor, dim: int, index: TensorBase):
    """``tensor[i]`` with a 0-d tensor: its value is not read."""
    _bounds.check_item(index, dim, _shape(tensor)[dim])
    frozen = wrap(index._value())
    return apply_view(views.select_index.op, (dim,), tensor, frozen)


def _slice(tensor, dim: int, item: slice):
    n = _shape(tensor)[dim]
    if item.step is not None and operator.index(item.step) <= 0:
        raise ValueError("step must be greater than zero")
    start, stop, step = slice(*map(_bound, (item.start, item.stop, item.step))).indices(
        n
    )
    length = max(0, -(-(stop - start) // step))
    if length == n and step == 1:
        return tensor
    static = dim, length, step
    return apply_view(views.slice_from.op, static, tensor, start if length else 0)


def _bound(x):
    return None if x is None else operator.index(x)


def _alias_write(base, new):
    return new


@views.view_op(
    _alias_write, strides=lambda w: w, name="alias", scope=None, method=False
)
def _alias(input: Array) -> Array:
    return input


# ----- tensors as indices ------------------------------------------------------------


def _advanced(tensor, gathers):
    """Masks become positions (read on the host); returns (dims, index tensors)."""
    shape = _shape(tensor)
    dims, tensors = [], []
    for dim, item in gathers:
        dtype = item._value().aval.dtype
        if dtype is _dtypes.bool_:
            _check_mask(item, shape, dim)
            for offset, positions in enumerate(_positions(item)):
                dims.append(dim + offset)
                tensors.append(positions)
        elif dtype in _INT_TYPES:
            _bounds.check_item(item, dim, shape[dim])
            dims.append(dim)
            tensors.append(item)
        else:
            raise IndexError(
                "tensors used as indices must be long, int, byte or bool tensors"
            )
    place = tensor._value().device
    tensors = [
        t if t._value().device is place else copies.to_device(t, place) for t in tensors
    ]
    return tuple(dims), tensors


def _check_mask(mask, shape, dim: int) -> None:
    for i, n in enumerate(_shape(mask)):
        if n != shape[dim + i]:
            raise IndexError(
                f"The shape of the mask {list(_shape(mask))} at index {i} does not "
                f"match the shape of the indexed tensor {list(shape)} at index "
                f"{dim + i}"
            )


def _positions(mask):
    array = np.asarray(realise(mask._value(), "boolean index").array)
    return [wrap(from_host(p)) for p in np.nonzero(array)]


def _single_mask(target, gathers):
    """The mask of ``x[mask] = number``, shaped to broadcast; None otherwise."""
    if len(gathers) != 1:
        return None
    dim, mask = gathers[0]
    if mask._value().aval.dtype is not _dtypes.bool_:
        return None
    shape = _shape(target)
    _check_mask(mask, shape, dim)
    rest = len(shape) - dim - len(_shape(mask))
    return views.reshape(mask, _shape(mask) + (1,) * rest) if rest else mask


def _where(ndim: int, places, indices) -> tuple:
    index = [slice(None)] * ndim
    for place, i in zip(places, indices, strict=True):
        index[place] = i
    return tuple(index)


def _check_shapes(indices) -> None:
    try:
        jnp.broadcast_shapes(*(i.shape for i in indices))
    except ValueError:
        shapes = ", ".join(str(list(i.shape)) for i in indices)
        raise IndexError(
            "shape mismatch: indexing tensors could not be broadcast together with "
            f"shapes {shapes}"
        ) from None


@op(name="index", scope=None, method=False)
def _gather(input: Array, indices: Arrays, places: Ints) -> Array:
    _check_shapes(indices)
    return input[_where(input.ndim, places, indices)]


@op(name="masked_fill", scope=None, method=False)
def _masked(input: Array, mask: Array, value: Array) -> Array:
    return jnp.where(mask, value.astype(input.dtype), input)


@op(name="index_put", scope=None, method=False)
def _scatter(
    input: Array, values: Array, indices: Arrays, places: Ints, accumulate: bool
) -> Array:
    _check_shapes(indices)
    where = _where(input.ndim, places, indices)
    shape = input[where].shape
    values = values.astype(input.dtype)
    while values.ndim > len(shape) and values.shape[0] == 1:
        values = values[0]
    try:
        values = jnp.broadcast_to(values, shape)
    except ValueError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(values.shape)} cannot be "
            f"broadcast to indexing result of shape {list(shape)}"
        ) from None
    at = input.at[where]
    if not accumulate:
        return at.set(values)
    return at.max(values) if input.dtype == jnp.bool_ else at.add(values)
