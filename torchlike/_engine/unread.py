"""Results that are not computed until somebody asks for them.

Once an optimizer has stepped, hardly anybody reads the gradients: the next
``zero_grad`` drops them. So the program of a step does not write them; the inputs that
they are made of, the old parameters, stay instead (and take as much memory), and who
reads a gradient after all gets it from a program of its own. Then gradients are
computed with every step from there on. A gradient that nobody has read may grow by
further ones: the sum is computed as little as its parts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from .state import State

# Bytes of results that are worth leaving out. What takes more is written in little of
# the step's time, and the old parameters would take memory beside the new ones.
_LEAST, _MOST = 4096, 16 << 20

_DEEP = 4  # runs whose results are made of each other: no more hold their inputs

lock = threading.RLock()  # held while results left out are computed
_asked = False  # whether somebody has read one


class Unread:
    """What a run of a program has left out: what it is made of, or its arrays.

    With as much behind it as may be, it is ``deep``: its values are computed when
    something is added to them.
    """

    __slots__ = ("program", "scalars", "inputs", "found", "depth", "deep")

    def __init__(self, program, scalars: dict[type, list], inputs: list):
        self.program = program
        self.scalars = scalars
        self.inputs = [inputs[i] for i in program.kept]
        self.found: dict[int, object] | None = None  # by slots
        self.depth = 1
        for value in self.inputs:
            if value.unread is not None:
                self.depth = max(self.depth, value.unread[0].depth + 1)
        self.deep = self.depth >= _DEEP


def ask() -> bool:
    """Somebody reads one, so that none is left out any more; whether for the first
    time."""
    global _asked
    first, _asked = not _asked, True
    return first


def adds_up(op) -> bool:
    """Whether it is the sum of gradients, whose operands may be left out ones."""
    return getattr(op, "accumulates", False)


def may_stay(value) -> bool:
    """Whether it is left out, and may be while something is added to it."""
    return value.unread is not None and not value.unread[0].deep


def predicted(path: list[State], live: Iterable[int], dead) -> frozenset[int]:
    """The live slots that nobody will read, as far as one can tell.

    ``dead`` has the inputs that nobody else holds, and ``~i`` for an input i that has
    not been computed itself.
    """
    if _asked:
        return frozenset()
    spent = {i for i in dead if i < 0}
    absent = bool(spent)
    for step in path:
        for place in places_spent(step):
            if type(step.args[place]) is int and step.args[place] >= 0:
                spent.add(step.args[place])
    if not spent:
        return frozenset()
    sizes = {}
    for step in path:
        sizes.update(zip(step.makes(), (a.nbytes for a in step.outs), strict=True))
        if adds_up(step.op) and not spent.isdisjoint(step.args):
            spent.update(step.makes())
    found = frozenset(slot for slot in live if slot in spent)
    if absent or _LEAST <= sum(sizes[slot] for slot in found) <= _MOST:
        return found
    return frozenset()


def places_spent(step: State) -> list[int]:
    """The places of the operands that hardly anybody reads later, if the op says so."""
    find = getattr(step.op, "places_spent", None)
    return [] if find is None else find(step.static)


def reset() -> None:
    """Another thread may have held the lock at a fork."""
    global lock
    lock = threading.RLock()
