"""AMD's MIOpen, which torchlike does not use."""

from __future__ import annotations


def is_available() -> bool:
    """Never."""
    return False
