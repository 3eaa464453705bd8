"""The bounded cache of compiled programs, kept on the states they belong to."""

from __future__ import annotations

import threading
from collections import OrderedDict

from .state import State

MAX_PROGRAMS = 1024

_lock = threading.Lock()
_used: OrderedDict[tuple[State, tuple, tuple], object] = OrderedDict()


def lookup(state: State, live: tuple, dead: tuple):
    """The program compiled or aliased for exactly these outputs and donations."""
    key = (state, live, dead)
    program = _used.get(key)
    if program is not None:
        try:
            _used.move_to_end(key)
        except KeyError:  # another thread evicted it meanwhile
            pass
    return program


def store(state: State, program) -> None:
    """Keep a new program; the least recently used ones go."""
    state.programs.append(program)


def alias(state: State, live: tuple, dead: tuple, program) -> None:
    """Remember which program serves these outputs and donations."""
    with _lock:
        _used[state, live, dead] = program
        while len(_used) > MAX_PROGRAMS:
            (old, _, _), gone = _used.popitem(last=False)
            if not any(p is gone for p in _used.values()):
                old.programs.remove(gone)
                _prune(old)


def _prune(state: State) -> None:
    """Cut a branch of the trie that no program needs any more."""
    while state.parent is not None and not state.next and not state.programs:
        parent = state.parent
        if parent.next.get(state.key) is state:  # not dropped before (see trie)
            parent.next.pop(state.key, None)
        state = parent


def reset() -> None:
    """Forget all programs; another thread may have held the lock at a fork."""
    global _lock
    _lock = threading.Lock()
    _used.clear()


def size() -> int:
    """How many programs are kept."""
    return len(_used)
