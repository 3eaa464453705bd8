"""``torch.distributed.distributed_c10d``: the names packages import from there."""

from __future__ import annotations

from .. import distributed as _package
from . import ProcessGroup as ProcessGroup
from . import ReduceOp as ReduceOp

_get_default_group = _package.get_world_size


def _rank_not_in_group(group) -> bool:
    """There are no groups."""
    return True


def __getattr__(name: str):
    return getattr(_package, name)
