"""Convolutions for XLA's CPU backend, in C: ``available``, where they could be built.

XLA:CPU's own convolutions take two to four times as long. The functions are called
from compiled programs through XLA's foreign function interface and work on XLA's own
threads. Without a C compiler, or with ``TORCHLIKE_NATIVE=off``, the ops are put to XLA
as before (see ``_ops/_convolve.py``, where the choice is made).
"""

from __future__ import annotations

import jax

from .. import _config

NAMES = ("convolution", "convolution_input", "convolution_weight")


def target(name: str) -> str:
    """Under which name XLA knows a function."""
    return f"torchlike_{name}"


def _register() -> bool:
    if not _config.native:
        return False
    try:
        from . import _cpu

        for name in NAMES:
            jax.ffi.register_ffi_target(target(name), getattr(_cpu, name), "cpu")
    except (ImportError, RuntimeError):  # not built, or for another XLA than this
        return False
    return True


available: bool = _register()
