"""Loops in a trace become loops in the program: compiled once, not once an iteration.

A Python loop is recorded as the same steps again and again. Where the operands of the
repetitions follow a pattern too, the steps of one iteration run under ``lax.scan`` (see
``evaluate``). An operand may be

- the same in each iteration: a weight, a constant;
- a result of the same iteration, or of the one before: what the loop carries;
- another one in each iteration: a number, an input, a result of an earlier loop (a
  backward reads those of the forward in reverse).

Results that are wanted outside of the loop are stacked by it, or carried to its end if
only the last one is.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np

from .state import Scalar, State
from .unread import adds_up
from .value import Aval

MIN_COUNT = 8  # iterations
MIN_STEPS = 96  # in all iterations together; fewer are quick to compile as they are,
MANY = 32  # unless there are so many iterations
FEW = 3  # iterations of a loop that only adds up (they become one batch, see spread)
FEW_STEPS = 48  # in all of them together
SHORT = 1024  # steps of a program in which such loops are looked for
LIGHT = 64 << 20  # bytes of what their iterations take from outside, which is joined
MAX_PERIOD = 256  # steps of an iteration
TOGETHER = 128  # pointwise steps
_TRIES = 4  # periods tried at a step


@dataclasses.dataclass(frozen=True)
class Same:
    """An operand that is the same in each iteration."""

    operand: object


@dataclasses.dataclass(frozen=True)
class Numbers:
    """A number for each iteration, from the packed scalars."""

    kind: type
    index: int
    stride: int


@dataclasses.dataclass(frozen=True)
class Now:
    """A result of the same iteration, by its place among them."""

    place: int


@dataclasses.dataclass(frozen=True)
class Before:
    """A result of the iteration before; in the first one, the operand ``first``."""

    place: int
    first: int


@dataclasses.dataclass(frozen=True)
class Each:
    """An operand from outside for each iteration."""

    operands: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Span:
    """The slots of ``count`` iterations.

    Iteration ``t`` has those from ``base + t * stride``; the *place* of a result is its
    slot less that.
    """

    base: int
    stride: int
    count: int

    def find(self, slot: int) -> tuple[int, int] | None:
        """The iteration of a slot, and its place there."""
        t, place = divmod(slot - self.base, self.stride)
        return (t, place) if 0 <= t < self.count else None

    def last(self, place: int) -> int:
        """The slot of a place in the last iteration."""
        return self.base + (self.count - 1) * self.stride + place


@dataclasses.dataclass
class Loop:
    """Steps that repeat: those of the first iteration, and their operands.

    ``stacked`` and ``last`` are the places wanted outside: of any iteration, or of the
    last one alone.
    """

    steps: list[State]
    span: Span
    operands: list[list]
    stacked: list[int] = dataclasses.field(default_factory=list)
    last: list[int] = dataclasses.field(default_factory=list)

    def results(self) -> dict[int, Aval]:
        """The places of an iteration's results; others belong to steps left out."""
        return {
            step.first_out - self.span.base + i: aval
            for step in self.steps
            for i, aval in enumerate(step.outs)
        }

    def unroll(self) -> int:
        """How many iterations to compile as one.

        Pointwise ops run together in one pass over their operands: the more the better.
        """
        pointwise = all(getattr(s.op, "broadcasts", False) for s in self.steps)
        return max(1, TOGETHER // len(self.steps)) if pointwise else 1

    def all(self, *kinds: type) -> list:
        """The operands of these kinds, each once, in order."""
        every = itertools.chain.from_iterable(self.operands)
        return list(dict.fromkeys(o for o in every if isinstance(o, kinds)))

    def reads(self) -> list:
        """The operands that it takes from outside."""
        same = [o.operand for o in self.all(Same)]
        first = [o.first for o in self.all(Before)]
        return [*same, *first, *(a for o in self.all(Each) for a in o.operands)]


def roll(steps: list[State], live, inputs, pinned) -> list[State | Loop]:
    """The steps, with a ``Loop`` in place of those that repeat.

    ``inputs`` are the avals of the trace's inputs. Those of the slots ``pinned`` belong
    to parameters: layers that repeat with another parameter each stay as they are, as
    stacking the parameters would copy them.
    """
    if len(steps) < MANY:
        return list(steps)
    sums = len(steps) <= SHORT and sum(adds_up(s.op) for s in steps) > 1
    least = FEW if sums else MIN_COUNT
    avals = avals_of(steps, inputs)
    runs = _runs(_marks(steps, avals), least)
    items: list[State | Loop] = []
    at = 0
    while at < len(steps):
        found = _loop_at(steps, at, runs, pinned, MIN_COUNT)
        if found is None and least < MIN_COUNT:
            found = _loop_at(steps, at, runs, pinned, least)
            if found is not None and not _only_adds(found, avals):
                found = None
        items.append(steps[at] if found is None else found)
        at += 1 if found is None else found.span.count * len(found.steps)
    _say_what_is_wanted(items, live)
    return items


def avals_of(steps: list[State], inputs: list[Aval]) -> dict[int, Aval]:
    """The avals of the slots of steps and inputs."""
    avals = {a: x for s in steps for a, x in zip(s.makes(), s.outs, strict=True)}
    return avals | {~i: a for i, a in enumerate(inputs)}


def size(items: list[State | Loop]) -> int:
    """How many steps there are to compile."""
    return sum(1 if isinstance(item, State) else len(item.steps) for item in items)


def _marks(steps: list[State], avals: dict[int, Aval]) -> np.ndarray:
    """A number for each step; steps with equal ones may be of one loop."""
    known: dict[tuple, int] = {}

    def mark(a):
        if type(a) is int:
            return avals[a]
        return a.kind if isinstance(a, Scalar) else ("constant", a)

    marks = [(s.op, s.static, s.outs, *map(mark, s.args)) for s in steps]
    return np.array([known.setdefault(m, len(known)) for m in marks])


def _runs(marks: np.ndarray, least: int) -> np.ndarray:
    """``runs[p - 1, i]``: for so many steps from i on, each is repeated p later."""
    n = len(marks)
    runs = np.zeros((min(MAX_PERIOD, n // least), n), np.int32)
    places = np.arange(n)
    for row, period in zip(runs, range(1, len(runs) + 1), strict=True):
        differs = np.ones(n, bool)
        differs[: n - period] = marks[:-period] != marks[period:]
        ends = np.where(differs, places, n)
        row[:] = np.minimum.accumulate(ends[::-1])[::-1] - places
    return runs


def _loop_at(steps, at: int, runs: np.ndarray, pinned, least: int) -> Loop | None:
    """The loop that begins with this step, if one does: that of the least period."""
    periods = np.arange(1, len(runs) + 1)
    counts = runs[:, at] // periods + 1
    for i in np.flatnonzero(_enough(counts, periods, least))[:_TRIES]:
        loop = _fit(steps, at, int(periods[i]), int(counts[i]), pinned, least)
        if loop is not None:
            return loop
    return None


def _enough(count, period, least: int):
    """Whether a loop of at least so many iterations is worth it; of numbers or of
    arrays."""
    steps = MIN_STEPS if least == MIN_COUNT else FEW_STEPS
    return (count >= least) & (count * period >= steps) | (count >= MANY)


def _only_adds(loop: Loop, avals: dict[int, Aval]) -> bool:
    """Whether what an iteration takes from the one before is only added to, and what
    the iterations take from outside is light."""
    joined = {a for o in loop.all(Each) for a in o.operands}
    return sum(avals[a].nbytes for a in joined) <= LIGHT and all(
        getattr(step.op, "adds", False)
        for step, operands in zip(loop.steps, loop.operands, strict=True)
        if any(isinstance(o, Before) for o in operands)
    )


def _fit(steps, at: int, period: int, count: int, pinned, least: int) -> Loop | None:
    """The loop of this period, of as many iterations as follow the pattern."""
    base = steps[at].first_out
    stride = steps[at + period].first_out - base
    operands = []
    for j in range(at, at + period):
        same = range(j, j + count * period, period)
        slots = [steps[i].first_out for i in same]
        count = _while_regular(slots, stride)
        operands.append([])
        for k in range(len(steps[j].args)):
            if not _enough(count, period, least):
                return None
            taken = [steps[i].args[k] for i in same[:count]]
            operand, count = _pattern(taken, base, stride, pinned)
            operands[-1].append(operand)
        if not _enough(count, period, least):
            return None
    operands = [[_cut(o, count) for o in row] for row in operands]
    loop = Loop(steps[at : at + period], Span(base, stride, count), operands)
    return None if loop.unroll() >= count else loop


def _cut(operand, count: int):
    """The operand of the first ``count`` iterations."""
    if isinstance(operand, Each):
        return Each(operand.operands[:count])
    return operand


def _while_regular(numbers: list[int], stride: int) -> int:
    """How many of the numbers, from the first on, are ``stride`` apart."""
    first = numbers[0]
    for t, number in enumerate(numbers):
        if number != first + t * stride:
            return t
    return len(numbers)


def _pattern(taken: list, base: int, stride: int, pinned) -> tuple:
    """What the operand is over the iterations, and in how many of them."""
    first, second = taken[:2]
    if isinstance(first, Scalar):
        indices = [a.index for a in taken]
        step = indices[1] - indices[0]
        return Numbers(first.kind, indices[0], step), _while_regular(indices, step)
    if type(first) is not int:
        return Same(first), len(taken)
    if second < base:
        return _from_outside(taken, base, pinned)
    place = second - base - stride
    count = 1 + _while_regular(taken[1:], stride)
    if place >= 0:
        regular = first == base + place and place < stride
        return Now(place), count if regular else 0
    place += stride
    return Before(place, first), count if first < base else 0


def _from_outside(taken: list[int], base: int, pinned) -> tuple:
    """An operand that is no result of the loop."""
    count = next((t for t, a in enumerate(taken) if a >= base), len(taken))
    taken = taken[:count]
    if len(set(taken)) == 1:
        return Same(taken[0]), count
    return Each(tuple(taken)), 0 if not pinned.isdisjoint(taken) else count


def _say_what_is_wanted(items: list[State | Loop], live) -> None:
    """Tell each loop which of its results are read outside of it."""
    loops = [item for item in items if isinstance(item, Loop)]
    wanted = set(live)
    for item in items:
        reads = item.args if isinstance(item, State) else item.reads()
        wanted.update(a for a in reads if type(a) is int)
    for loop in loops:
        made = loop.results()
        places: dict[int, set[int]] = {}
        for slot in wanted:
            where = loop.span.find(slot)
            if where is not None and where[1] in made:
                places.setdefault(where[1], set()).add(where[0])
        only_last = {loop.span.count - 1}
        loop.last = sorted(p for p, ts in places.items() if ts == only_last)
        loop.stacked = sorted(p for p, ts in places.items() if ts != only_last)
