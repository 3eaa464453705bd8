"""A whole backward remembered as one transition of the trie.

The backward of a graph recorded entirely in the current trace is determined by the
place in the trie, by the tape's mark, by the root, and by what the leaves hold in
``.grad``. So the second time its record is not made again: the trace jumps to the
state it ended in, and only the gradients of the leaves become values.
"""

from __future__ import annotations

from .. import _config
from .._engine import Value, realise
from .._engine.record import pending
from .._engine.state import Scalar
from .._engine.unread import may_stay
from .._native import quick
from . import variable

_MAX_MEMOS = 16  # for each state


class _Memo:
    """What a backward does: the state it ends in, and what it leaves behind.

    ``scalars`` are the numbers recorded, by their places in the forward's;
    ``admitted`` the leaves whose ``.grad`` becomes an input; ``grads`` the leaves that
    get a gradient, with its slot and aval; ``freed`` the nodes that are freed.
    """

    __slots__ = ("end", "scalars", "admitted", "grads", "freed")


def _key(trace, tensor) -> tuple | None:
    """What determines the backward of ``tensor``; None if it cannot be remembered."""
    node, tape = tensor._node, trace.tape
    if tape is None or not tape.mark.closed or node is None or node.tape != tape.id:
        return None
    if any([n.extra for n in tape.nodes]):
        return None
    key = [tape.mark, node.position, tensor._output_nr]
    for leaf in tape.leaves:
        fields = leaf.__dict__
        if fields.get("_hooks") is not None or fields.get("_after_hooks") is not None:
            return None
        have = fields.get("_grad")
        if have is not None:
            if have._view is not None or have._node is not None:
                return None
            value = have._storage.value
            if value.trace is trace:
                have = value.slot
            elif may_stay(value):
                have = value.aval
            else:
                have = realise(value, "backward").aval
        key.append(have)
    return tuple(key)


class Recorder:
    """Watches one backward; ``keep`` remembers it if it can be replayed."""

    def __init__(self, trace, key: tuple):
        self.trace = trace
        self.key = key
        self.start = trace.state
        self.tape = trace.tape
        self.n_inputs = len(trace.inputs)
        self.saved = [n.saved for n in self.tape.nodes]
        self.held = [_grad_value(leaf) for leaf in self.tape.leaves]
        self.order: list = []

    def keep(self) -> None:
        """Store the memo, unless the backward flushed or met what is not a leaf's."""
        trace, start = self.trace, self.start
        admitted = trace.inputs[self.n_inputs :]
        if trace.tape is not self.tape or any(v not in self.held for v in admitted):
            return
        memo = _Memo()
        memo.end = trace.state
        memo.scalars = self._scalars()
        memo.admitted = [self.held.index(value) for value in admitted]
        memo.grads = [
            (value.slot, i, value.aval)
            for i, leaf in enumerate(self.tape.leaves)
            if (value := _grad_value(leaf)) is not self.held[i]
        ]
        memo.grads.sort(key=lambda grad: grad[0])  # outputs go by their slots
        memo.freed = [
            i
            for i, (node, saved) in enumerate(
                zip(self.tape.nodes, self.saved, strict=True)
            )
            if saved and node.saved is None
        ]
        if all(slot >= start.n_outs for slot, _, _ in memo.grads):
            if len(start.memos) >= _MAX_MEMOS:
                start.memos.clear()
            start.memos[self.key] = memo

    def _scalars(self) -> list[tuple[type, int]]:
        """Where each number the backward recorded stands in the forward's scalars."""
        path, depths = self.start.path(), self.tape.mark.depths()
        origins = []
        for node in self.order:
            args = path[depths[node.position] - 1].args
            for i in node.plan.saved:
                if i < len(args) and isinstance(args[i], Scalar):
                    origins.append((args[i].kind, args[i].index))
        return origins


def _grad_value(leaf) -> Value | None:
    return None if leaf._grad is None else leaf._grad._value()


def recorder(tensor) -> Recorder | None:
    """Something that remembers the backward of ``tensor``, if it can be."""
    trace = tensor._value().trace
    if trace is None or _config.flush_every_op:
        return None
    key = _key(trace, tensor)
    return None if key is None else Recorder(trace, key)


def replay(tensor) -> bool:
    """Jump over a backward seen before; False if it is new."""
    trace = tensor._value().trace
    if trace is None or not trace.state.memos:
        return False
    key = _key(trace, tensor)
    memo = None if key is None else trace.state.memos.get(key)
    if memo is None:
        return False
    _jump(trace, memo)
    return True


def _jump(trace, memo: _Memo) -> None:
    """Be where the backward would have ended."""
    with trace.lock:
        leaves, nodes = list(trace.tape.leaves), trace.tape.nodes
        for i in memo.admitted:
            trace.admit(leaves[i]._grad._storage.value)
        trace.state = memo.end
        trace.limit = max(trace.limit, 2 * memo.end.depth)
        for kind, index in memo.scalars:
            numbers = trace.scalars[kind]
            numbers.append(numbers[index])
        _give_grads(trace, memo.grads)
        for i in memo.freed:
            nodes[i].saved = None


def _give_grads(trace, grads) -> None:
    """A gradient for each (slot, place of the leaf, aval)."""
    leaves = list(trace.tape.leaves)
    for slot, i, shape_dtype in grads:
        value = pending(trace, shape_dtype, slot)
        fields = leaves[i].__dict__
        have = fields.get("_grad")
        if have is None:
            fields["_grad"] = variable.wrap(value)
        else:
            have._storage.write(value)


if quick is not None:
    _key, _give_grads = quick.backward_key, quick.give_grads
