"""``torch.accelerator``: the GPUs, whatever their kind."""

from __future__ import annotations

from . import cuda
from ._devices import device as _device


def is_available() -> bool:
    """Whether there is an accelerator."""
    return cuda.is_available()


def device_count() -> int:
    """How many there are."""
    return cuda.device_count()


def current_accelerator(check_available: bool = False) -> _device | None:
    """The kind of accelerator, or None."""
    return _device("cuda") if cuda.is_available() else None


def current_device_index() -> int:
    """The index of the current one."""
    return cuda.current_device()


current_device_idx = current_device_index


def set_device_index(device) -> None:
    """Only device 0 can be the current one."""
    cuda.set_device(device)


set_device_idx = set_device_index


def synchronize(device=None) -> None:
    """Run what is recorded and wait for the devices."""
    cuda.synchronize(device)


def empty_cache() -> None:
    """Accepted; XLA manages its memory itself."""


def current_stream(device=None):
    """The only stream."""
    return cuda.current_stream(device)


memory_allocated = cuda.memory_allocated
max_memory_allocated = cuda.max_memory_allocated
memory_reserved = cuda.memory_reserved
