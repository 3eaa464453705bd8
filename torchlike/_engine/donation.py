"""Which outputs of a program take over the memory of which inputs.

XLA writes an output into the memory of an input once everybody has read that input; of
an input that somebody may read later it makes a copy first. It goes by what depends on
what: an operation that the output needs has run before it, any other may run later.
"""

from __future__ import annotations

import functools
import operator

import jax.numpy as jnp
from jax import lax

from .infer import Number
from .state import State
from .target import platform
from .value import Aval

_WORTH = 65536  # bytes of a parameter whose copy costs more than the order of its uses


def pair(steps: list[State], live, inputs: list[Aval], dead) -> dict[int, int]:
    """The input whose memory each output takes over, for those slots that do.

    ``dead`` are the indices of inputs nobody else holds. An output gets the memory of
    the operand that it is the new form of, or else of any input that is read by nothing
    but its own step and what that needs.
    """
    ancestors, readers = _ancestors(steps), _readers(steps)
    free: dict[Aval, list[int]] = {}
    for i in dead:
        free.setdefault(inputs[i], []).append(i)
    wanted = [
        (at, j)
        for at, step in enumerate(steps)
        for j in range(len(step.outs))
        if step.first_out + j in live
    ]

    def may_have(i: int, at: int) -> bool:
        return not readers.get(i, 0) & ~(ancestors[at] | 1 << at)

    pairs: dict[int, int] = {}
    for at, j in wanted:
        step, places = steps[at], renewed(steps[at])
        former = None if places is None else step.args[places[j]]
        there = free.get(step.outs[j], ())
        if type(former) is int and ~former in there and may_have(~former, at):
            pairs[step.first_out + j] = ~former
            there.remove(~former)
    for at, j in wanted:
        slot, there = steps[at].first_out + j, free.get(steps[at].outs[j], ())
        if slot not in pairs:
            for i in there:
                if may_have(i, at):
                    pairs[slot] = i
                    there.remove(i)
                    break
    return pairs


def renewed(step: State) -> list[int] | None:
    """The place of the operand that each result is the new form of, if the op says."""
    find = getattr(step.op, "renewed", None)
    return None if find is None else find(step.static)


def _ancestors(steps: list[State]) -> list[int]:
    """The steps that each step needs, as bits."""
    made: dict[int, int] = {}  # by slots: the step that makes it, and what that needs
    found: list[int] = []
    for at, step in enumerate(steps):
        bits = 0
        for a in step.args:
            if type(a) is int and a >= 0:
                bits |= made[a]
        found.append(bits)
        for slot in step.makes():
            made[slot] = bits | 1 << at
    return found


def _readers(steps: list[State]) -> dict[int, int]:
    """The steps that read each input, as bits."""
    found: dict[int, int] = {}
    for at, step in enumerate(steps):
        for a in step.args:
            if type(a) is int and a < 0:
                found[~a] = found.get(~a, 0) | 1 << at
    return found


def in_order(live, pairs: dict[int, int]) -> list[int]:
    """The live slots in an order in which JAX makes these pairs.

    Of each shape and dtype it gives the first input to the first output, and so on.
    """
    first = sorted(pairs, key=pairs.get)
    return first + [slot for slot in live if slot not in pairs]


def waits(steps: list[State], pairs: dict[int, int]) -> dict[int, dict[int, list[int]]]:
    """What a step's operand has to wait for: ``waits[first_out][place]`` are slots.

    The step of an optimizer needs the gradient of each parameter, but not what else the
    backward made with the parameter: the gradient for the layer before. Where the new
    parameter waits for that, the old one need not be copied. Of an op that is one call
    a number waits: a parameter that waited would be copied, as nothing is fused there.
    """
    read = {a for step in steps for a in step.args if type(a) is int}
    several = [step for step in steps if len(step.outs) > 1]
    found: dict[int, dict[int, list[int]]] = {}
    for step in steps:
        own, decisive = set(step.args), _decisive(step)
        for j, place in enumerate(renewed(step) or ()):
            i = pairs.get(step.first_out + j)
            if i is None or step.outs[j].nbytes < _WORTH:
                continue
            slots = [
                slot
                for other in several
                if other is not step and ~i in other.args
                for slot in other.makes()
                if slot in read and slot not in own
            ]
            if slots:
                at = place if decisive is None else decisive
                there = found.setdefault(step.first_out, {}).setdefault(at, [])
                there += [slot for slot in slots if slot not in there]
    return found


def _decisive(step: State) -> int | None:
    """The place of a number that all of the step's results need, if the op says."""
    find = getattr(step.op, "decisive", None)
    return None if find is None else find(step.static)


def after(array, others: list):
    """The array, for XLA not to be had before the others.

    It would see through a barrier, or a test that cannot come out but one way.
    """
    if platform() != "cpu":
        return array
    if isinstance(array, Number):
        return Number(array.kind, after(array.array, others))
    bits = [b for b in map(_bits, others) if b is not None]
    if not bits:
        return array
    never = (functools.reduce(operator.or_, bits) | 1) == 0
    return jnp.where(never, jnp.zeros_like(array), array)


def _bits(array):
    """The bits of an element; None where it has none that are quick to get."""
    if array.size == 0 or not jnp.issubdtype(array.dtype, jnp.floating):
        return None
    kind = jnp.dtype(f"int{array.dtype.itemsize * 8}")
    one = lax.index_in_dim(array.reshape(-1), 0, keepdims=False)
    return lax.bitcast_convert_type(one, kind).astype(jnp.int64)
