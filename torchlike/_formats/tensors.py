"""Between tensors and their stored form; also how a tensor is pickled and copied."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import _devices, _dtypes
from .._engine import aval, from_host, realise
from .._engine.value import meta
from ..autograd.apply import apply
from ..autograd.grad_mode import mode
from ..autograd.variable import TensorBase, wrap
from .stored import Storage, StoredTensor, check_bounds, packed_strides


def host_array(tensor: TensorBase) -> np.ndarray:
    """The values, waited for and copied from the device if need be."""
    return np.asarray(realise(tensor._value(), "torch.save").array)


def is_parameter(tensor: TensorBase) -> bool:
    """Whether ``nn.Parameter`` made it; asked without importing nn."""
    names = (c.__name__ for c in type(tensor).__mro__)
    return "Parameter" in names or getattr(tensor, "_is_param", False)


class Describer:
    """Gives tensors' stored forms; those that share memory get one storage."""

    def __init__(self):
        self._storages: dict[int, tuple[Any, Storage]] = {}

    def __call__(self, obj: Any) -> StoredTensor | None:
        if not isinstance(obj, TensorBase):
            return None
        flags = {
            "requires_grad": obj._requires_grad or obj._node is not None,
            "is_parameter": is_parameter(obj),
        }
        value = obj._value()
        if value.device is _devices.META:
            shape, dtype = value.aval.shape, value.aval.dtype
            return StoredTensor(None, dtype, 0, shape, packed_strides(shape), **flags)
        if obj._view is None:
            return self._whole(obj, flags)
        return self._view(obj, flags)

    def _whole(self, tensor: TensorBase, flags: dict) -> StoredTensor:
        shape, dtype = tensor._value().aval.shape, tensor._value().aval.dtype
        storage = self._storage(tensor)
        return StoredTensor(storage, dtype, 0, shape, packed_strides(shape), **flags)

    def _storage(self, base: TensorBase) -> Storage:
        cell = base._storage
        if id(cell) not in self._storages:
            array = np.ascontiguousarray(host_array(base))
            storage = Storage(array, str(cell.value.device))
            self._storages[id(cell)] = cell, storage
        return self._storages[id(cell)][1]

    def _view(self, tensor: TensorBase, flags: dict) -> StoredTensor:
        base, dtype = tensor._view.base, tensor._value().aval.dtype
        layout = _strided_layout(tensor)
        if layout is None or base._storage.value.aval.dtype is not dtype:
            location = str(tensor._value().device)
            return StoredTensor.of(host_array(tensor), location, **flags)
        offset, strides = layout
        shape = tensor._value().aval.shape
        return StoredTensor(self._storage(base), dtype, offset, shape, strides, **flags)


def _strided_layout(tensor: TensorBase) -> tuple[int, tuple[int, ...]] | None:
    """Where a view's elements lie in its base, as (offset, strides) if that can say it.

    The view's own ops are applied to the positions 0, 1, 2… instead of the values.
    """
    shape = tensor._view.base._storage.value.aval.shape
    positions = np.arange(math.prod(shape)).reshape(shape)
    seen = wrap(from_host(positions))
    before, mode.enabled = mode.enabled, False
    try:
        for op, static, numbers in tensor._view.steps:
            (seen,) = apply(op, static, (seen, *numbers))
        at = host_array(seen)
    except (RuntimeError, TypeError, ValueError):
        return None  # a view of complex parts, for example
    finally:
        mode.enabled = before
    return _affine(at)


def _affine(at: np.ndarray) -> tuple[int, tuple[int, ...]] | None:
    if at.size == 0 or at.dtype != np.int64:
        return None
    offset = int(at.flat[0])
    strides = list(packed_strides(at.shape))
    expected = np.full(at.shape, offset)
    for axis, size in enumerate(at.shape):
        if size > 1:
            first = np.moveaxis(at, axis, 0).reshape(size, -1)[:2, 0]
            strides[axis] = int(first[1] - first[0])
            steps = np.arange(size) * strides[axis]
            expected += steps.reshape(-1, *[1] * (at.ndim - axis - 1))
    if min(strides, default=0) < 0 or not np.array_equal(at, expected):
        return None
    return offset, tuple(strides)


class TensorMaker:
    """Makes tensors of stored forms; those that share a storage become views of it."""

    def __init__(self, parameter: type, size: type):
        self._parameter = parameter
        self.size = size

    def tensor(self, stored: StoredTensor) -> TensorBase:
        tensor = self._contents(stored)
        tensor._requires_grad = stored.requires_grad
        return tensor

    def parameter(self, data: TensorBase, requires_grad: bool) -> TensorBase:
        data._requires_grad = False
        return self._parameter(data, requires_grad)

    def _contents(self, stored: StoredTensor) -> TensorBase:
        storage, dtype = stored.storage, stored.dtype
        if storage is None or storage.location == "meta":
            return wrap(meta(aval(stored.shape, dtype), _devices.META))
        check_bounds(stored, len(storage) // dtype.itemsize)
        place = _devices.normalise(storage.location)
        if dtype not in storage.bases:
            if stored.is_whole or len(storage) == 0:
                whole = wrap(from_host(stored.array(), place))
                storage.bases[dtype] = whole
                return _alias(whole)
            storage.bases[dtype] = wrap(from_host(storage.typed(dtype), place))
        return _seen_through(storage.bases[dtype], stored)


def _alias(tensor: TensorBase) -> TensorBase:
    """Another tensor on the same storage, so that flags of one are not the other's."""
    other = object.__new__(type(tensor))
    other._storage = tensor._storage
    return other


def _seen_through(base: TensorBase, stored: StoredTensor) -> TensorBase:
    if stored.is_whole and base._storage.value.aval.shape == stored.shape:
        return _alias(base)
    before, mode.enabled = mode.enabled, False
    try:
        return base.as_strided(stored.shape, stored.strides, stored.offset)
    finally:
        mode.enabled = before


# ----- pickling and copying -----


def reduce_tensor(tensor: TensorBase) -> tuple:
    """What ``Tensor.__reduce_ex__`` gives: the values, without shared memory."""
    value = tensor._value()
    is_meta = value.device is _devices.META
    array = None if is_meta else host_array(tensor)
    shape, dtype = value.aval.shape, value.aval.dtype
    grad = tensor._requires_grad or tensor._node is not None
    return rebuild_tensor, (array, shape, dtype, str(value.device), grad)


def rebuild_tensor(
    array: np.ndarray | None,
    shape: tuple[int, ...],
    dtype: _dtypes.dtype,
    device: str,
    requires_grad: bool,
) -> TensorBase:
    """Unpickle a tensor; ``array`` is None for a ``meta`` tensor."""
    if array is None:
        tensor = wrap(meta(aval(tuple(shape), dtype), _devices.META))
    else:
        tensor = wrap(from_host(array, _devices.normalise(device)))
    tensor._requires_grad = requires_grad
    return tensor
