"""Which GPU is meant, and what is known about it."""

from __future__ import annotations

import dataclasses

from .._devices import cuda_devices
from .._devices import device as Device

current = 0


def is_available() -> bool:
    """Whether JAX has a CUDA device."""
    return bool(cuda_devices())


def device_count() -> int:
    """The number of CUDA devices."""
    return len(cuda_devices())


def index_of(device=None) -> int:
    """The index that a user's ``device`` names."""
    if device is None:
        return current
    if isinstance(device, int):
        return device
    index = Device(device).index
    return current if index is None else index


def found(device=None):
    """The JAX device."""
    index = index_of(device)
    if not cuda_devices():
        raise RuntimeError("No CUDA GPUs are available")
    if not 0 <= index < device_count():
        raise AssertionError("Invalid device id")
    return cuda_devices()[index]


def current_device() -> int:
    """The index of the device that ``cuda`` means."""
    found(0)
    return current


def set_device(device) -> None:
    """Only device 0 can be the current one."""
    if index_of(device) > 0:
        raise NotImplementedError(
            "torch.cuda.set_device: name the device, such as cuda:1, instead "
            "(docs/differences.md)"
        )


def get_device_name(device=None) -> str:
    """The name of a GPU."""
    return found(device).device_kind


def get_device_capability(device=None) -> tuple[int, int]:
    """The compute capability, such as ``(9, 0)``."""
    major, _, minor = str(found(device).compute_capability).partition(".")
    return int(major), int(minor or 0)


@dataclasses.dataclass(frozen=True)
class DeviceProperties:
    """What JAX knows of a GPU; memory in bytes."""

    name: str
    major: int
    minor: int
    total_memory: int
    multi_processor_count: int


def get_device_properties(device=None) -> DeviceProperties:
    """Name, capability, memory and number of multiprocessors of a GPU."""
    where = found(device)
    held = where.memory_stats() or {}
    return DeviceProperties(
        where.device_kind,
        *get_device_capability(device),
        int(held.get("bytes_limit", 0)),
        int(getattr(where, "core_count", 0) or 0),
    )


class device:
    """``with torch.cuda.device(0)``: only device 0 can be the current one."""

    def __init__(self, device) -> None:
        self.idx = -1 if device is None else index_of(device)

    def __enter__(self) -> None:
        set_device(self.idx)

    def __exit__(self, *exc) -> None:
        pass


class device_of(device):
    """The context of a tensor's device."""

    def __init__(self, obj) -> None:
        super().__init__(obj.get_device() if obj.is_cuda else None)
