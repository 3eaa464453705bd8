"""``torch.__config__``: what this build is."""

from __future__ import annotations

import jax

from .version import __version__


def show() -> str:
    """The build in words."""
    return f"torchlike, answering for PyTorch {__version__}, on JAX {jax.__version__}\n"


def parallel_info() -> str:
    """XLA sizes its thread pools itself."""
    return "XLA's own thread pools\n"
