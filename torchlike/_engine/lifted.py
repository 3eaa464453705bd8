"""Values with a meaning of their own: batched, dual, sparse.

A ``Lifted`` value has the shape and dtype users see, and a level that knows what to do
with ops on it. ``record`` hands an op with lifted operands to the highest of their
levels, which runs another op on what the values hold: levels nest to any depth.
"""

from __future__ import annotations

from .._devices import device
from .value import Aval, Value


class Lifted(Value):
    """A value held by ``level``: ``content`` and ``tag`` are the level's own."""

    __slots__ = ("level", "content", "tag")

    def __init__(self, aval: Aval, place: device, level, content, tag=None):
        self.aval = aval
        self.device = place
        self.trace = None
        self.slot = 0
        self.exposed = True
        self.pinned = False
        self.unread = None
        self.level = level
        self.content = content
        self.tag = tag

    @property
    def array(self):
        """The elements, where they are known without computing anything."""
        return self.level.peek(self)

    @property
    def layout(self):
        """How the elements are stored."""
        return self.level.layout or self.content._value().layout


def dispatch(op, static: tuple, operands, place) -> list[Value]:
    """Hand an op to the highest level among its operands."""
    levels = [v.level for v in operands if isinstance(v, Lifted)]
    return max(levels, key=_rank).process(op, static, operands, place)


def _rank(level) -> int:
    return level.depth
