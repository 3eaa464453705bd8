"""The tape: the nodes made in the current trace, and a trie of all tapes there were.

As the trie of states tells which ops were recorded, the trie of marks tells which of
their operands had a gradient and where it goes. A mark is found by the state of the op,
the mark before, and a code for each operand. So what is known of a node (its plan, its
place) is found by one look-up, and the last mark stands for the whole graph.
"""

from __future__ import annotations

import itertools
from operator import itemgetter

from .._engine import signature
from .variable import TensorBase
from .vjp import Plan, differentiable_outputs, plan

_MAX_MARKS = 64  # of one state
_ids = itertools.count(1)

OUTSIDE = "outside"  # code of a gradient that leaves the trace


class Mark:
    """A node of a tape: how it is differentiated, and how many nodes came before it.

    ``key``, by which it is found, begins with the mark before. ``pick`` takes what is
    saved from all operands and results; ``closed`` says that no edge of the tape leads
    out of the trace. Without a differentiable output there is no node, and ``plan`` is
    None.
    """

    __slots__ = ("key", "plan", "pick", "position", "depth", "closed")

    def __init__(self, key: tuple, how: Plan | None, depth: int, closed: bool):
        self.key = key
        self.plan = how
        self.pick = _picker(how.saved) if how is not None else None
        self.position = -1 if self.before is None else self.before.position + 1
        self.depth = depth  # of the op's state
        self.closed = closed

    @property
    def before(self) -> Mark | None:
        """The mark of the node before; None for none."""
        return self.key[0]

    def depths(self) -> list[int]:
        """For each node up to this one the depth of its op."""
        depths, mark = [], self
        while mark.before is not None:
            depths.append(mark.depth)
            mark = mark.before
        return depths[::-1]


_START = Mark((None,), None, 0, True)


class Tape:
    """The nodes of the current trace in the order of their making, and their leaves."""

    __slots__ = ("id", "mark", "nodes", "leaves")

    def __init__(self):
        self.id = next(_ids)
        self.mark = _START
        self.nodes: list = []
        self.leaves: dict[TensorBase, int] = {}  # code: -1, -2, … by first use

    def leaf(self, tensor: TensorBase) -> int:
        """The code of a leaf."""
        return self.leaves.setdefault(tensor, ~len(self.leaves))

    def code(self, edge: tuple | None):
        """The code of an operand whose gradient goes along ``edge``."""
        if edge is None:
            return None
        target, nr = edge
        if isinstance(target, TensorBase):
            return self.leaf(target)
        if target.tape != self.id:
            return OUTSIDE
        return (target.position, nr) if nr else target.position


def mark_of(tape: Tape, state, op, static, operands, codes: tuple, outs) -> Mark:
    """The mark of an op just recorded, made when first met."""
    key = (tape.mark, *codes)
    found = state.marks.get(key)
    if found is None:
        if len(state.marks) >= _MAX_MARKS:
            state.marks.clear()
            state.mark = None
        how = plan_of(op, static, operands, codes, outs)
        closed = tape.mark.closed and OUTSIDE not in codes
        found = state.marks[key] = Mark(key, how, state.depth, closed)
    return found


def plan_of(op, static, operands, codes: tuple, outs) -> Plan | None:
    """How to differentiate with respect to the operands that have a code."""
    if not op.differentiable or not differentiable_outputs([v.aval for v in outs]):
        return None
    wrt = tuple(i for i, code in enumerate(codes) if code is not None)
    return plan(op, static, signature(operands), wrt)


def _picker(places: tuple[int, ...]):
    """A function that takes these places from a tuple, as a tuple."""
    first, n = (places[0] if places else 0), len(places)
    if places == tuple(range(first, first + n)):
        return itemgetter(slice(first, first + n))
    return itemgetter(*places)
