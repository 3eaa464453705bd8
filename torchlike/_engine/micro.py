"""Accumulated gradients: when each micro-batch is a program, and when all are one.

A micro-batch is a forward with its backward. As a program of its own, which is the same
for all of them, it is compiled once whatever their number and their shapes. Small ones
together are quicker: in the program of a whole step they become a loop (``rolling``),
most of which is done for all at once (``spread``). So they are put together when two
steps in a row had the same ones, and taken apart for good when that makes the step
compile again and again, as where their shapes or their number change.
"""

from __future__ import annotations

from . import record, stats
from .flush import flush

_OPS = 64  # of a small one
_BYTES = 64 << 20  # of its results
_MOST = 64  # of a step that is to be one program
_COMPILES = 3  # of steps, beginning with one micro-batch, that are one program

_TOGETHER = -1  # as the number of a trace's backwards: they are not counted any more


def end(trigger: str) -> None:
    """A further forward or backward begins: flush the micro-batch before, if any."""
    for trace in record.traces():
        if trace.backwards <= 0:
            continue
        first = not trace.micros
        if len(trace.micros) <= _MOST:
            trace.micros.append(trace.state)
        if first and trace.state.together:
            trace.backwards = _TOGETHER
        else:
            flush(trace, trigger)


def count_backward(trace) -> None:
    """A backward was recorded."""
    if trace.state.parent is not None and trace.backwards != _TOGETHER:
        trace.backwards += 1


def end_step(trace, trigger: str) -> None:
    """Flush the last micro-batch with what else the step does, or what there is."""
    micros, trace.micros = trace.micros, []
    together, compiles = trace.backwards == _TOGETHER, stats.current.compiles
    flush(trace, trigger)
    if not micros:
        return
    first = micros[0]
    if together:
        if stats.current.compiles > compiles:
            first.together -= 1
        return
    if first.together is None and micros == trace.micros_before:
        if len(micros) <= _MOST and all(map(_is_small, micros)):
            first.together = _COMPILES
    trace.micros_before = micros


def _is_small(state) -> bool:
    if state.depth > _OPS:
        return False
    return sum(a.nbytes for s in state.path() for a in s.outs) <= _BYTES
