"""Hands the alias on to processes that ``multiprocessing`` spawns.

A spawned child imports the parent's main script before it does anything else, so the
alias must stand earlier: when the child unpickles the preparation data.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.spawn as spawn
from collections.abc import Callable

_KEY = "torchlike"
_original: Callable[[str], dict] | None = None


class _OnArrival:
    """Pickles as a call of ``action``, so that the child makes it on unpickling."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action

    def __reduce__(self):
        return self._action, ()


def inherit(action: Callable[[], None]) -> None:
    """Let every spawned child call ``action`` before it imports the main script."""
    global _original
    original = _original = spawn.get_preparation_data

    def get_preparation_data(name: str) -> dict:
        return {**original(name), _KEY: _OnArrival(action)}

    spawn.get_preparation_data = get_preparation_data
    # The fork server would import the main script on its own; it preloads the alias.
    multiprocessing.set_forkserver_preload([f"{__package__}.forkserver"])


def disinherit() -> None:
    """Undo :func:`inherit`."""
    global _original
    if _original is not None:
        spawn.get_preparation_data = _original
        _original = None
        multiprocessing.set_forkserver_preload(["__main__"])
