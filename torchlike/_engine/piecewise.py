"""New traces of known operations: run piece by piece, where they would be compiled.

A Python loop of another length is another trace: the update after an episode, a longer
sentence. Each would be compiled, for seconds, and perhaps never be met again. So where,
at one line of the script, several programs were compiled of what is nearly the same
operations, a further trace is run in pieces. Operations that were met before are
programs of their own, small and the same for all; those that are new, as they have the
length in their shapes, are run together, by NumPy where they are small. A trace that is
met often is compiled.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np

from .._devices import CPU
from . import host, log, stats
from .form import SCALAR_KINDS, form_of_piece, needed
from .program import compile_piece
from .state import Scalar, State

ALIKE = 2  # programs compiled at a line, of nearly what was met there before
LEAST = 64  # steps of a trace
NEW = 1 / 4  # of the steps
MANY_NEW = 16  # different operations that are new
PIECES = 8  # of several new steps, each of which is traced anew
ENOUGH = 25_000  # steps run one by one; a compile takes as long, or twice

_LIGHT = 1 << 20  # bytes of results of steps that NumPy runs
_MAX_LINES, _MAX_MARKS = 256, 4096


@dataclasses.dataclass
class _Line:
    """A line of the script: the operations met there, and how often they were nearly
    all that was compiled."""

    met: set = dataclasses.field(default_factory=set)
    alike: int = 0


@dataclasses.dataclass(frozen=True)
class Plan:
    """The steps in the order in which they are run, with what tells them from others;
    those that are new in as few pieces as may be, the others one by one."""

    pieces: list[list[State]]
    marks: dict[State, tuple]
    met: set


@dataclasses.dataclass(frozen=True)
class _Piece:
    """Steps as a function: the slots that it reads and makes, and its numbers."""

    run: Callable[[list], list]
    reads: list[int]
    makes: list[int]
    numbers: dict[type, list[int]]


_lines: dict[str, _Line] = {}
_single: dict[tuple, Callable[[list], list]] = {}  # what runs a step of this mark


def plan_for(trace, live) -> Plan | None:
    """How to run the trace in pieces; None if it is to be compiled."""
    state = trace.state
    if host.active or state.programs or state.depth < LEAST:
        return None
    steps = needed(state.path(), live)
    marks = _marks(trace, steps)
    where = log.user_line()
    if where not in _lines and len(_lines) >= _MAX_LINES:
        _lines.clear()
    line = _lines.setdefault(where, _Line())
    new = {step for step in steps if marks[step] not in line.met}
    pieces = _pieces(steps, new) if _are_few(new, len(steps)) else None
    is_alike = pieces is not None and sum(len(p) > 1 for p in pieces) <= PIECES
    if is_alike and line.alike >= ALIKE and state.pieces * len(steps) < ENOUGH:
        state.pieces += 1
        stats.current.pieces += 1
        log.in_pieces(state, live, len(pieces))
        return Plan(pieces, marks, line.met)
    line.alike += is_alike
    if len(line.met) < _MAX_MARKS:
        line.met.update(marks.values())
    return None


def _are_few(new: set[State], of: int) -> bool:
    """Whether nearly all of so many steps were met before."""
    ops = {step.op for step in new}
    return of >= LEAST and len(new) <= NEW * of and len(ops) <= MANY_NEW


def _pieces(steps: list[State], new: set[State]) -> list[list[State]]:
    """The steps, in an order in which they can be run (see ``Plan``)."""
    makers = {step.first_out + i: step for step in steps for i in range(len(step.outs))}
    rounds: dict[State, int] = {}  # even ones are of new steps
    for step in steps:
        before = [rounds[makers[a]] for a in _slots_read(step) if a in makers]
        earliest = max(before, default=0)
        rounds[step] = earliest + (earliest % 2 == (step in new))
    together = defaultdict(list)
    for step in steps:
        together[rounds[step]].append(step)
    pieces = []
    for number in sorted(together):
        now = together[number]
        pieces += [[step] for step in now] if number % 2 else [now]
    return pieces


def _slots_read(step: State) -> list[int]:
    return [a for a in step.args if type(a) is int]


def run(trace, live, plan: Plan) -> dict[int, object]:
    """The arrays of the slots ``live``."""
    avals, found = _avals(trace), {~i: v.array for i, v in enumerate(trace.inputs)}
    left = Counter(live)  # how often a slot will be read
    for piece in plan.pieces:
        for step in piece:
            left.update(_slots_read(step))
    for steps in plan.pieces:
        for step in steps:
            left.subtract(_slots_read(step))
        mark = plan.marks[steps[0]] if len(steps) == 1 else None
        is_new = plan.marks[steps[0]] not in plan.met
        piece = _piece_of(steps, mark, is_new, left, avals, trace.device)
        _run(piece, trace.scalars, found)
        for slot in (*piece.reads, *piece.makes):
            if not left[slot]:
                found.pop(slot, None)
    return {slot: found[slot] for slot in live}


def _run(piece: _Piece, scalars: dict[type, list], found: dict) -> None:
    numbers = [
        np.array([scalars[kind][i] for i in piece.numbers[kind]], dtype)
        for kind, dtype in SCALAR_KINDS.items()
        if piece.numbers[kind]
    ]
    results = piece.run([*numbers, *(found[slot] for slot in piece.reads)])
    for slot, array in zip(piece.makes, results, strict=True):
        found[slot] = array


def _piece_of(steps, mark, is_new: bool, left: Counter, avals, place) -> _Piece:
    """The steps as a function, which is kept for a single one, of the ``mark``.

    Of several, only what is ``left`` to be read is made.
    """
    state, slots, reads = State(), {}, []
    numbers: dict[type, list[int]] = {kind: [] for kind in SCALAR_KINDS}
    made = []
    for step in steps:
        operands = []
        for a in step.args:
            if type(a) is int:
                if a not in slots:
                    operands.append(avals[a])
                    slots[a] = ~len(reads)
                    reads.append(a)
                else:
                    operands.append(slots[a])
            elif isinstance(a, Scalar):
                operands.append(a.kind)
                numbers[a.kind].append(a.index)
            else:
                operands.append(a)
        state = state.extend((step.op, step.static, *operands), step.outs)
        for i in range(len(step.outs)):
            slots[step.first_out + i] = state.first_out + i
            made.append(step.first_out + i)
    run = None
    if mark is None:
        made = [slot for slot in made if left[slot]]
    else:
        run = _single.get(mark)
    if run is None:
        run = _function(state, [slots[slot] for slot in made], is_new, place)
        if mark is not None:
            if len(_single) >= _MAX_MARKS:
                _single.clear()
            _single[mark] = run
    return _Piece(run, reads, made, numbers)


def _function(state: State, live, is_new: bool, place) -> Callable[[list], list]:
    """What runs the steps up to ``state``: a program, or NumPy where they are small
    and may never come again."""
    form = form_of_piece(state, live, place)
    size = sum(aval.nbytes for step in form.steps for aval in step.outs)
    if is_new and place is CPU and size <= _LIGHT:
        try:
            by_numpy = host.HostProgram(form.function(), form.structs())
            return lambda arguments: by_numpy(*map(np.asarray, arguments))
        except NotImplementedError:
            pass
    return compile_piece(form, state).run


def _avals(trace) -> dict:
    """The avals of the slots."""
    avals = {~i: value.aval for i, value in enumerate(trace.inputs)}
    for step in trace.state.path():
        avals |= {step.first_out + i: aval for i, aval in enumerate(step.outs)}
    return avals


def _marks(trace, steps: list[State]) -> dict[State, tuple]:
    """What tells each step from others, wherever its operands come from."""
    root = trace.state.path()[0].parent  # which stands for settings that ops read
    avals = _avals(trace)
    return {step: (root, *_mark(step, avals)) for step in steps}


def _mark(step: State, avals: dict) -> tuple:
    places: dict[int, int] = {}
    operands = []
    for a in step.args:
        if type(a) is int:
            operands.append((avals[a], places.setdefault(a, len(places))))
        else:
            operands.append(a.kind if isinstance(a, Scalar) else a)
    return step.op, step.static, step.outs, tuple(operands)
