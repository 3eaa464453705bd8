"""Collation: a list of samples becomes one batch of the same structure."""

from __future__ import annotations

import copy
from collections.abc import (
    Callable,
    Mapping,
    MutableMapping,
    MutableSequence,
    Sequence,
)

import numpy as np

from . import _tensors

_NO_NUMBERS = frozenset("SaUO")  # letters of NumPy's text, bytes and object dtypes
default_collate_err_msg_format = (
    "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or "
    "lists; found {}"
)


def rebuild_mapping(like: Mapping, values: dict):
    """A mapping of the type of ``like`` with new values; else a plain dict."""
    try:
        if isinstance(like, MutableMapping):
            # A copy keeps what the constructor may not take (a default factory).
            clone = copy.copy(like)
            clone.update(values)
            return clone
        return type(like)(values)
    except TypeError:
        return values


def rebuild_sequence(like: Sequence, values: list):
    """A sequence of the type of ``like`` with new items; else a plain list."""
    try:
        if isinstance(like, MutableSequence):
            clone = copy.copy(like)
            for i, value in enumerate(values):
                clone[i] = value
            return clone
        return type(like)(values)
    except TypeError:
        return values


def is_namedtuple(data) -> bool:
    """Whether ``data`` is rebuilt from positional fields."""
    return isinstance(data, tuple) and hasattr(data, "_fields")


def _is_numberless(array) -> bool:
    return not _NO_NUMBERS.isdisjoint(array.dtype.str)


# ----- one sample -----
def default_convert(data):
    """Make tensors of the NumPy arrays and scalars in one sample; keep the rest."""
    kind = type(data)
    if isinstance(data, _tensors.Tensor):
        return data
    if kind.__module__ == "numpy" and kind.__name__ not in ("str_", "string_"):
        if kind is np.ndarray and _is_numberless(data):
            return data
        return _tensors.as_tensor(data)
    if isinstance(data, Mapping):
        values = {key: default_convert(data[key]) for key in data}
        return rebuild_mapping(data, values)
    if is_namedtuple(data):
        return kind(*(default_convert(d) for d in data))
    if isinstance(data, tuple):
        return [default_convert(d) for d in data]
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return rebuild_sequence(data, [default_convert(d) for d in data])
    return data


# ----- a batch -----
def collate(batch, *, collate_fn_map: dict | None = None):
    """Collate by the type of the first sample.

    ``collate_fn_map`` gives for a type (or a tuple of types) the function
    ``f(batch, *, collate_fn_map)`` that collates it; containers are taken apart.
    """
    first = batch[0]
    chosen = _find(collate_fn_map, first)
    if chosen is not None:
        return chosen(batch, collate_fn_map=collate_fn_map)

    def inner(samples):
        return collate(samples, collate_fn_map=collate_fn_map)

    if isinstance(first, Mapping):
        values = {key: inner([sample[key] for sample in batch]) for key in first}
        return rebuild_mapping(first, values)
    if is_namedtuple(first):
        return type(first)(*map(inner, zip(*batch, strict=False)))
    if isinstance(first, Sequence):
        return _collate_sequences(batch, inner)
    raise TypeError(default_collate_err_msg_format.format(type(first)))


def _find(functions: dict | None, first) -> Callable | None:
    """The function of the exact type, else of the first type it is an instance of."""
    if functions is None:
        return None
    exact = functions.get(type(first))
    if exact is not None:
        return exact
    for kinds, function in functions.items():
        if isinstance(first, kinds):
            return function
    return None


def _collate_sequences(batch, inner: Callable):
    first = batch[0]
    if any(len(sample) != len(first) for sample in batch):
        raise RuntimeError("each element in list of batch should be of equal size")
    values = [inner(samples) for samples in zip(*batch, strict=True)]
    return values if isinstance(first, tuple) else rebuild_sequence(first, values)


def collate_tensor_fn(batch, *, collate_fn_map: dict | None = None):
    """Stack tensors; those at hand on the host are stacked by NumPy.

    So a batch of 64 samples does not record an op with 64 operands.
    """
    rows = _tensors.rows_array(batch)
    if rows is None:
        rows = _tensors.packed(batch)
    if rows is not None:
        return _tensors.from_host(rows)
    arrays = [_tensors.host_array(t) for t in batch]
    if not _stackable(arrays):
        return _tensors.stack(batch, 0)
    return _tensors.from_host(_tensors.stacked(arrays))


def _stackable(arrays: list) -> bool:
    first = arrays[0]
    return first is not None and all(
        a is not None and a.shape == first.shape and a.dtype == first.dtype
        for a in arrays
    )


def collate_numpy_array_fn(batch, *, collate_fn_map: dict | None = None):
    """Stack NumPy arrays of numbers."""
    first = batch[0]
    if _is_numberless(first):
        raise TypeError(default_collate_err_msg_format.format(first.dtype))
    if all(type(a) is np.ndarray for a in batch) and _stackable(batch):
        if first.dtype.isnative:
            return _tensors.from_host(_tensors.stacked(batch))
        return _tensors.as_tensor(np.stack(batch))
    tensors = [_tensors.as_tensor(a) for a in batch]
    return collate(tensors, collate_fn_map=collate_fn_map)


def collate_numpy_scalar_fn(batch, *, collate_fn_map: dict | None = None):
    """NumPy scalars keep their dtype."""
    if all(type(x) is type(batch[0]) for x in batch):
        return _tensors.as_tensor(np.stack(batch))
    return _tensors.as_tensor(batch)


def collate_float_fn(batch, *, collate_fn_map: dict | None = None):
    """Python floats become float64."""
    if all(type(x) is float for x in batch):
        return _tensors.from_host(np.array(batch, np.float64))
    return _tensors.tensor(batch, dtype=_tensors.float64)


def collate_int_fn(batch, *, collate_fn_map: dict | None = None):
    """Python ints become int64, bools bool."""
    return _tensors.tensor(batch)


def collate_str_fn(batch, *, collate_fn_map: dict | None = None):
    """Text and bytes stay a list."""
    return batch


default_collate_fn_map: dict[type | tuple[type, ...], Callable] = {
    _tensors.Tensor: collate_tensor_fn,
    np.ndarray: collate_numpy_array_fn,
    (np.bool_, np.number, np.object_): collate_numpy_scalar_fn,
    float: collate_float_fn,
    int: collate_int_fn,
    str: collate_str_fn,
    bytes: collate_str_fn,
}


def default_collate(batch):
    """Stack samples into a batch with a new first dimension.

    Tensors and NumPy arrays are stacked, numbers become a tensor, mappings, named
    tuples and sequences are collated item by item (a tuple gives a list), text and
    bytes stay a list. The types registered in ``default_collate_fn_map`` decide.

    Shape: samples ``(…)`` give ``(N, …)``.
    """
    return collate(batch, collate_fn_map=default_collate_fn_map)
