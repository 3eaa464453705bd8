"""Running a trace piece by piece: most of its operations were met before.

Those are programs of their own, small and the same for all traces. Operations that are
new, as they have the length of a loop in their shapes, are few programs together.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np

from .form import SCALAR_KINDS, reads_left
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
    those that are new in as few pieces as may be, the others one by one."""

    pieces: list[list[State]]
    marks: dict[State, tuple]

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
        left = reads_left(self.steps, live)
        for steps in self.pieces:
            for step in steps:
                left.subtract(step.reads())
            mark = self.marks[steps[0]] if len(steps) == 1 else None
            piece = _piece_of(steps, mark, left, avals, trace.device)
            _run(piece, trace.scalars, found)
            for slot in (*piece.reads, *piece.makes):
                if not left[slot]:
                    found.pop(slot, None)
        return {slot: found[slot] for slot in live}


@dataclasses.dataclass(frozen=True)
class _Piece:
    """Steps as a function: the slots that it reads and makes, and its numbers."""

    run: Callable[[list], list]
    reads: list[int]
    makes: list[int]
    numbers: dict[type, list[int]]


_single: dict[tuple, Callable[[list], list]] = {}  # what runs a step of this mark


def plan_for(marks: dict[State, tuple], met: set) -> Plan | None:
    """How to run the steps in pieces, if nearly all of their marks were ``met``."""
    steps = list(marks)
    new = {step for step in steps if marks[step] not in met}
    if not _are_few(new, len(steps)):
        return None
    pieces = _pieces(steps, new)
    if sum(len(piece) > 1 for piece in pieces) > PIECES:
        return None
    return Plan(pieces, marks)


def _are_few(new: set[State], of: int) -> bool:
    """Whether nearly all of so many steps were met before."""
    ops = {step.op for step in new}
    return len(new) <= NEW * of and len(ops) <= MANY_NEW


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
