"""Where loaded storages go: the forms of ``map_location``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import _devices
from .stored import Storage
from .unpickle import Passing

_UNAVAILABLE = (
    "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() "
    "is False. If you are running on a CPU-only machine, please use torch.load with "
    "map_location=torch.device('cpu') to map your storages to the CPU."
)


def placer(map_location: Any) -> Callable[[Storage], Storage]:
    """A function that moves a storage to where ``map_location`` says.

    None keeps the saved device; a device or its name is for all; a dict maps names of
    saved devices to names; a function gets (storage, name) and gives a storage, or
    None to leave it to the default.
    """
    if map_location is None:
        return _restored
    if isinstance(map_location, dict):
        return lambda s: _at(s, map_location.get(s.location, s.location))
    if isinstance(map_location, str | _devices.device):
        return lambda s: _at(s, str(map_location))
    return lambda s: _by_function(map_location, s)


def _by_function(function: Callable, storage: Storage) -> Storage:
    try:
        result = function(storage, storage.location)
    except Exception as error:
        raise Passing(error) from error
    return _restored(storage if result is None else result)


def _at(storage: Storage, location: Any) -> Storage:
    return _restored(Storage(storage.data, str(location), storage.swapped))


def _restored(storage: Storage) -> Storage:
    kind, _, index = storage.location.partition(":")
    if kind not in ("cpu", "cuda", "meta"):
        raise RuntimeError(
            "don't know how to restore data location of torch.storage.UntypedStorage "
            f"(tagged with {storage.location})"
        )
    if kind == "cuda":
        _check_cuda(int(index or 0))
    storage.location = str(_devices.normalise(storage.location))
    return storage


def _check_cuda(index: int) -> None:
    count = len(_devices.cuda_devices())
    if not count:
        raise RuntimeError(_UNAVAILABLE)
    if index >= count:
        raise RuntimeError(
            f"Attempting to deserialize object on CUDA device {index} but "
            f"torch.cuda.device_count() is {count}. Please use torch.load with "
            "map_location to map your storages to an existing device."
        )
