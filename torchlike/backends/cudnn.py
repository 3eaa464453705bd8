"""cuDNN, which XLA calls where it serves; the switches are accepted."""

from __future__ import annotations

from .._devices import cuda_devices

enabled = True
benchmark = False
deterministic = False
allow_tf32 = True


def is_available() -> bool:
    """Whether JAX has a CUDA device."""
    return bool(cuda_devices())


def version() -> int | None:
    """Not known here."""
    return None
