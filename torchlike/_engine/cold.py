"""New traces that are not worth a compile: they are run without, until met often.

Some scripts never stop to record new traces: loops of ever other lengths, as episodes
and sentences have. A compile takes seconds, and the trace is perhaps never met again.
So, where several of nearly the same operations were compiled at one line of the script,
a further one is run piece by piece (see ``piecewise``). What is met often is compiled.
"""

from __future__ import annotations

import contextlib
import dataclasses

from . import host, log, piecewise, stats
from .form import needed

ALIKE = 2  # programs compiled at a line, of nearly what was met there before
ENOUGH = 25_000  # steps run one by one; a compile takes as long, or twice

_MAX_LINES, _MAX_MARKS = 256, 4096


@dataclasses.dataclass
class _Line:
    """What was met at a line of the script: the marks of single operations, and how
    often they were nearly all that was compiled."""

    met: set = dataclasses.field(default_factory=set)
    alike: int = 0


_lines: dict[str, _Line] = {}
_allowed = True


@contextlib.contextmanager
def compiled():
    """Everything is compiled: the same trace gives the same bits each time."""
    global _allowed
    before, _allowed = _allowed, False
    try:
        yield
    finally:
        _allowed = before


def plan_for(trace, live) -> piecewise.Plan | None:
    """How to run the trace without a compile; None if it is to be compiled."""
    state = trace.state
    if not _allowed or host.active or state.programs:
        return None
    if state.depth < piecewise.LEAST:
        return None
    marks = piecewise.marks_of(state, needed(state.path(), live))
    line = _here()
    plan = piecewise.plan_for(marks, line.met)
    often = state.cold * len(marks) >= ENOUGH
    if plan is not None and line.alike >= ALIKE and not often:
        state.cold += 1
        stats.current.cold += 1
        log.not_compiled(state, live, len(plan.pieces))
        return plan
    line.alike += plan is not None
    if len(line.met) < _MAX_MARKS:
        line.met.update(marks.values())
    return None


def _here() -> _Line:
    where = log.user_line()
    if where not in _lines and len(_lines) >= _MAX_LINES:
        _lines.clear()
    return _lines.setdefault(where, _Line())
