"""Backward: walk the graph from its roots and record one derivative op a node.

The walk is iterative and linear in the size of the graph. Nodes run in the reverse
order of their making, as in PyTorch, once all their consumers have run.
"""

from __future__ import annotations

import heapq

from .. import _engine
from .._engine import Value, record
from .._native import quick
from . import memo
from .apply import apply
from .grad_mode import mode
from .graph import Node
from .primitives import ADD, FULL
from .variable import TensorBase, wrap


class _Raw:
    """Gradients are values; the backward pass itself is not differentiable."""

    create_graph = False

    @staticmethod
    def derive(node: Node, given, cotangents) -> list:
        how = node.plan
        operands = [*node.saved, *cotangents]
        return record(how.op(given), how.static, operands, node.device)[1]

    @staticmethod
    def add(a: Value, b: Value) -> Value:
        return record(ADD, (), (a, b), a.device)[1][0]

    tensor = staticmethod(wrap)

    @staticmethod
    def grad(tensor: TensorBase) -> Value:
        return tensor._value()


class _OnGraph:
    """Gradients are tensors on the graph, for ``create_graph``."""

    create_graph = True

    @staticmethod
    def derive(node: Node, given, cotangents) -> list:
        how = node.plan
        operands = [*node.saved_tensors(), *cotangents]
        return apply(how.op(given), how.static, operands, node.device)

    @staticmethod
    def add(a, b):
        return apply(ADD, (), (a, b))[0]

    @staticmethod
    def tensor(grad):
        return grad

    @staticmethod
    def grad(tensor):
        return tensor


class Backward:
    """One run of the engine."""

    def __init__(self, create_graph: bool, retain_graph: bool, captures=None):
        self.kind = _OnGraph if create_graph else _Raw
        self.retain_graph = retain_graph
        self.captures = captures  # {(target, nr): position} for autograd.grad
        self.captured: dict[int, object] = {}
        self.recorder: memo.Recorder | None = None
        self.above: set | None = None  # nodes that lead to a captured target
        self.pending: dict[object, list] = {}
        self.waiting: dict[object, int] = {}
        self.ready: list[tuple[int, int, Node]] = []

    def run(self, roots) -> dict:
        """``roots`` are ``(target, output number, gradient tensor)`` triples."""
        self._count([target for target, _, _ in roots])
        for target, nr, grad in roots:
            self._receive(target, nr, self.kind.grad(grad))
        for target in dict.fromkeys(t for t, _, _ in roots):
            self._release(target, 0)
        with _GradMode(self.kind.create_graph):
            while self.ready:
                self._run_node(heapq.heappop(self.ready)[2])
        return self.captured

    def _count(self, targets) -> None:
        """Count how many edges lead to each target reachable from the roots."""
        seen = set()
        stack = list(dict.fromkeys(targets))
        for target in stack:
            self.waiting[target] = 0
        while stack:
            target = stack.pop()
            if target in seen or isinstance(target, TensorBase):
                continue
            seen.add(target)
            for edge in target.edges:
                if edge is not None:
                    self.waiting[edge[0]] = self.waiting.get(edge[0], 0) + 1
                    stack.append(edge[0])

    def _receive(self, target, nr: int, grad) -> None:
        grads = self.pending.get(target)
        if grads is None:
            n = 1 if isinstance(target, TensorBase) else len(target.outs)
            grads = self.pending[target] = [None] * n
        have = grads[nr]
        grads[nr] = grad if have is None else self.kind.add(have, grad)

    def _release(self, target, edges: int = 1) -> None:
        """One of the edges to ``target`` is done; run it when all are."""
        left = self.waiting[target] - edges
        self.waiting[target] = left
        if left > 0:
            return
        if isinstance(target, TensorBase):
            (grad,) = self.pending.pop(target, (None,))
            if grad is not None:
                self._finish_leaf(target, grad)
        else:
            heapq.heappush(self.ready, (-target.sequence, id(target), target))

    def _run_node(self, node) -> None:
        grads = self.pending.pop(node, None)
        extra = node.extra
        if grads is not None and extra is not None:
            grads = self._before(extra, grads)
        if self.captures is not None and grads is not None:
            self._capture(node, grads)
        if grads is None or all(g is None for g in grads):
            results = [None] * len(node.edges)
        elif not self._wanted(node):
            results = [None] * len(node.edges)
        else:
            results = self._derive(node, grads)
        for edge, grad in zip(node.edges, results, strict=True):
            if edge is None:
                continue
            if grad is not None:
                self._receive(edge[0], edge[1], grad)
            self._release(edge[0])

    def _wanted(self, node) -> bool:
        """For ``autograd.grad``: whether a captured target lies below ``node``."""
        if self.captures is None:
            return True
        if self.above is None:
            targets = {target for target, _ in self.captures}
            self.above = _ancestors(targets, list(self.waiting))
        return node in self.above

    def _derive(self, node, grads) -> list:
        node.check_alive()
        if node.__class__ is Node:
            if self.recorder is not None:
                self.recorder.order.append(node)
            given = node.given(grads)
            cotangents = [grads[i] for i in given]
            results = self.kind.derive(node, given, cotangents)
        else:
            results = node.backward(grads, self.kind)
        if node.extra is not None and node.extra.hooks:
            results = self._call_node_hooks(node, results, grads)
        if not self.retain_graph:
            node.free()
        return results

    def _finish_leaf(self, leaf, grad) -> None:
        if leaf._hooks:
            grad = self._call_hooks(leaf._hooks, grad)
        if self.captures is not None:
            place = self.captures.get((leaf, 0))
            if place is not None:
                self.captured[place] = self.kind.tensor(grad)
            return
        accumulate(leaf, self.kind, grad)
        for hook in list((leaf._after_hooks or {}).values()):
            hook(leaf)

    def _before(self, extra, grads):
        """Hooks on the outputs and on the node, then ``retain_grad``."""
        for nr, hooks in extra.tensor_hooks.items():
            grads[nr] = self._call_hooks(hooks, grads[nr])
        if extra.pre_hooks:
            grads = self._call_pre_hooks(extra.pre_hooks, grads)
        for nr, tensor in extra.retained.items():
            if (t := tensor()) is not None and grads[nr] is not None:
                t._grad = self.kind.tensor(grads[nr])
        return grads

    def _capture(self, node, grads) -> None:
        for nr, grad in enumerate(grads):
            place = self.captures.get((node, nr))
            if place is not None and grad is not None:
                self.captured[place] = self.kind.tensor(grad)

    def _call_hooks(self, hooks, grad):
        if grad is None:
            return None
        for hook in list(hooks.values()):
            result = hook(self.kind.tensor(grad))
            if result is not None:
                grad = self.kind.grad(result)
        return grad

    def _tensors(self, grads) -> tuple:
        return tuple(None if g is None else self.kind.tensor(g) for g in grads)

    def _grads(self, tensors) -> list:
        return [None if t is None else self.kind.grad(t) for t in tensors]

    def _call_pre_hooks(self, hooks, grads):
        for hook in list(hooks.values()):
            result = hook(self._tensors(grads))
            if result is not None:
                grads = self._grads(result if isinstance(result, tuple) else (result,))
        return grads

    def _call_node_hooks(self, node, results, grads):
        for hook in list(node.extra.hooks.values()):
            changed = hook(self._tensors(results), self._tensors(grads))
            if changed is not None:
                changed = changed if isinstance(changed, tuple) else (changed,)
                results = self._grads(changed)
        return results


class _GradMode:
    def __init__(self, enabled: bool):
        self.enabled = enabled

    def __enter__(self):
        self.saved = mode.enabled
        mode.enabled = self.enabled

    def __exit__(self, *exc):
        mode.enabled = self.saved


def _ancestors(targets: set, reachable: list) -> set:
    """Nodes among ``reachable`` from which some target can be reached."""
    consumers: dict[object, list] = {}
    for node in reachable:
        if not isinstance(node, TensorBase):
            for edge in node.edges:
                if edge is not None:
                    consumers.setdefault(edge[0], []).append(node)
    found, stack = set(), list(targets)
    while stack:
        for node in consumers.get(stack.pop(), ()):
            if node not in found:
                found.add(node)
                stack.append(node)
    return found


def accumulate(leaf, kind, grad) -> None:
    """Add ``grad`` to ``leaf.grad``: in place, unless on the graph."""
    if leaf._grad is None:
        leaf._grad = kind.tensor(grad)
    elif kind.create_graph:
        leaf._grad = kind.add(leaf._grad, grad)
    else:
        have = leaf._grad
        have._write(_Raw.add(have._value(), grad))


def accumulate_value(leaf, grad: Value) -> None:
    """Add a gradient off the graph to ``leaf.grad``."""
    accumulate(leaf, _Raw, grad)


def run_backward(
    roots, *, retain_graph, create_graph, captures=None, recorder=None
) -> dict:
    """Run the engine; return what was captured, by position."""
    plain = captures is None and recorder is None and not (create_graph or mode.levels)
    found: dict = {}
    if not (quick is not None and plain and _run_plain(roots, retain_graph)):
        run = Backward(create_graph, retain_graph, captures)
        run.recorder = recorder
        found = run.run(roots)
    if recorder is not None:
        recorder.keep()
    _engine.after_backward(roots[0][2]._value().device)
    return found


def _run_plain(roots, retain_graph: bool) -> bool:
    """Run it in C, if all nodes and leaves are plain."""
    values = [(target, nr, grad._value()) for target, nr, grad in roots]
    with _GradMode(False):
        return quick.run_backward(values, bool(retain_graph))


def run_again(tensor: TensorBase) -> bool:
    """Replay the backward of a scalar, if one like it is remembered."""
    _engine.before_backward()
    if not memo.replay(tensor):
        return False
    _engine.after_backward(tensor._value().device)
    return True


def filled(shape_dtype, place, number: int):
    """A gradient of this shape and dtype, all ``number``."""
    static = (shape_dtype.shape, shape_dtype.dtype, number)
    return wrap(record(FULL, static, (), place)[1][0])
