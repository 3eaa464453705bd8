"""``torch.multiprocessing``: Python's own module; tensors travel by copy.

**Differs** from PyTorch, where tensors share memory between processes.
"""

from __future__ import annotations

import multiprocessing as _python
from multiprocessing import *  # noqa: F403

from .spawn import ProcessContext as ProcessContext
from .spawn import ProcessExitedException as ProcessExitedException
from .spawn import ProcessRaisedException as ProcessRaisedException
from .spawn import SpawnContext as SpawnContext
from .spawn import spawn as spawn
from .spawn import start_processes as start_processes

__all__ = [
    *_python.__all__,
    "get_all_sharing_strategies",
    "get_sharing_strategy",
    "set_sharing_strategy",
    "spawn",
    "start_processes",
]

_strategy = "file_descriptor"


def get_all_sharing_strategies() -> set[str]:
    """The strategies PyTorch knows; none matters here."""
    return {"file_descriptor", "file_system"}


def get_sharing_strategy() -> str:
    """The strategy last set."""
    return _strategy


def set_sharing_strategy(new_strategy: str) -> None:
    """Accepted; tensors travel by copy."""
    global _strategy
    if new_strategy not in get_all_sharing_strategies():
        raise AssertionError(f"invalid sharing strategy: {new_strategy}")
    _strategy = new_strategy


def init_reductions() -> None:
    """Tensors pickle by themselves."""


def __getattr__(name: str):
    return getattr(_python, name)
