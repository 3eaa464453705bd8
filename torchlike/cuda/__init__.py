"""``torch.cuda``: the NVIDIA GPUs JAX sees."""

from __future__ import annotations

from .. import _engine
from .._devices import cuda_devices
from .._devices import device as Device
from .._ops._draw import default_generator

_current = 0


def is_available() -> bool:
    """Whether JAX has a CUDA device."""
    return bool(cuda_devices())


def device_count() -> int:
    """The number of CUDA devices."""
    return len(cuda_devices())


def is_initialized() -> bool:
    """Whether there is a GPU in use."""
    return is_available()


def _index(device=None) -> int:
    if device is None:
        return _current
    if isinstance(device, int):
        return device
    index = Device(device).index
    return _current if index is None else index


def _found(device=None):
    index = _index(device)
    if not cuda_devices():
        raise RuntimeError("No CUDA GPUs are available")
    if not 0 <= index < device_count():
        raise AssertionError("Invalid device id")
    return cuda_devices()[index]


def current_device() -> int:
    """The index of the device that ``cuda`` means."""
    _found(0)
    return _current


def set_device(device) -> None:
    """Only device 0 can be the current one."""
    if _index(device) != 0:
        raise NotImplementedError(
            "torch.cuda.set_device: name the device, such as cuda:1, instead "
            "(docs/differences.md)"
        )


def get_device_name(device=None) -> str:
    """The name of a GPU."""
    return _found(device).device_kind


def synchronize(device=None) -> None:
    """Run what is recorded and wait for the devices."""
    _engine.synchronize()


def empty_cache() -> None:
    """Accepted; XLA manages its memory itself."""


def _memory(key: str, device=None) -> int:
    if not is_available():
        return 0
    return int((_found(device).memory_stats() or {}).get(key, 0))


def memory_allocated(device=None) -> int:
    """Bytes in use on a GPU."""
    return _memory("bytes_in_use", device)


def max_memory_allocated(device=None) -> int:
    """The highest number of bytes in use so far."""
    return _memory("peak_bytes_in_use", device)


def memory_reserved(device=None) -> int:
    """Bytes XLA holds on a GPU."""
    return _memory("pool_bytes", device)


def manual_seed(seed: int) -> None:
    """Seed the generators of the GPUs."""
    for index in range(device_count()):
        default_generator(Device("cuda", index)).manual_seed(seed)


manual_seed_all = manual_seed
