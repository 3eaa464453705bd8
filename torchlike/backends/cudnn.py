"""cuDNN, which XLA calls where it serves: ``allow_tf32``; the rest is accepted."""

from __future__ import annotations

import contextlib
import sys
import types

from .._devices import cuda_devices
from .._engine import change_setting, set_tf32_convolutions, tf32_convolutions

enabled = True
benchmark = False
deterministic = False


class _Switches(types.ModuleType):
    """The module, whose ``allow_tf32`` is a setting of the engine."""

    @property
    def allow_tf32(self) -> bool:
        """Whether float32 convolutions on GPUs may use TF32."""
        return tf32_convolutions()

    @allow_tf32.setter
    def allow_tf32(self, value: bool) -> None:
        if bool(value) != tf32_convolutions():
            change_setting(
                "precision of convolutions", lambda: set_tf32_convolutions(value)
            )


sys.modules[__name__].__class__ = _Switches


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
    module = sys.modules[__name__]
    before = [getattr(module, name) for name in _SWITCHES]
    _set(module, (enabled, benchmark, deterministic, allow_tf32))
    try:
        yield
    finally:
        _set(module, before)


def _set(module, values) -> None:
    for name, value in zip(_SWITCHES, values, strict=True):
        setattr(module, name, value)


_SWITCHES = ("enabled", "benchmark", "deterministic", "allow_tf32")
