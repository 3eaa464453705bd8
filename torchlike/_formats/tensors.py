"""Between tensors and their stored form."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _devices
from .._engine import aval, from_host, realise
from .._engine.value import meta
from .._ops.geometry import geometry
from .._size import Size
from .._tensor import user_attributes
from ..autograd.grad_mode import mode
from ..autograd.variable import TensorBase, bare, wrap
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
            "attributes": user_attributes(obj) or None,
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
        where = geometry(tensor)
        if where is None or base._value().aval.dtype is not dtype:
            # Complex parts, for example: no strides over elements of one type.
            location = str(tensor._value().device)
            return StoredTensor.of(host_array(tensor), location, **flags)
        storage = self._storage(base)
        return StoredTensor(
            storage, dtype, where.offset, where.shape, where.strides, **flags
        )


class TensorMaker:
    """Makes tensors of stored forms; those that share a storage become views of it."""

    size = Size

    def tensor(self, stored: StoredTensor) -> TensorBase:
        tensor = self._contents(stored)
        tensor._requires_grad = stored.requires_grad
        return tensor

    def parameter(self, data: TensorBase, requires_grad: bool) -> TensorBase:
        from ..nn.parameter import Parameter  # late, because it loads Flax

        data._requires_grad = False
        return Parameter(data, requires_grad)

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
    other = bare(type(tensor))
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
