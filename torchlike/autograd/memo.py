"""A whole backward remembered as one transition of the trie.

The backward of a graph recorded entirely in the current trace is determined by the
place in the trie, by which operands of which steps had a gradient (``Tape.marks``),
and by the root. So the second time its record is not made again: the trace jumps to
the state it ended in, and only the gradients of the leaves become values.
"""

from __future__ import annotations

import itertools
from weakref import ref

from .. import _config
from .._engine import Value, current
from .._engine.state import Scalar
from .variable import TensorBase, wrap

_MAX_MEMOS = 16  # for each state
_ids = itertools.count(1)


class _Nobody:
    __slots__ = ("__weakref__",)


_DEAD = ref(_Nobody())


class Tape:
    """The nodes of the current trace in the order of their making.

    ``marks`` tells for each node the depth of its step, the mask of its
    differentiated operands and the numbers of its leaves.
    """

    __slots__ = ("id", "nodes", "marks", "leaves", "numbers", "closed")

    def __init__(self):
        self.id = next(_ids)
        self.nodes: list = []
        self.marks: list[tuple] = []
        self.leaves: list[TensorBase] = []
        self.numbers: dict[int, int] = {}
        self.closed = True  # no edge leads out of the trace

    def add(self, node, depth: int, mask: int) -> None:
        """Note a node just made."""
        mark = [depth, mask]
        for target, _ in node.edges:
            if not isinstance(target, TensorBase):
                if target.tape != self.id:
                    self.closed = False
                continue
            number = self.numbers.get(id(target))
            if number is None:
                number = self.numbers[id(target)] = len(self.leaves)
                self.leaves.append(target)
            mark.append(number)
        node.tape, node.position = self.id, len(self.nodes)
        self.nodes.append(node)
        self.marks.append(tuple(mark))


class _Memo:
    __slots__ = ("end", "dead", "scalars", "grads", "freed")


def _key(trace, root) -> tuple | None:
    """What determines the backward from ``root``; None if it cannot be remembered."""
    target, nr, grad = root
    tape = trace.tape
    if tape is None or not tape.closed or isinstance(target, TensorBase):
        return None
    if target.tape != tape.id or any([n.extra for n in tape.nodes]):
        return None
    for leaf in tape.leaves:
        if (
            leaf._grad is not None
            or leaf._hooks is not None
            or leaf._after_hooks is not None
        ):
            return None
    slot = grad._value().slot
    return (target.position, nr, slot, *tape.marks)


class Recorder:
    """Watches one backward; ``keep`` remembers it if it can be replayed."""

    def __init__(self, trace, key: tuple):
        self.trace = trace
        self.key = key
        self.start = trace.state
        self.tape = trace.tape
        self.n_inputs = len(trace.inputs)
        self.saved = [n.saved for n in self.tape.nodes]
        self.order: list = []

    def keep(self) -> None:
        """Store the memo, unless the backward flushed or took in new inputs."""
        trace, start = self.trace, self.start
        if trace.tape is not self.tape or len(trace.inputs) != self.n_inputs:
            return
        memo = _Memo()
        memo.end = trace.state
        memo.dead = [_DEAD] * (memo.end.n_outs - start.n_outs)
        memo.scalars = self._scalars()
        memo.grads = [
            (i, leaf._grad._value().slot, leaf._grad._value().aval)
            for i, leaf in enumerate(self.tape.leaves)
            if leaf._grad is not None
        ]
        memo.freed = [
            i
            for i, (node, saved) in enumerate(
                zip(self.tape.nodes, self.saved, strict=True)
            )
            if saved and node.saved is None
        ]
        if all(slot >= start.n_outs for _, slot, _ in memo.grads):
            if len(start.memos) >= _MAX_MEMOS:
                start.memos.clear()
            start.memos[self.key] = memo

    def _scalars(self) -> list[tuple[type, int]]:
        """Where each number the backward recorded stands in the forward's scalars."""
        path = self.start.path()
        origins = []
        for node in self.order:
            args = path[self.tape.marks[node.position][0] - 1].args
            for i in node.plan.saved:
                if isinstance(args[i], Scalar):
                    origins.append((args[i].kind, args[i].index))
        return origins


def recorder(root) -> Recorder | None:
    """Something that remembers the backward from ``root``, if it can be."""
    if _config.flush_every_op:
        return None
    trace = current(root[2]._value().device)
    key = _key(trace, root)
    return None if key is None else Recorder(trace, key)


def replay(root) -> bool:
    """Jump over a backward seen before; False if it is new."""
    value = root[2]._value()
    trace = value.trace
    if trace is None or not trace.state.memos:
        return False
    key = _key(trace, root)
    memo = None if key is None else trace.state.memos.get(key)
    if memo is None:
        return False
    _jump(trace, memo, value.device)
    return True


def _jump(trace, memo: _Memo, place) -> None:
    with trace.lock:
        trace.state = memo.end
        trace.limit = max(trace.limit, 2 * memo.end.depth)
        outs, leaves, nodes = trace.outs, trace.tape.leaves, trace.tape.nodes
        outs.extend(memo.dead)
        for kind, index in memo.scalars:
            numbers = trace.scalars[kind]
            numbers.append(numbers[index])
        for i, slot, shape_dtype in memo.grads:
            value = Value(shape_dtype, place, None, trace, slot)
            outs[slot] = ref(value)
            leaves[i]._grad = wrap(value)
        for i in memo.freed:
            nodes[i].saved = None
