"""cuDNN, which XLA calls where it serves; the switches are accepted."""

from __future__ import annotations

import contextlib

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


@contextlib.contextmanager
def flags(
    enabled=False,
    benchmark=False,
    benchmark_limit=10,
    deterministic=False,
    allow_tf32=True,
    fp32_precision="none",
):
    """Set the switches for a while."""
    held = globals()
    before = {name: held[name] for name in _SWITCHES}
    held.update(
        zip(_SWITCHES, (enabled, benchmark, deterministic, allow_tf32), strict=True)
    )
    try:
        yield
    finally:
        held.update(before)


_SWITCHES = ("enabled", "benchmark", "deterministic", "allow_tf32")
