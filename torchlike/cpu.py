"""``torch.cpu``: the CPU behind the interface of an accelerator."""

from __future__ import annotations

from . import _engine


def is_available() -> bool:
    """Always."""
    return True


def device_count() -> int:
    """One."""
    return 1


def current_device() -> str:
    """``cpu``."""
    return "cpu"


def set_device(device) -> None:
    """There is one CPU."""


def synchronize(device=None) -> None:
    """Run what is recorded and wait for it."""
    _engine.synchronize()
