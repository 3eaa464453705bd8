"""New traces that are not worth a compile: they are run without, until met often.

Some scripts never stop to record new traces. A compile takes seconds, and the trace is
perhaps never met again. So, where several like it were compiled at one line of the
script, a further one is run

- piece by piece, if nearly all of its operations were met there: loops of ever other
  lengths, as episodes and sentences have (see ``piecewise``);
- by NumPy, if it has the same operations, on other shapes or joined otherwise: a text
  that grows by a word at a time, batches of graphs, trees (see ``host.stepwise``). So
  is a trace in which the same operation comes on ever other shapes.

What is met often is compiled; in training, on other shapes, what is met twice: those of
an epoch come again in the next. The ways of joining a tree are too many for that.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter

from .._devices import CPU
from . import host, log, piecewise, stats
from .form import needed
from .host import stepwise
from .infer import keep_traced
from .rolling import avals_of
from .state import State
from .unread import places_spent

ALIKE = 2  # programs compiled at a line, of nearly what was met there before
SAME = 2  # programs compiled at a line, of the same operations, but not the same
ENOUGH = 25_000  # steps run one by one; a compile takes as long, or twice

GROWING = 128  # steps of a trace where an operation
SHAPES = 16  # comes on so many shapes

_MAX_LINES, _MAX_MARKS = 256, 4096


@dataclasses.dataclass
class _Line:
    """What was met at a line of the script: the marks of single operations, and how
    often they were nearly all that was compiled; by sets of operations, the ways in
    which they came, with their shapes. The first trace (its state, and what was live)
    is not looked at before a second one comes: most lines meet one."""

    first: tuple[State, list[int]] | None
    met: set = dataclasses.field(default_factory=set)
    alike: int = 0
    ways: dict[frozenset, dict[int, int]] = dataclasses.field(default_factory=dict)


_lines: dict[str, _Line] = {}
_allowed = True
recent = False  # whether the last new trace was run by NumPy: the next may well be


@contextlib.contextmanager
def compiled():
    """Everything is compiled: the same trace gives the same bits each time."""
    global _allowed, recent
    before, _allowed, recent = _allowed, False, False
    keep_traced(False)
    try:
        yield
    finally:
        _allowed = before


def plan_for(trace, live) -> piecewise.Plan | stepwise.Plan | None:
    """How to run the trace without a compile; None if it is to be compiled."""
    global recent
    state = trace.state
    if not _allowed or host.active or state.programs:
        return None
    where = log.user_line()
    line, plan = _lines.get(where), None
    if line is None:
        _begin(where, state, live)
        if state.depth >= GROWING:
            steps = needed(state.path(), live)
            plan = _by_numpy(trace, steps, False) if _grows(steps) else None
    else:
        _look_at_first(line)
        steps = needed(state.path(), live)
        others, same_shapes = _others(steps, line)
        if others or _grows(steps):
            plan = _by_numpy(trace, steps, same_shapes)
    recent = plan is not None
    keep_traced(recent)
    if plan is None and line is not None:
        plan = _in_pieces(state, steps, line)
    if plan is not None:
        state.cold += 1
        stats.current.cold += 1
        log.not_compiled(state, live, plan.how())
    return plan


def _begin(where: str, state: State, live) -> None:
    if len(_lines) >= _MAX_LINES:
        _lines.clear()
    _lines[where] = _Line((state, live))


def _look_at_first(line: _Line) -> None:
    if line.first is None:
        return
    state, live = line.first
    line.first = None
    steps = needed(state.path(), live)
    _others(steps, line)
    if not state.cold:
        _in_pieces(state, steps, line)


def _in_pieces(state: State, steps: list[State], line: _Line) -> piecewise.Plan | None:
    if len(steps) < piecewise.LEAST:
        return None
    marks = piecewise.marks_of(state, steps)
    plan = piecewise.plan_for(marks, line.met)
    often = state.cold * len(steps) >= ENOUGH
    if plan is not None and line.alike >= ALIKE and not often:
        return plan
    line.alike += plan is not None
    if len(line.met) < _MAX_MARKS:
        line.met.update(marks.values())
    return None


def _by_numpy(trace, steps: list[State], same_shapes: bool) -> stepwise.Plan | None:
    if trace.device is not CPU or not steps:
        return None
    state = trace.state
    if state.cold and not same_shapes and any(places_spent(step) for step in steps):
        return None  # training meets the shapes of an epoch in each further one
    avals = avals_of(state.path(), state.inputs())
    return stepwise.plan_for(steps, avals, state.root(), state.cold + 1)


def _others(steps: list[State], line: _Line) -> tuple[bool, bool]:
    """Whether the same operations were met at the line in some other ways, and whether
    one of these had the same shapes."""
    ops = frozenset(step.op.name for step in steps)  # a derivative is one by shapes
    seen = line.ways.setdefault(ops, {})
    way = hash(tuple(step.key for step in steps))
    avals = (a for step in steps for a in (*step.outs, *step.new_inputs))
    shapes = hash(frozenset(avals))
    others = [seen[other] for other in seen if other != way]
    if len(others) < SAME:
        seen[way] = shapes
    return len(others) >= SAME, shapes in others


def _grows(steps: list[State]) -> bool:
    """Whether an operation comes again and again on ever other shapes."""
    if len(steps) < GROWING:
        return False
    kinds = {(step.op.name, step.outs) for step in steps}
    shapes = Counter(name for name, _ in kinds)
    return max(shapes.values()) >= SHAPES
