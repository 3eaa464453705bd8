"""``torch._utils``: the private helpers that packages import from PyTorch."""

from __future__ import annotations

import sys
import traceback
from collections import defaultdict

from . import _dtypes
from ._devices import CPU, cuda_devices
from ._devices import device as _device
from ._ops import _registry
from ._tensor import Tensor, from_array

_flatten, _cat = _registry.methods["reshape"], _registry.functions["torch"]["cat"]


def _flatten_dense_tensors(tensors) -> Tensor:
    """One vector of all elements."""
    return _cat([_flatten(t.contiguous(), (-1,)) for t in tensors])


def _unflatten_dense_tensors(flat: Tensor, tensors) -> tuple[Tensor, ...]:
    """The pieces of ``flat`` with the shapes of ``tensors``."""
    pieces, start = [], 0
    for t in tensors:
        pieces.append(flat[start : start + t.numel()].view(t.shape))
        start += t.numel()
    return tuple(pieces)


def _take_tensors(tensors, size_limit: int):
    """Groups of tensors of one type, each of at most ``size_limit`` bytes."""
    groups: dict = defaultdict(lambda: [[], 0])
    for tensor in tensors:
        group = groups[tensor.type()]
        if group[1] and group[1] + tensor.nbytes > size_limit:
            yield group[0]
            group = groups[tensor.type()] = [[], 0]
        group[0].append(tensor)
        group[1] += tensor.nbytes
    for held, _ in groups.values():
        if held:
            yield held


def _reorder_tensors_as(tensors, ordered_tensors) -> tuple[Tensor, ...]:
    """``tensors`` in the order in which their types stand in ``ordered_tensors``."""
    by_type: dict = defaultdict(list)
    for t in tensors:
        by_type[t.type()].append(t)
    queues = {kind: iter(held) for kind, held in by_type.items()}
    return tuple(next(queues[t.type()]) for t in ordered_tensors)


def _get_available_device_type() -> str | None:
    return "cuda" if cuda_devices() else None


def _get_all_device_indices() -> list[int]:
    return list(range(len(cuda_devices())))


def _get_device_index(device, optional: bool = False, allow_cpu: bool = False) -> int:
    """The number of a device; with ``optional``, None is device 0."""
    if isinstance(device, int):
        return device
    if device is None and optional:
        return 0
    place = _device(device) if isinstance(device, (str, _device)) else None
    if place is not None and place.type == "cuda":
        return place.index or 0
    if place is CPU and allow_cpu:
        return -1
    raise ValueError(
        "Expected a torch.device with a specified index or an integer, but got:"
        f"{device}"
    )


def _element_size(dtype: _dtypes.dtype) -> int:
    """Bytes of an element."""
    if not isinstance(dtype, _dtypes.dtype):
        raise RuntimeError(f"expected torch.dtype, but got {type(dtype)}")
    return dtype.itemsize


def _to_tensor(array) -> Tensor:
    return from_array(array)


def is_compiling() -> bool:
    """Whether torch.compile traces: never, as recording needs no tracing."""
    return False


def _is_compiling() -> bool:
    return False


class KeyErrorMessage(str):
    """Keeps the line breaks of a message that a KeyError would quote."""

    def __repr__(self) -> str:
        return self


class ExceptionWrapper:
    """An exception on its way from a worker to the caller, with its traceback."""

    def __init__(self, exc_info=None, where: str = "in background") -> None:
        kind, error, trace = exc_info or sys.exc_info()
        self.exc_type, self.where = kind, where
        self.exc_msg = "".join(traceback.format_exception(kind, error, trace))

    def reraise(self) -> None:
        """Raise it here, with the other traceback as its message."""
        name = self.exc_type.__name__
        message = f"Caught {name} {self.where}.\nOriginal {self.exc_msg}"
        if self.exc_type is KeyError:
            message = KeyErrorMessage(message)
        try:
            error = self.exc_type(message)
        except Exception:
            raise RuntimeError(message) from None
        raise error


class _ClassPropertyDescriptor:
    def __init__(self, fget) -> None:
        self.fget = fget

    def __get__(self, instance, owner=None):
        owner = type(instance) if owner is None else owner
        return self.fget.__get__(instance, owner)()


def classproperty(func) -> _ClassPropertyDescriptor:
    """A property of the class itself."""
    kinds = (classmethod, staticmethod)
    return _ClassPropertyDescriptor(
        func if isinstance(func, kinds) else classmethod(func)
    )
