"""New traces that are not worth a compile: they are run without, until met often.

Some scripts never stop to record new traces. A compile takes seconds, and the trace is
perhaps never met again. So, where several like it were compiled at one line of the
script, a further one is

- run piece by piece, if nearly all of its operations were met there: loops of ever
  other lengths, as episodes and sentences have (see ``piecewise``);
- run by NumPy, if it has the same operations on other shapes, or more or less of them,
  and trains nothing: a text that grows by a word at a time.

What is met often is compiled.
"""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np

from .._devices import CPU
from . import host, log, piecewise, stats
from .form import SCALAR_KINDS, form_of_piece, needed
from .state import State
from .unread import places_spent

ALIKE = 2  # programs compiled at a line, of nearly what was met there before
SAME = 3  # programs compiled at a line, of the same operations
ENOUGH = 25_000  # steps run one by one; a compile takes as long, or twice
FEW = 3  # runs by NumPy, each of which is traced; a compile takes as long as ten

_LEAST = 16  # steps; fewer are compiled quickly, if the line has only such
_LIGHT = 128 << 20  # bytes of results of what NumPy runs
_MAX_LINES, _MAX_MARKS = 256, 4096


@dataclasses.dataclass
class _Line:
    """What was met at a line of the script: the marks of single operations, how often
    they were nearly all that was compiled, and how often the same operations were;
    whether a trace was run without a compile, and whether one could not be."""

    met: set = dataclasses.field(default_factory=set)
    alike: int = 0
    same: Counter = dataclasses.field(default_factory=Counter)
    cold: bool = False
    refused: bool = False


@dataclasses.dataclass(frozen=True)
class _ByNumPy:
    """A trace as a function of NumPy's; ``live`` are the slots of its results."""

    program: host.HostProgram
    live: list[int]
    how = "by NumPy"

    def run(self, trace, live) -> dict[int, object]:
        """The arrays of the slots ``live``."""
        numbers = [
            np.array(trace.scalars[kind], dtype)
            for kind, dtype in SCALAR_KINDS.items()
            if trace.scalars[kind]
        ]
        arrays = [np.asarray(value.array) for value in trace.inputs]
        results = self.program(*numbers, *arrays)
        return dict(zip(self.live, results, strict=True))


_lines: dict[str, _Line] = {}


def plan_for(trace, live):
    """What runs the trace (by ``run(trace, live)``) without a compile; None if it is to
    be compiled."""
    state = trace.state
    if host.active or state.programs:
        return None
    steps, line = needed(state.path(), live), _here()
    if line.refused:
        return None
    plan = _in_pieces(trace, steps, line) or _by_numpy(trace, steps, live, line)
    if plan is not None:
        state.cold += 1
        line.cold = True
        stats.current.cold += 1
        log.not_compiled(state, live, plan.how)
    return plan


def run(plan, trace, live) -> dict[int, object] | None:
    """The arrays of the slots ``live``; None where NumPy has no rule for something."""
    try:
        return plan.run(trace, live)
    except NotImplementedError:
        _here().refused = True
        return None


def _here() -> _Line:
    where = log.user_line()
    if where not in _lines and len(_lines) >= _MAX_LINES:
        _lines.clear()
    return _lines.setdefault(where, _Line())


def _in_pieces(trace, steps: list[State], line: _Line) -> piecewise.Plan | None:
    plan = piecewise.plan_for(trace, steps, line.met)
    if plan is not None and line.alike >= ALIKE:
        if trace.state.cold * len(steps) < ENOUGH:
            return plan
    line.alike += plan is not None
    if len(steps) >= _LEAST and len(line.met) < _MAX_MARKS:
        line.met.update(piecewise.marks(trace, steps).values())
    return None


def _by_numpy(trace, steps: list[State], live, line: _Line) -> _ByNumPy | None:
    kind = hash(frozenset(step.op for step in steps))
    line.same[kind] += 1
    if line.same[kind] <= SAME or trace.state.cold >= FEW:
        return None
    if len(steps) < _LEAST and not line.cold or not _suits_numpy(trace, steps):
        return None
    form = form_of_piece(trace.state, live, trace.device)
    try:
        program = host.HostProgram(form.function(), form.structs())
    except NotImplementedError:
        line.refused = True
        return None
    return _ByNumPy(program, form.live)


def _suits_numpy(trace, steps: list[State]) -> bool:
    """Whether NumPy takes not much longer than XLA: small arrays, and no convolution;
    and whether it changes no parameter, as training meets the same shapes again."""
    if trace.device is not CPU or any(v.array is None for v in trace.inputs):
        return False
    size = sum(aval.nbytes for step in steps for aval in step.outs)
    return size <= _LIGHT and not any(
        "conv" in step.op.name or places_spent(step) for step in steps
    )
