"""Intel's MKL, which XLA does not need."""

from __future__ import annotations


def is_available() -> bool:
    """Never."""
    return False
