"""What a program is made of: steps of a trace, outputs wanted, inputs given up."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np

from .._devices import device
from . import donation, host
from .evaluate import evaluate
from .rolling import roll
from .state import State
from .value import Aval

SCALAR_KINDS = {float: np.float64, int: np.int64, complex: np.complex128}


@dataclasses.dataclass(frozen=True)
class Form:
    """A function ``(scalars…, inputs…) -> outputs``, not compiled yet.

    ``live`` are the slots of the outputs in order, ``pairs`` says which of them take
    over the memory of which input, ``pinned`` are the slots of parameters.
    """

    steps: list[State]
    live: list[int]
    inputs: list[Aval]
    pairs: dict[int, int]
    pinned: frozenset[int]
    n_scalars: dict[type, int]
    place: device

    def kinds(self) -> list[tuple]:
        """The kinds of Python numbers it takes, each a packed vector."""
        return [(k, t) for k, t in SCALAR_KINDS.items() if self.n_scalars[k]]

    def structs(self) -> list[jax.ShapeDtypeStruct]:
        """The arguments' shapes and dtypes."""
        scalars = [
            jax.ShapeDtypeStruct((self.n_scalars[k],), t) for k, t in self.kinds()
        ]
        return [*scalars, *(a.struct() for a in self.inputs)]

    def donated(self) -> list[int]:
        """The indices of the inputs whose memory outputs take over."""
        return sorted(self.pairs.values())

    def donated_arguments(self) -> tuple[int, ...]:
        """Their places among the arguments."""
        first = len(self.kinds())
        return tuple(first + i for i in self.donated())

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
            arrays = arguments[len(kinds) :]
            outs = evaluate(items, self.live, packed, arrays, waits)
            return _distinct(outs, arrays)

        return torchlike_step


def form_of(state: State, live, dead, pinned, place: device) -> Form:
    """The trace that ends in ``state``, with the outputs ``live``.

    ``dead`` are the indices of inputs nobody else holds; those whose memory an output
    can take over are donated. ``pinned`` are the slots of parameters.
    """
    path = state.path()
    inputs = [a for s in path for a in s.new_inputs]
    steps = _needed(path, live)
    pairs = donation.pair(steps, frozenset(live), inputs, dead)
    order = donation.in_order(live, pairs)
    return Form(steps, order, inputs, pairs, pinned, state.n_scalars, place)


def _needed(path: list[State], live) -> list[State]:
    """The steps that the live outputs depend on, in order."""
    wanted = set(live)
    steps = []
    for state in reversed(path):
        first = state.first_out
        if any(first + i in wanted for i in range(len(state.outs))):
            steps.append(state)
            wanted.update(a for a in state.args if type(a) is int and a >= 0)
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
