"""Running the steps and loops of a trace while JAX traces them into a program."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from jax import lax

from .infer import Number
from .rolling import MIN_COUNT, Before, Each, Loop, Now, Numbers, Same
from .state import Constant, Scalar, State


def evaluate(items: list[State | Loop], live, packed, inputs) -> list:
    """The results of the slots ``live``; ``packed`` has the scalars by kind."""
    loops = any(isinstance(item, Loop) for item in items)
    results = _Results(inputs, packed, loops)
    for item in items:
        if isinstance(item, Loop):
            results.run_loop(item)
        else:
            results.run(item)
    return [results[i] for i in live]


@dataclasses.dataclass
class _Stack:
    """Results that lie in arrays along their first dimension, by their places.

    That of the place ``p`` at ``t`` has the slot ``base + t * stride + p``.
    """

    base: int
    stride: int
    count: int
    arrays: dict[int, object]

    def find(self, slot: int) -> tuple | None:
        """The array that has a slot's value, and where in it."""
        if not self.base <= slot < self.base + self.count * self.stride:
            return None
        t, place = divmod(slot - self.base, self.stride)
        return (self.arrays[place], t) if place in self.arrays else None


class _Results:
    """The inputs and the results so far, by their slots."""

    def __init__(self, inputs, packed, loops: bool):
        self._inputs = inputs
        self._packed = packed  # the scalars by kind
        self._loops = loops  # whether there are any
        self._found: dict[int, object] = {}
        self._stacks: list[_Stack] = []
        self._series: dict[tuple[int, ...], object] = {}

    def __getitem__(self, a: int):
        if a < 0:
            return self._inputs[~a]
        if a not in self._found:
            stack, t = self._stack_of(a)
            self._found[a] = lax.index_in_dim(stack, t, keepdims=False)
        return self._found[a]

    def run(self, state: State) -> None:
        """Run a step."""
        if self._loops and self._join_or_split(state):
            return
        outs = state.op.run([self._operand(a) for a in state.args], state.static)
        for i, out in enumerate(outs):
            self._found[state.first_out + i] = out

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
            self._stacks.append(_Stack(state.first_out, 1, n, {0: stack}))
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
        each = {o: self._sequence(o, loop.count) for o in loop.all(Numbers, Each)}
        same = {o: self._operand(o.operand) for o in loop.all(Same)}

        def body(carry, now):
            known = dict(zip(carried, carry, strict=True))
            known |= dict(zip(each, now, strict=True))
            found = _iterate(loop, same | known)
            return [found[key.place] for key in carried], [
                found[place] for place in loop.stacked
            ]

        first = [_plain(value) for value in carried.values()]
        after, stacks = lax.scan(
            body, first, list(each.values()), loop.count, unroll=loop.unroll()
        )
        stacks = dict(zip(loop.stacked, stacks, strict=True))
        self._stacks.append(_Stack(loop.base, loop.stride, loop.count, stacks))
        last = {key.place: x for key, x in zip(carried, after, strict=True)}
        for place in loop.last:
            slot = loop.base + (loop.count - 1) * loop.stride + place
            self._found[slot] = last[place]

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
        found = self._stack_of(taken[at]) if taken[at] not in self._found else None
        if found is None or at + 1 == len(taken):
            return _plain(self[taken[at]])[None], 1
        stack, t = found
        n, step = 1, 0
        while at + n < len(taken):
            other = self._stack_of(taken[at + n])
            if other is None or other[0] is not stack:
                break
            if n == 1:
                step = other[1] - t
            if abs(step) != 1 or other[1] != t + n * step:
                break
            n += 1
        if n == 1:
            return stack[t : t + 1], 1
        if step > 0:
            return stack[t : t + n], n
        return lax.rev(stack[t - n + 1 : t + 1], (0,)), n

    def _stack_of(self, a: int) -> tuple | None:
        """The stack that has a slot's value, and where in it; None if none has."""
        return next(filter(None, (stack.find(a) for stack in self._stacks)), None)


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
            found[state.first_out - loop.base + i] = _plain(out)
    return found


def _plain(array):
    """The array without JAX's weak type, which a scan must not change."""
    return lax.convert_element_type(array, array.dtype)
