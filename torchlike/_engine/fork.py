"""A forked process never inherits a half-recorded trace, nor a device.

What was measured (JAX 0.10 on Linux; the reasons for the rules below):

* In a child, reading a ready CPU array of the parent's client as NumPy works (0.3 ms
  the first time, no copy), and so does tracing: 0.1 s for a first small program. With
  two threads of the parent compiling and computing all the time 500 of 500 forks
  succeed; without the gate (see ``gate``) about one in 300 hung.
* Compiling hangs or aborts in the child every time, with the inherited client and
  with a fresh one: XLA's thread pools and its watchdog of slow operations are static.

So the parent computes what its thread has recorded and waits for its arrays on the
CPU; the child starts with empty tries and runs its programs by NumPy (see ``host``).
A spawned process needs none of this.
"""

from __future__ import annotations

import os

import jax

from . import ahead, cache, gate, host, record, unread
from .flush import flush
from .host import eager


def prepare() -> None:
    """Before a fork: leave nothing pending that the child may want to read, and
    nobody in JAX."""
    try:
        for trace in record.traces():
            flush(trace, "fork")
    finally:
        gate.close()
        jax.block_until_ready(jax.live_arrays("cpu"))


def reset_child() -> None:
    """After a fork, in the child: forget traces and programs, compute on the host."""
    gate.reset()
    unread.reset()
    ahead.reset()
    host.active = True
    record.drop_traces()
    record.drop_tries()
    eager.known.clear()
    cache.reset()


os.register_at_fork(
    before=prepare, after_in_parent=gate.open_, after_in_child=reset_child
)
