"""The autograd graph: a node for each recorded differentiable op."""

from __future__ import annotations

import itertools

from .._engine import Value
from .grad_mode import mode
from .tape import Tape, mark_of, plan_of
from .variable import TensorBase, wrap
from .vjp import Plan

sequence = itertools.count()


class Extra:
    """What few nodes have: hooks, tensors that keep their gradient, metadata."""

    __slots__ = ("hooks", "pre_hooks", "tensor_hooks", "retained", "metadata", "name")

    def __init__(self):
        self.name: str | None = None  # instead of the op's
        self.hooks: dict = {}  # id: hook(grad_inputs, grad_outputs)
        self.pre_hooks: dict = {}  # id: hook(grad_outputs)
        self.tensor_hooks: dict[int, dict] = {}  # output number: {id: hook(grad)}
        self.retained: dict = {}  # output number: weak reference to the tensor
        self.metadata: dict = {}


class Node:
    """One differentiable op: what it saved and where its gradients go.

    ``edges`` has for each differentiated operand the target of its gradient and the
    target's output number; a target is a node or a leaf tensor.
    """

    __slots__ = (
        "plan",
        "saved",
        "edges",
        "sequence",
        "device",
        "extra",
        "tape",
        "position",
        "__weakref__",
    )

    def __init__(self, plan: Plan, saved, edges, device):
        self.plan = plan
        self.saved = saved
        self.edges = edges
        self.sequence = next(sequence)
        self.device = device
        self.extra: Extra | None = None
        self.tape = 0  # number of the tape this node is on, and its position there
        self.position = 0

    def extras(self) -> Extra:
        """Hooks and metadata, made when first wanted."""
        if self.extra is None:
            self.extra = Extra()
        return self.extra

    @property
    def metadata(self) -> dict:
        """A dictionary for whatever the user wants to note on this node."""
        return self.extras().metadata

    @property
    def outs(self):
        """Avals of the outputs."""
        return self.plan.outs

    def name(self) -> str:
        """PyTorch's name of this kind of node."""
        if self.extra is not None and self.extra.name:
            return self.extra.name
        return self.plan.grad_name()

    def check_alive(self) -> None:
        """Raise if a backward freed what this node had saved."""
        if self.saved is None:
            raise RuntimeError(
                "Trying to backward through the graph a second time (or directly "
                "access saved tensors after they have already been freed). Saved "
                "intermediate values of the graph are freed when you call .backward() "
                "or autograd.grad(). Specify retain_graph=True if you need to "
                "backward through the graph a second time or if you need to access "
                "saved tensors after calling backward."
            )

    def free(self) -> None:
        """Drop the saved values; a node that saved nothing stays usable."""
        if self.saved:
            self.saved = None

    def given(self, grads) -> tuple[int, ...]:
        """The outputs that have a gradient, as the plan's op wants them."""
        return tuple(i for i, g in enumerate(grads) if g is not None)

    def saved_tensors(self) -> list:
        """What is saved as tensors on the graph (for double backward)."""
        targets = dict(zip(self.plan.wrt, self.edges, strict=True))
        targets[len(self.plan.signature)] = (self, 0)  # the result
        return [
            on_graph(x, targets.get(i)) if isinstance(x, Value) else x
            for i, x in zip(self.plan.saved, self.saved, strict=True)
        ]

    @property
    def next_functions(self):
        """The nodes the gradients go to, as ``(node, output number)`` pairs."""
        return tuple(
            (AccumulateGrad(target), 0)
            if isinstance(target, TensorBase)
            else (target, nr)
            for target, nr in self.edges
        )

    def register_hook(self, hook):
        """Call ``hook(grad_inputs, grad_outputs)`` after this node's backward."""
        return RemovableHandle(self.extras().hooks, hook)

    def register_prehook(self, hook):
        """Call ``hook(grad_outputs)`` before this node's backward."""
        return RemovableHandle(self.extras().pre_hooks, hook)

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"


class AccumulateGrad:
    """What ``next_functions`` shows for a leaf."""

    __slots__ = ("variable",)

    def __init__(self, variable):
        self.variable = variable

    next_functions = ()

    def name(self) -> str:
        return "torch::autograd::AccumulateGrad"

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self.variable):#x}>"

    def __eq__(self, other):
        return isinstance(other, AccumulateGrad) and self.variable is other.variable

    def __hash__(self):
        return id(self.variable)


class RemovableHandle:
    """Removes its hook again; usable as a context manager."""

    _next = itertools.count()

    def __init__(self, hooks: dict, hook):
        self._hooks = hooks
        self.id = next(self._next)
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook away."""
        self._hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.remove()


def edge_of(tensor) -> tuple | None:
    """Where the gradient of ``tensor`` goes."""
    if tensor._node is not None:
        return tensor._node, tensor._output_nr
    if tensor._requires_grad:
        alias = tensor._leaf_alias
        return tensor if alias is None else alias, 0
    return None


def on_graph(value: Value, edge):
    """A tensor with a saved value whose gradient goes along ``edge``."""
    tensor = wrap(value)
    if edge is not None:
        target, nr = edge
        if isinstance(target, TensorBase):
            tensor._requires_grad = True
            tensor._leaf_alias = target
        else:
            tensor._node, tensor._output_nr = target, nr
    return tensor


def connect(op, static, state, operands: tuple, edges: list, outs, place):
    """Make the node of a call just recorded; None if no output has a gradient.

    ``edges`` has for each operand where its gradient goes, or None.
    """
    trace = outs[0].trace
    if trace is None or state is None or mode.node_hook is not None:
        return _off_tape(op, static, operands, edges, outs, place)
    tape = trace.tape
    if tape is None:
        tape = trace.tape = Tape()
    codes = tuple([tape.code(e) for e in edges])
    mark = mark_of(tape, state, op, static, operands, codes, outs)
    if mark.plan is None:
        return None
    saved = mark.pick((*operands, *outs))
    node = Node(mark.plan, saved, [e for e in edges if e is not None], place)
    node.tape, node.position = tape.id, mark.position
    tape.nodes.append(node)
    tape.mark = mark
    return node


def _off_tape(op, static, operands, edges: list, outs, place):
    """A node of no tape: with tracers, sparse operands, on the meta device, flushed,
    or replaced."""
    how = plan_of(op, static, operands, edges, outs)
    if how is None:
        return None
    all_values = (*operands, *outs)
    saved = tuple([all_values[i] for i in how.saved])
    node = Node(how, saved, [e for e in edges if e is not None], place)
    return node if mode.node_hook is None else mode.node_hook(node)
