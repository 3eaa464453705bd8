"""Apple's GPUs, which torchlike does not use."""

from __future__ import annotations


def is_available() -> bool:
    """Never."""
    return False


def is_built() -> bool:
    """Never."""
    return False
