"""What comes before the first forward of a large model, as a program of its own.

A script may make its data after its optimizer, and call ``zero_grad`` only after the
forward: then no boundary is before the first step. It would be compiled with what made
the data, and from the second step on without, each of which takes long for a large
model. So the first call of a module after an optimizer of many parameters is a
boundary. If every step has something recorded before its forward, all forwards are.
"""

from __future__ import annotations

from . import record
from .flush import flush

LARGE = 24  # parameters; a step with fewer is compiled in a second or so

waiting: dict[str, bool] = {}  # not empty while the next call of a module is a boundary
_FORWARD = "forward"
_again = False  # whether it is one in the next step, too


def expect(parameters: int) -> None:
    """An optimizer of so many parameters was made."""
    if parameters >= LARGE:
        waiting[_FORWARD] = True


def passed(name: str) -> None:
    """Another boundary: if it comes before the forward, the forward need not be one."""
    global _again
    if name == "optimizer.step":
        if _again:
            waiting[_FORWARD] = True
    elif waiting:
        waiting.clear()
        _again = False


def begin() -> None:
    """The call of a module that was waited for."""
    global _again
    waiting.clear()
    before = [trace for trace in record.traces() if trace.state.parent is not None]
    _again = bool(before)
    for trace in before:
        flush(trace, _FORWARD)
