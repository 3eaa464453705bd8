"""``torch.cuda.nvtx``: marks for NVIDIA's profilers, accepted."""

from __future__ import annotations

import contextlib


def range_push(msg: str) -> int:
    """Accepted."""
    return 0


def range_pop() -> int:
    """Accepted."""
    return 0


def mark(msg: str) -> None:
    """Accepted."""


@contextlib.contextmanager
def range(msg: str, *args, **kwargs):
    """Accepted."""
    yield
