"""Running a trace piece by piece: most of its operations were met before.

Those are programs of their own, small and the same for all traces. Operations that are
new, as they have the length of a loop in their shapes, run by NumPy, or are few
programs together.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np

from .._devices import CPU
from .form import SCALAR_KINDS
from .host import stepwise
from .program import compile_piece
from .rolling import avals_of
from .state import Scalar, State

LEAST = 64  # steps of a trace
NEW = 1 / 4  # of the steps
MANY_NEW = 16  # different operations that are new
PIECES = 8  # of several new steps, each of which is compiled

_MAX_SINGLE = 4096


@dataclasses.dataclass(frozen=True)
class Plan:
    """The steps in the order in which they are run, with what tells them from others;
    those that are new in as few pieces as may be, the others one by one.

    ``by_numpy`` has the places of pieces that run so.
    """

    pieces: list[list[State]]
    marks: dict[State, tuple]
    by_numpy: dict[int, stepwise.Plan]

    @property
    def steps(self) -> list[State]:
        """All of them."""
        return list(self.marks)

    def how(self) -> str:
        """What to tell of it."""
        return f"in {len(self.pieces)} pieces"

    def run(self, trace, live) -> dict[int, object]:
        """The arrays of the slots ``live``."""
        avals = avals_of(trace.state.path(), trace.state.inputs())
        found = {~i: value.array for i, value in enumerate(trace.inputs)}
        left = stepwise.reads_left(self.steps, live)
        for i, steps in enumerate(self.pieces):
            if i in self.by_numpy:
                self.by_numpy[i].run_within(trace.scalars, found, left)
                continue
            for step in steps:
                left.subtract(step.reads())
            mark = self.marks[steps[0]] if len(steps) == 1 else None
            piece = _piece_of(steps, mark, left, avals, trace.device)
            _run(piece, trace.scalars, found)
            for slot in (*piece.reads, *piece.makes):
                if not left[slot]:
                    found.pop(slot, None)
        return stepwise.given(found, trace.inputs, live)


@dataclasses.dataclass(frozen=True)
class _Piece:
    """Steps as a function: the slots that it reads and makes, and its numbers."""

    run: Callable[[list], list]
    reads: list[int]
    makes: list[int]
    numbers: dict[type, list[int]]


_single: dict[tuple, Callable[[list], list]] = {}  # what runs a step of this mark


def few_new(marks: dict[State, tuple], met: set) -> set[State] | None:
    """The steps whose mark was not ``met``; None unless nearly all of them were."""
    new = {step for step, mark in marks.items() if mark not in met}
    ops = {step.op for step in new}
    if len(marks) < LEAST or len(new) > NEW * len(marks) or len(ops) > MANY_NEW:
        return None
    return new


def plan_for(trace, marks: dict[State, tuple], new: set[State]) -> Plan | None:
    """How to run the steps in pieces, if there are not too many to compile."""
    state = trace.state
    avals, settings = avals_of(state.path(), state.inputs()), state.root()
    pieces, by_numpy = _pieces(list(marks), new), {}
    for i, piece in enumerate(pieces):
        if trace.device is CPU and piece[0] in new:
            by_numpy[i] = stepwise.plan_for(piece, avals, settings, 1)
    by_numpy = {i: plan for i, plan in by_numpy.items() if plan is not None}
    if sum(len(p) > 1 for i, p in enumerate(pieces) if i not in by_numpy) > PIECES:
        return None
    return Plan(pieces, marks, by_numpy)


def _pieces(steps: list[State], new: set[State]) -> list[list[State]]:
    """The steps, in an order in which they can be run (see ``Plan``)."""
    makers = {slot: step for step in steps for slot in step.makes()}
    rounds: dict[State, int] = {}  # even ones are of new steps
    for step in steps:
        before = [rounds[makers[a]] for a in step.reads() if a in makers]
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


def _run(piece: _Piece, scalars: dict[type, list], found: dict) -> None:
    numbers = [
        np.array([scalars[kind][i] for i in piece.numbers[kind]], dtype)
        for kind, dtype in SCALAR_KINDS.items()
        if piece.numbers[kind]
    ]
    results = piece.run([*numbers, *(found[slot] for slot in piece.reads)])
    for slot, array in zip(piece.makes, results, strict=True):
        found[slot] = array


def _piece_of(steps, mark, left: Counter, avals, place) -> _Piece:
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
        slots.update(zip(step.makes(), state.makes(), strict=True))
        made += step.makes()
    run = None
    if mark is None:
        made = [slot for slot in made if left[slot]]
    else:
        run = _single.get(mark)
    if run is None:
        wanted = [slots[slot] for slot in made]
        run = compile_piece(state, wanted, place).run
        if mark is not None:
            if len(_single) >= _MAX_SINGLE:
                _single.clear()
            _single[mark] = run
    return _Piece(run, reads, made, numbers)


def marks_of(state: State, steps: list[State]) -> dict[State, tuple]:
    """What tells each of the steps to ``state`` from others, wherever its operands come
    from."""
    settings, avals = state.root(), avals_of(state.path(), state.inputs())
    return {step: (settings, *_mark(step, avals)) for step in steps}


def _mark(step: State, avals: dict) -> tuple:
    places: dict[int, int] = {}
    operands = []
    for a in step.args:
        if type(a) is int:
            operands.append((avals[a], places.setdefault(a, len(places))))
        else:
            operands.append(a.kind if isinstance(a, Scalar) else a)
    return step.op, step.static, step.outs, tuple(operands)
