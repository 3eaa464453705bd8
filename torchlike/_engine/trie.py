"""The trie stays bounded: branches that lead to no program are dropped now and then.

Programs are bounded by ``cache``, which prunes the branches they leave. What never got
a program, because nothing it computed was wanted in the end, is found here, and only
while a new state is made: known steps pay nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from .state import State

MAX_STATES = 50_000  # made between two sweeps, unless programs need more than these

_sweeping = threading.Lock()
_made = 0
_kept = 0


def make_room(roots: Iterable[State], traces: Callable) -> None:
    """Count a state about to be made. ``traces`` gives those of all threads."""
    global _made, _kept
    _made += 1
    if _made <= max(MAX_STATES, _kept) or not _sweeping.acquire(blocking=False):
        return
    try:
        _kept = _sweep(list(roots), [trace.state for trace in traces()])
        _made = 0
    finally:
        _sweeping.release()


def reset() -> None:
    """Begin anew; another thread may have been sweeping at a fork."""
    global _sweeping, _made, _kept
    _sweeping = threading.Lock()
    _made = _kept = 0


def states(roots: Iterable[State]) -> list[State]:
    """Every state the tries hold."""
    found = list(roots)
    for state in found:  # grows meanwhile
        found.extend(list(state.next.values()))
    return found


def _sweep(roots: list[State], standing: list[State]) -> int:
    """Keep the paths to programs and traces; return how many states they have."""
    wanted = set(roots)
    for state in [*standing, *(s for s in states(roots) if s.programs)]:
        while state is not None and state not in wanted:
            wanted.add(state)
            state = state.parent
    for state in wanted:
        for child in list(state.next.values()):
            if child not in wanted:
                state.prune(child)
        for key, memo in list(state.memos.items()):
            if memo.end not in wanted:
                state.memos.pop(key, None)
    return len(wanted)
