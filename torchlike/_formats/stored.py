"""What checkpoint formats pass to the rest: tensors as strided views of byte runs.

Neither Tensor nor JAX is known here. A format reads into and writes from these two
classes, so tensors that share memory share it again after loading.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Protocol

import numpy as np

from .. import _devices, _dtypes

_STORAGE_NAMES = {
    "FloatStorage": _dtypes.float32,
    "DoubleStorage": _dtypes.float64,
    "HalfStorage": _dtypes.float16,
    "BFloat16Storage": _dtypes.bfloat16,
    "LongStorage": _dtypes.int64,
    "IntStorage": _dtypes.int32,
    "ShortStorage": _dtypes.int16,
    "CharStorage": _dtypes.int8,
    "ByteStorage": _dtypes.uint8,
    "BoolStorage": _dtypes.bool_,
    "ComplexFloatStorage": _dtypes.complex64,
    "ComplexDoubleStorage": _dtypes.complex128,
}
UNTYPED = "UntypedStorage"
DTYPE_OF_STORAGE = {**_STORAGE_NAMES, UNTYPED: None}
STORAGE_OF_DTYPE = {dtype: name for name, dtype in _STORAGE_NAMES.items()}


class Storage:
    """A run of bytes on a device; ``swapped`` where another machine ordered them.

    It stands in for PyTorch's storage where a ``map_location`` function gets one.
    ``bases`` is for the reader: the whole-storage tensors already made of it.
    """

    def __init__(self, data: np.ndarray, location: str = "cpu", swapped: bool = False):
        self.data = data.reshape(-1).view(np.uint8)
        self.location = location
        self.swapped = swapped
        self.bases: dict[_dtypes.dtype, Any] = {}

    def __len__(self) -> int:
        return self.data.size

    def nbytes(self) -> int:
        return self.data.size

    @property
    def device(self) -> _devices.device:
        return _devices.device(self.location)

    def cpu(self) -> Storage:
        return self._at("cpu")

    def cuda(self, device: Any = None) -> Storage:
        """The same bytes, to be put on a CUDA device (default: the first)."""
        return self._at(str(_devices.device("cuda:0" if device is None else device)))

    def _at(self, location: str) -> Storage:
        return Storage(self.data, location, self.swapped)

    def typed(self, dtype: _dtypes.dtype) -> np.ndarray:
        """The bytes as a vector of ``dtype``; a view where the byte order is ours."""
        data = self.data[: self.data.size // dtype.itemsize * dtype.itemsize]
        if self.swapped:
            unit = dtype.itemsize // 2 if dtype.is_complex else dtype.itemsize
            data = data.view(f"u{unit}").byteswap().view(np.uint8)
        if data.ctypes.data % dtype.itemsize:
            data = data.copy()
        return data.view(dtype.numpy_dtype)


@dataclasses.dataclass(eq=False)
class StoredTensor:
    """A tensor as (storage, dtype, offset, shape, strides), counted in elements.

    ``storage`` is None for a ``meta`` tensor; ``attributes`` are those users set.
    """

    storage: Storage | None
    dtype: _dtypes.dtype
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    requires_grad: bool = False
    is_parameter: bool = False
    attributes: dict[str, Any] | None = None

    @classmethod
    def of(cls, array: np.ndarray, location: str = "cpu", **flags) -> StoredTensor:
        """A tensor with a storage of its own, from an array (copied if strided)."""
        # ascontiguousarray makes 0-d arrays 1-d.
        whole = np.ascontiguousarray(array).reshape(array.shape)
        dtype = _dtypes.from_numpy(array.dtype)
        storage = Storage(whole, location)
        return cls(storage, dtype, 0, array.shape, packed_strides(array.shape), **flags)

    @property
    def is_whole(self) -> bool:
        """Whether the tensor is all of its storage, row by row."""
        size = math.prod(self.shape) * self.dtype.itemsize
        packed = self.strides == packed_strides(self.shape)
        return packed and self.offset == 0 and size == self.storage.nbytes()

    def array(self) -> np.ndarray:
        """The values, as a strided view of the storage."""
        flat = self.storage.typed(self.dtype)
        check_bounds(self, flat.size)
        size = self.dtype.itemsize
        steps = tuple(s * size for s in self.strides)
        if 0 in self.shape:
            return np.empty(self.shape, flat.dtype)
        data = flat.view(np.uint8)
        return np.ndarray(self.shape, flat.dtype, data, self.offset * size, steps)


def packed_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of a row-by-row tensor, as PyTorch gives them for any shape."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def check_bounds(tensor: StoredTensor, available: int) -> None:
    """Reject a tensor that would read outside its storage of ``available`` elements."""
    shape, strides = tensor.shape, tensor.strides
    if not all(type(n) is int for n in (*shape, *strides, tensor.offset)):
        raise RuntimeError("sizes, strides and offset of a tensor must be integers")
    sane = len(shape) == len(strides) and min((*shape, *strides, 0)) >= 0
    reach = 0
    if 0 not in shape:
        reach = 1 + sum((n - 1) * s for n, s in zip(shape, strides, strict=False))
    if not sane or tensor.offset < 0 or (reach and tensor.offset + reach > available):
        size = tensor.dtype.itemsize
        raise RuntimeError(
            f"setStorage: sizes {list(shape)}, strides {list(strides)}, storage offset "
            f"{tensor.offset}, and itemsize {size} requiring a storage size of "
            f"{(tensor.offset + reach) * size} are out of bounds for storage of size "
            f"{available * size}"
        )


def set_attributes(tensor: Any, state: dict[str, Any]) -> Any:
    """Set the attributes a user gave a tensor; never one that the class has."""
    for name, value in state.items():
        if isinstance(name, str) and not hasattr(tensor, name):
            setattr(tensor, name, value)
    return tensor


class Maker(Protocol):
    """How a reader turns what it found into the library's objects."""

    def tensor(self, stored: StoredTensor) -> Any: ...

    def parameter(self, data: Any, requires_grad: bool) -> Any: ...

    def size(self, sizes: tuple[int, ...]) -> Any: ...


class PlainMaker:
    """Keeps :class:`StoredTensor` as it is and sizes as tuples."""

    def tensor(self, stored: StoredTensor) -> StoredTensor:
        return stored

    def parameter(self, data: StoredTensor, requires_grad: bool) -> StoredTensor:
        return dataclasses.replace(data, requires_grad=requires_grad, is_parameter=True)

    def size(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sizes)
