"""What a module of an accelerator that is never there answers."""

from __future__ import annotations

__all__ = [
    "device_count",
    "empty_cache",
    "is_available",
    "is_initialized",
    "manual_seed",
    "manual_seed_all",
    "synchronize",
]


def is_available() -> bool:
    """Never."""
    return False


def device_count() -> int:
    """None."""
    return 0


def is_initialized() -> bool:
    """Never."""
    return False


def empty_cache() -> None:
    """Nothing to free."""


def synchronize(device=None) -> None:
    """Nothing to wait for."""


def manual_seed(seed: int) -> None:
    """Nothing to seed."""


manual_seed_all = manual_seed
