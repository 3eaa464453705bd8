"""The natural places to flush, and what the engine tells about itself."""

from __future__ import annotations

import gc

import jax

from . import cache, micro, opening, record
from . import stats as _stats
from .flush import flush
from .stats import Stats

# Boundaries that begin a step: with a step half recorded, they wait for its end.
_SOFT = frozenset({"zero_grad"})
_SMALL = 32  # ops


def boundary(name: str) -> None:
    """Flush this thread's traces, without waiting for the device."""
    opening.passed(name)
    for trace in record.traces():
        if trace.state.parent is None:
            continue
        if name in _SOFT and trace.tape is not None:
            continue
        micro.end_step(trace, name)


def before_call() -> None:
    """The outermost call of a module without gradients begins."""
    for trace in record.traces():
        if trace.due:
            flush(trace, "module")


def after_call() -> None:
    """It is done: flush.

    A small program waits until the next such call, so that what is made of the answer
    (an ``argmax``, a count of hits) and read is a part of it. For a large one, which
    takes long to compile, it is better not to depend on that.
    """
    for trace in record.traces():
        if trace.state.depth > _SMALL:
            flush(trace, "module")
        else:
            trace.due = trace.state.parent is not None


def before_forward() -> None:
    """A parameter is used again after a backward (accumulation): flush.

    So each micro-batch, forward and backward, is one program, or all are (``micro``).
    """
    micro.end("second forward")


def optimizer_made(parameters: int) -> None:
    """What made the model, and so many parameters, is no part of the first step."""
    boundary("optimizer")
    opening.expect(parameters)


def before_backward() -> None:
    """A second backward since the last flush, of the same forward, flushes first."""
    micro.end("second backward")


def after_backward(place) -> None:
    """Count a backward recorded on ``place``."""
    trace = record.current(place)
    trace.tape = None  # its leaves need not live until the flush
    micro.count_backward(trace)


def synchronize() -> None:
    """Flush and wait until the devices have finished."""
    boundary("synchronize")
    for array in jax.live_arrays():
        array.block_until_ready()


def stats() -> Stats:
    """Counters since the start of the process (a copy)."""
    return _stats.current.copy()


def cache_sizes() -> dict[str, int]:
    """Sizes of the engine's caches, for leak checks."""
    gc.collect()
    return {"programs": cache.size(), "states": record.count_states()}
