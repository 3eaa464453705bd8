"""The bounded cache of compiled programs, kept on the states they belong to."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

from .state import State

MAX_PROGRAMS = 1024

_lock = threading.Lock()
clock = itertools.count(1)
served: dict[tuple[State, tuple, tuple], object] = {}


def lookup(state: State, live: tuple, dead: tuple):
    """The program compiled or aliased for exactly these outputs and donations."""
    program = served.get((state, live, dead))
    if program is not None:
        program.used = next(clock)
    return program


def store(state: State, program) -> None:
    """Keep a new program; the least recently used ones go."""
    state.programs.append(program)


def alias(state: State, live: tuple, dead: tuple, program) -> None:
    """Remember which program serves these outputs and donations."""
    with _lock:
        program.used = next(clock)
        served[state, live, dead] = program
        while len(served) > MAX_PROGRAMS:
            _evict()


def _evict() -> None:
    """Forget the program used longest ago, and whatever it served."""
    gone = min(served.values(), key=lambda program: program.used)
    for key in [k for k, program in served.items() if program is gone]:
        del served[key]
    gone.state.programs.remove(gone)
    _prune(gone.state)


def drop(unwanted: Callable[[object], bool]) -> None:
    """Forget the programs that are unwanted, and whatever they served."""
    with _lock:
        for key in [k for k, program in served.items() if unwanted(program)]:
            program = served.pop(key)
            if program in program.state.programs:
                program.state.programs.remove(program)


def _prune(state: State) -> None:
    """Cut a branch of the trie that no program needs any more."""
    while state.parent is not None and not state.next and not state.programs:
        parent = state.parent
        if parent.next.get(state.key) is state:  # not dropped before (see trie)
            parent.prune(state)
        state = parent


def reset() -> None:
    """Forget all programs; another thread may have held the lock at a fork."""
    global _lock
    _lock = threading.Lock()
    served.clear()


def size() -> int:
    """How many programs are kept."""
    return len(served)
