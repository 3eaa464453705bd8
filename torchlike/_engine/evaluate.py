"""Running the steps and loops of a trace while JAX traces them into a program."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from jax import lax

from . import spread
from .donation import after
from .infer import Number
from .rolling import MIN_COUNT, Before, Each, Loop, Now, Numbers, Same, Span
from .state import Constant, Scalar, State


def evaluate(items: list[State | Loop], live, packed, inputs, waits) -> list:
    """The results of the slots ``live``.

    ``packed`` has the scalars by kind, ``inputs`` the arrays by places, ``waits`` says
    which operands have to wait for what (see ``donation``).
    """
    loops = any(isinstance(item, Loop) for item in items)
    results = _Results(inputs, packed, loops, waits)
    for item in items:
        if isinstance(item, Loop):
            results.run_loop(item)
        else:
            results.run(item)
    return [results[i] for i in live]


@dataclasses.dataclass(frozen=True, eq=False)
class _Stack:
    """Results that lie in arrays along their first dimension, by their places."""

    span: Span
    arrays: dict[int, object]


class _Results:
    """The inputs and the results so far, by their slots."""

    def __init__(self, inputs, packed, loops: bool, waits):
        self._inputs = inputs
        self._packed = packed  # the scalars by kind
        self._loops = loops  # whether there are any
        self._waits = waits
        self._found: dict[int, object] = {}
        self._stacks: list[_Stack] = []
        self._series: dict[tuple[int, ...], object] = {}

    def __getitem__(self, a: int):
        if a < 0:
            return self._inputs[~a]
        if a not in self._found:
            stack, t, place = self._where(a)
            self._found[a] = lax.index_in_dim(stack.arrays[place], t, keepdims=False)
        return self._found[a]

    def run(self, state: State) -> None:
        """Run a step."""
        if self._loops and self._join_or_split(state):
            return
        operands = [self._operand(a) for a in state.args]
        for place, slots in self._waits.get(state.first_out, {}).items():
            operands[place] = after(operands[place], [self[a] for a in slots])
        outs = state.op.run(operands, state.static)
        self._found.update(zip(state.makes(), outs, strict=True))

    def _join_or_split(self, state: State) -> bool:
        """Join or make results that are read as one array, if the step does that.

        One by one they would be as dear to compile as a loop that is not rolled.
        """
        op, n = state.op, len(state.outs)
        if len(state.args) >= MIN_COUNT and getattr(op, "joined", None):
            pieces = self._pieces(state.args)
            if len(pieces) > 2 or len({p.shape[1:] for p in pieces}) > 1:
                return False
            self._found[state.first_out] = op.join(_whole(pieces), state.static)
            return True
        if n >= MIN_COUNT and getattr(op, "splits", None):
            stack = op.split([self[a] for a in state.args], state.static)
            self._stacks.append(_Stack(Span(state.first_out, 1, n), {0: stack}))
            return True
        return False

    def _operand(self, a):
        if type(a) is int:
            return self[a]
        if isinstance(a, Scalar):
            return Number(a.kind, self._packed[a.kind][a.index])
        return a.value if isinstance(a, Constant) else a

    def run_loop(self, loop: Loop) -> None:
        """Run all iterations of a loop."""
        carried = self._carried(loop)
        each = {o: self._sequence(o, loop.span.count) for o in loop.all(Numbers, Each)}
        same = {o: self._operand(o.operand) for o in loop.all(Same)}

        def body(carry, now):
            known = dict(zip(carried, carry, strict=True))
            known |= dict(zip(each, now, strict=True))
            found = _iterate(loop, same | known)
            return [found[key.place] for key in carried], [
                found[place] for place in loop.stacked
            ]

        first = [_plain(value) for value in carried.values()]
        after, stacks = spread.scan(
            body, first, list(each.values()), loop.span.count, loop.unroll()
        )
        stacks = dict(zip(loop.stacked, stacks, strict=True))
        self._stacks.append(_Stack(loop.span, stacks))
        last = {key.place: x for key, x in zip(carried, after, strict=True)}
        for place in loop.last:
            self._found[loop.span.last(place)] = last[place]

    def _carried(self, loop: Loop) -> dict[Before, object]:
        """What the loop carries, with its value before the first iteration."""
        carried = {o: self[o.first] for o in loop.all(Before)}
        results = loop.results()
        for place in set(loop.last) - {key.place for key in carried}:
            struct = results[place].struct()
            carried[Before(place, 0)] = jnp.zeros(struct.shape, struct.dtype)
        return carried

    def _sequence(self, operand: Numbers | Each, count: int):
        """An operand's values over the iterations, stacked."""
        if isinstance(operand, Numbers):
            numbers, first = self._packed[operand.kind], operand.index
            return numbers[first :: operand.stride][:count]
        taken = operand.operands
        if taken not in self._series:
            self._series[taken] = _whole(self._pieces(taken))
        return self._series[taken]

    def _pieces(self, taken: tuple[int, ...]) -> list:
        """The stack of the values in parts; a value that lies in none makes its own."""
        pieces, at = [], 0
        while at < len(taken):
            piece, n = self._piece(taken, at)
            pieces.append(piece)
            at += n
        return pieces

    def _piece(self, taken, at: int) -> tuple:
        """As many values from ``at`` on as are neighbours in a stack, or one."""
        where = self._where(taken[at])
        if where is None:
            return _plain(self[taken[at]])[None], 1
        stack, t, place = where
        array = stack.arrays[place]
        ahead, back = (self._neighbours(taken[at:], where, step) for step in (1, -1))
        if ahead >= back:
            return array[t : t + ahead], ahead
        return lax.rev(array[t - back + 1 : t + 1], (0,)), back

    def _neighbours(self, taken, where: tuple, step: int) -> int:
        """How many of the values lie ``step`` apart in a stack, from ``where`` on."""
        stack, t, place = where
        return next(
            (
                n
                for n, a in enumerate(taken)
                if self._where(a) != (stack, t + n * step, place)
            ),
            len(taken),
        )

    def _where(self, a: int) -> tuple | None:
        """The stack that has a slot's value, the iteration and place in it, if any."""
        for stack in self._stacks:
            found = stack.span.find(a)
            if found is not None and found[1] in stack.arrays:
                return stack, *found
        return None


def _whole(pieces: list):
    return pieces[0] if len(pieces) == 1 else jnp.concatenate(pieces)


def _iterate(loop: Loop, known: dict) -> dict[int, object]:
    """One iteration's results by their places; ``known`` are the operands from before
    it."""
    found = {}

    def operand(o):
        if isinstance(o, Now):
            return found[o.place]
        return Number(o.kind, known[o]) if isinstance(o, Numbers) else known[o]

    for state, operands in zip(loop.steps, loop.operands, strict=True):
        outs = state.op.run([operand(o) for o in operands], state.static)
        for i, out in enumerate(outs):
            found[state.first_out - loop.span.base + i] = _plain(out)
    return found


def _plain(array):
    """The array without JAX's weak type, which a scan must not change."""
    return lax.convert_element_type(array, array.dtype)
