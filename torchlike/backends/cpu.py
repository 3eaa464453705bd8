"""The CPU."""

from __future__ import annotations


def get_cpu_capability() -> str:
    """XLA picks the instructions itself."""
    return "DEFAULT"
