"""What a program is made of: steps of a trace, outputs wanted, inputs given up."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable

import jax
import numpy as np

from .._devices import device
from . import donation, host
from .evaluate import evaluate
from .rolling import roll
from .state import State
from .unread import predicted
from .value import Aval

SCALAR_KINDS = {float: np.float64, int: np.int64, complex: np.complex128}


@dataclasses.dataclass(frozen=True)
class Form:
    """A function ``(scalars…, inputs…) -> outputs``, not compiled yet.

    ``live`` are the slots of the outputs in order, ``pairs`` says which of them take
    over the memory of which input, ``pinned`` are the slots of parameters; ``taken``
    are the inputs that are arguments. ``unread`` are slots that are left out though
    somebody holds them, ``kept`` the inputs from which they can be computed.
    """

    steps: list[State]
    live: list[int]
    inputs: list[Aval]
    pairs: dict[int, int]
    pinned: frozenset[int]
    n_scalars: dict[type, int]
    place: device
    taken: tuple[int, ...]
    unread: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()

    def kinds(self) -> list[tuple]:
        """The kinds of Python numbers it takes, each a packed vector."""
        return [(k, t) for k, t in SCALAR_KINDS.items() if self.n_scalars[k]]

    def structs(self) -> list[jax.ShapeDtypeStruct]:
        """The arguments' shapes and dtypes."""
        scalars = [
            jax.ShapeDtypeStruct((self.n_scalars[k],), t) for k, t in self.kinds()
        ]
        return [*scalars, *(self.inputs[i].struct() for i in self.taken)]

    def donated(self) -> list[int]:
        """The indices of the inputs whose memory outputs take over."""
        return sorted(self.pairs.values())

    def donated_arguments(self) -> tuple[int, ...]:
        """Their places among the arguments."""
        first = len(self.kinds())
        return tuple(first + self.taken.index(i) for i in self.donated())

    def function(self):
        """The steps as a function for JAX to trace."""
        kinds = self.kinds()
        items = self.steps
        if not host.active:
            items = roll(items, self.live, self.inputs, self.pinned)
        plain = [item for item in items if isinstance(item, State)]
        waits = donation.waits(plain, self.pairs)

        def torchlike_step(*arguments):
            packed = {k: x for (k, _), x in zip(kinds, arguments, strict=False)}
            arrays = dict(zip(self.taken, arguments[len(kinds) :], strict=True))
            outs = evaluate(items, self.live, packed, arrays, waits)
            return _distinct(outs, arrays.values())

        return torchlike_step


def form_of(state: State, live, dead, pinned, place: device) -> Form:
    """The trace that ends in ``state``, with the outputs ``live``.

    ``dead`` are the indices of inputs nobody else holds; those whose memory an output
    can take over are donated. Among them is ``~i`` for an input that is not computed
    (see ``unread``). ``pinned`` are the slots of parameters.
    """
    path = state.path()
    inputs = [a for s in path for a in s.new_inputs]
    unread = predicted(path, live, dead)
    wanted = [slot for slot in live if slot not in unread]
    steps, kept = needed(path, wanted), inputs_of(needed(path, unread))
    free = [i for i in dead if i >= 0 and i not in kept]
    pairs = donation.pair(steps, frozenset(wanted), inputs, free)
    order = donation.in_order(wanted, pairs)
    taken = tuple(i for i in range(len(inputs)) if ~i not in dead)
    left = tuple(sorted(unread)), tuple(sorted(kept))
    return Form(
        steps, order, inputs, pairs, pinned, state.n_scalars, place, taken, *left
    )


def form_of_unread(state: State, slots, kept, place: device) -> Form:
    """Only the slots that a program has left out, of the inputs ``kept``."""
    path = state.path()
    inputs = [a for s in path for a in s.new_inputs]
    steps, pinned = needed(path, slots), frozenset(~i for i in kept)
    return Form(steps, list(slots), inputs, {}, pinned, state.n_scalars, place, kept)


def inputs_wanted(state: State, live, dead) -> list[int]:
    """Those inputs not computed yet that the program of these slots needs."""
    if all(i >= 0 for i in dead):
        return []
    path = state.path()
    unread = predicted(path, live, dead)
    taken = inputs_of(needed(path, [slot for slot in live if slot not in unread]))
    return [~i for i in dead if i < 0 and ~i in taken]


def inputs_of(steps: Iterable[State]) -> set[int]:
    """The inputs that steps read."""
    return {~a for step in steps for a in step.reads() if a < 0}


def reads_left(steps: list[State], live) -> Counter:
    """How often each slot will be read, by the steps and in the end."""
    left = Counter(live)
    for step in steps:
        left.update(step.reads())
    return left


def needed(path: list[State], live) -> list[State]:
    """The steps that the live outputs depend on, in order."""
    if not live:
        return []
    wanted = set(live)
    steps = []
    for state in reversed(path):
        first = state.first_out
        if not wanted.isdisjoint(range(first, first + len(state.outs))):
            steps.append(state)
            wanted.update([a for a in state.reads() if a >= 0])
    return steps[::-1]


def _distinct(outs, inputs):
    """Copy an output that is an input or another output: their fates differ."""
    seen = {id(x) for x in inputs}
    distinct = []
    for out in outs:
        if id(out) in seen:
            out = jax.numpy.array(out, copy=True)
        seen.add(id(out))
        distinct.append(out)
    return distinct
