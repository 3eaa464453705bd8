"""Arrays of Python numbers in nested sequences, with PyTorch's errors."""

from __future__ import annotations

import itertools

import numpy as np

from .. import _dtypes
from .._quiet import quietly

_KINDS = {bool: 0, int: 1, float: 2, complex: 3}
_SEQUENCES = {list, tuple}


def survey(data) -> tuple[type, list, list[int]] | None:
    """The widest number type, the numbers in one list, and the shape.

    None unless ``data`` is a regular nest of lists and tuples of Python's own numbers:
    then ``kind_of`` and ``check_shape`` look at each item.
    """
    shape = [len(data)]
    while kinds := set(map(type, data)):
        if kinds <= _KINDS.keys():
            return max(kinds, key=_KINDS.__getitem__), data, shape
        if not kinds <= _SEQUENCES:
            return None
        lengths = set(map(len, data))
        if len(lengths) != 1:
            return None
        shape += lengths
        data = list(itertools.chain.from_iterable(data))
    return None


def kind_of(data) -> type | None:
    """The widest Python number type in nested sequences."""
    rank, waiting = None, [data]
    order = (bool, int, float, complex)
    while waiting:
        item = waiting.pop()
        if isinstance(item, (list, tuple, range)):
            waiting.extend(item)
            continue
        kind = next((k for k in order if isinstance(item, k)), None)
        if kind is None:
            return None
        rank = order.index(kind) if rank is None else max(rank, order.index(kind))
    return float if rank is None else order[rank]


def check_shape(data, depth: int = 0) -> list[int]:
    """The shape of nested sequences; PyTorch's error for ragged ones."""
    if not isinstance(data, (list, tuple, range)):
        return []
    if not data:
        return [0]
    inner = [check_shape(item, depth + 1) for item in data]
    for item, shape in zip(data, inner, strict=True):
        if shape != inner[0]:
            if not inner[0] or not shape:
                raise _no_sequence(item if shape else data[0], depth, inner[0])
            raise ValueError(
                f"expected sequence of length {inner[0][0]} at dim {depth + 1} (got "
                f"{shape[0]})"
            )
    return [len(data), *inner[0]]


def _no_sequence(item, depth: int, shape) -> Exception:
    if shape:
        return TypeError(
            f"expected sequence object with len >= 0 or a buffer, got "
            f"{type(item).__name__} at dim {depth + 1}"
        )
    return ValueError(
        f"only one element tensors can be converted to Python scalars: "
        f"found a {type(item).__name__} among numbers at dim {depth + 1}"
    )


def of_numbers(data, kind: type, dtype: _dtypes.dtype) -> np.ndarray:
    """Python numbers, the widest of them a ``kind``, as an array of ``dtype``."""
    if dtype.category == 1:
        wide = np.float64 if kind is float else np.int64
        wide = dtype.numpy_dtype if kind is int and dtype is _dtypes.uint64 else wide
    else:
        wide = {0: bool, 2: np.float64, 3: np.complex128}[dtype.category]
        if kind is float and dtype is _dtypes.float32:
            wide = np.float32  # rounds each number as a cast of all would
    if kind is complex and 1 <= dtype.category <= 2:
        integer = "'complex' object cannot be interpreted as an integer"
        real = "must be real number, not complex"
        raise TypeError(integer if dtype.category == 1 else real)
    if kind is float and dtype is _dtypes.uint64:
        raise TypeError("an integer is required")
    try:
        array = quietly(np.asarray, data, wide)
    except OverflowError as error:
        raise _overflow(data, wide, error) from None
    if dtype.category == 1 and wide is not dtype.numpy_dtype:
        _check_range(array, dtype)
    target = dtype.numpy_dtype
    return array if array.dtype == target else quietly(array.astype, target)


def _overflow(data, wide, error: OverflowError) -> Exception:
    """PyTorch's error for an int that does not fit."""
    if wide is np.int64:
        return ValueError("Overflow when unpacking long long")
    if wide in (np.float32, np.float64, np.complex128):
        return error
    if np.min(np.asarray(data, object)) < 0:
        return OverflowError("can't convert negative int to unsigned")
    return OverflowError("int too big to convert")


def _check_range(array: np.ndarray, dtype: _dtypes.dtype) -> None:
    """Refuse what does not fit; a negative int may wrap once into an unsigned."""
    limits = np.iinfo(dtype.numpy_dtype)
    wraps = limits.min == 0 and array.dtype.kind == "i"
    low = -limits.max if wraps else limits.min
    if not np.all((array >= low) & (array <= limits.max)):  # false for nan
        raise RuntimeError(
            f"value cannot be converted to type {dtype.name} without overflow"
        )
