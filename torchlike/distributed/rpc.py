"""``torch.distributed.rpc``: calls between processes; not available, only asked for."""

from __future__ import annotations

from .. import _gaps


def is_available() -> bool:
    """Never."""
    return False


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.distributed.rpc")
