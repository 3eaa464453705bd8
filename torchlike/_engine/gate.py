"""A gate before JAX that a fork closes.

A thread inside JAX may hold one of its C++ locks. A child forked at that moment would
inherit the lock held by a thread it does not have, and wait for ever. So whoever
enters JAX to trace, compile or dispatch passes the gate, and a fork closes it, waits
until nobody is inside, and opens it again in the parent.
"""

from __future__ import annotations

import threading
import time

_PATIENCE = 60.0  # seconds a fork waits for a thread inside of JAX (a long compile)
_lock = threading.Lock()  # held by a fork
_inside: dict[int, int] = {}  # how often each thread is inside
_closed_by: int | None = None


class _Gate:
    """``with gate:`` around a use of JAX; may be nested."""

    __slots__ = ()

    def __enter__(self):
        me = threading.get_ident()
        if me in _inside:
            _inside[me] += 1
            return
        _inside[me] = 1
        if _closed_by is not None and _closed_by != me:
            del _inside[me]  # who closes waits for us to go
            with _lock:
                _inside[me] = 1

    def __exit__(self, *_):
        me = threading.get_ident()
        if _inside[me] > 1:
            _inside[me] -= 1
        else:
            del _inside[me]


gate = _Gate()


def close() -> None:
    """Before a fork: keep other threads out, and wait for those inside."""
    global _closed_by
    me = threading.get_ident()
    _lock.acquire()
    _closed_by = me
    deadline = time.monotonic() + _PATIENCE
    while any(t != me for t in list(_inside)) and time.monotonic() < deadline:
        time.sleep(0.0001)


def open_() -> None:
    """After a fork, in the parent."""
    global _closed_by
    if _closed_by == threading.get_ident():
        _closed_by = None
        _lock.release()


def reset() -> None:
    """After a fork, in the child: there are no other threads."""
    global _lock, _closed_by
    _lock, _closed_by = threading.Lock(), None
    _inside.clear()
