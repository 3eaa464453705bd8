"""``autograd.Function``: forward and backward written by the user."""

from __future__ import annotations

from .._engine import move
from .engine import filled
from .grad_mode import mode
from .graph import Node, RemovableHandle, edge_of, on_graph
from .levels import lift
from .variable import TensorBase, wrap


class FunctionCtx:
    """What ``forward`` leaves for ``backward``: saved tensors and any attributes."""

    _saved: tuple = ()
    _dirty: tuple = ()
    _non_differentiable: tuple = ()
    _materialize = True
    needs_input_grad: tuple = ()

    def save_for_backward(self, *tensors) -> None:
        """Keep inputs or outputs for ``backward``."""
        self._saved = tensors

    def save_for_forward(self, *tensors) -> None:
        """Keep tensors for ``jvp``."""
        self._saved_forward = tensors

    def mark_dirty(self, *tensors) -> None:
        """Say which inputs ``forward`` changed in place."""
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors) -> None:
        """Say which outputs have no gradient."""
        self._non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether missing gradients reach ``backward`` as zeros (default) or None."""
        self._materialize = value


class _Packed:
    """A saved tensor: its value and edge at the time it was saved."""

    def __init__(self, tensor, node: FunctionNode | None, nr: int):
        self.value = tensor._value()
        self.tensor = tensor if node is None else None
        self.node, self.nr = node, nr

    def unpack(self):
        if self.node is not None:
            return on_graph(self.value, (self.node, self.nr))
        if self.tensor._value() is self.value:
            return self.tensor
        return on_graph(self.value, edge_of(self.tensor))


class FunctionNode(Node, FunctionCtx):
    """The node of a custom function; it is the ``ctx`` of its forward and backward."""

    __slots__ = ("__dict__",)

    def __init__(self, function: type, edges, device):
        super().__init__(None, None, edges, device)
        self.function = function
        self.packed: tuple | None = ()
        self.out_avals: tuple = ()

    @property
    def outs(self):
        return self.out_avals

    def name(self) -> str:
        return self.function.node_name or self.function.__name__ + "Backward"

    def check_alive(self) -> None:
        if self.packed is None:
            super().check_alive()

    def free(self) -> None:
        if self.packed:
            self.packed = None

    @property
    def saved_tensors(self) -> tuple:
        """The tensors given to ``save_for_backward``."""
        if self.packed is None:
            self.saved = None
            Node.check_alive(self)
        return tuple(p if p is None else p.unpack() for p in self.packed)

    def backward(self, grads, kind) -> list:
        """Call the user's backward; one gradient for each edge."""
        tensors = [
            kind.tensor(g)
            if g is not None
            else filled(a, self.device, 0)
            if self._materialize
            else None
            for g, a in zip(grads, self.out_avals, strict=True)
        ]
        results = self.function.backward(self, *tensors)
        results = results if isinstance(results, tuple) else (results,)
        n = len(self.needs_input_grad)
        while len(results) > n and results[-1] is None:
            results = results[:-1]
        if len(results) != n:
            raise RuntimeError(
                f"function {self.name()} returned an incorrect number of gradients "
                f"(expected {n}, got {len(results)})"
            )
        chosen = [r for r, need in zip(results, self.is_tensor, strict=True) if need]
        return [
            None if r is None or e is None else kind.grad(self._fitted(r, i))
            for i, (r, e) in enumerate(zip(chosen, self.edges, strict=True))
        ]

    def _fitted(self, grad, i: int):
        """A gradient in the shape of its input: PyTorch sums what it broadcast."""
        wanted = self.in_avals[i].shape
        have = getattr(grad, "shape", wanted)
        if tuple(have) == wanted:
            return grad
        lead = len(have) - len(wanted)
        pairs = zip(have[lead:], wanted, strict=True) if lead >= 0 else ((2, 3),)
        if not all(w in (1, h) for h, w in pairs):
            raise RuntimeError(
                f"Function {self.name()} returned an invalid gradient at index {i} - "
                f"got {list(have)} but expected shape compatible with {list(wanted)}"
            )
        return grad.sum_to_size(wanted)


class Function:
    """Base of custom differentiable functions: define ``forward`` and ``backward``.

    Call ``MyFunction.apply(*inputs)``. Both styles of PyTorch work: ``forward(ctx,
    *inputs)``, and ``forward(*inputs)`` with ``setup_context(ctx, inputs, output)``.
    """

    node_name: str | None = None  # instead of the class's with "Backward" behind

    @staticmethod
    def forward(*args, **kwargs):
        raise NotImplementedError(
            "You must implement the forward function for custom autograd.Function."
        )

    @staticmethod
    def setup_context(ctx, inputs, output):
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx, *grad_outputs):
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom "
            "autograd.Function to use it with backward mode AD."
        )

    vjp = backward

    @classmethod
    def apply(cls, *args, **kwargs):
        """Run ``forward`` and put one node on the graph."""
        if mode.levels:
            args = lift(args)
        is_tensor = tuple(isinstance(a, TensorBase) for a in args)
        tensors = [a for a, yes in zip(args, is_tensor, strict=True) if yes]
        for tensor in tensors:
            tensor._value()
        edges = [edge_of(t) for t in tensors]
        track = mode.enabled and any(e is not None for e in edges)
        place = tensors[0]._value().device if tensors else None
        node = FunctionNode(cls, edges, place)
        node.is_tensor = is_tensor
        node.in_avals = [t._value().aval for t in tensors]
        node.needs_input_grad = tuple(
            isinstance(a, TensorBase) and edge_of(a) is not None for a in args
        )
        saved, mode.enabled = mode.enabled, False
        try:
            if cls.setup_context is not Function.setup_context:
                outputs = cls.forward(*args, **kwargs)
                cls.setup_context(node, args, outputs)
            else:
                outputs = cls.forward(node, *args, **kwargs)
        finally:
            mode.enabled = saved
        return _finish(node, tensors, outputs, track)


def _finish(node, tensors, outputs, track: bool):
    single = not isinstance(outputs, (tuple, list))
    items = (outputs,) if single else tuple(outputs)
    results = [_output(node, t, i, tensors, track) for i, t in enumerate(items)]
    node.out_avals = tuple(
        t._value().aval if isinstance(t, TensorBase) else None for t in items
    )
    if track:
        node.packed = tuple(_pack(node, t, items) for t in node._saved)
        if node.device is None and results:
            node.device = results[0]._value().device
    node.__dict__.pop("_saved", None)
    return results[0] if single else tuple(results)


def _pack(node, tensor, outputs):
    if tensor is None:
        return None
    for nr, out in enumerate(outputs):
        if out is tensor and edge_of(tensor) is None:
            return _Packed(tensor, node, nr)
    return _Packed(tensor, None, 0)


def _output(node, tensor, nr: int, inputs, track: bool):
    if not isinstance(tensor, TensorBase):
        return tensor
    dirty = any(tensor is d for d in node._dirty)
    if not dirty and any(tensor is i for i in inputs):
        tensor = wrap(tensor._value())  # an input returned as it is: a view of it
    floating = tensor._value().aval.dtype.category >= 2
    fixed = any(tensor is x for x in node._non_differentiable)
    if not (track and floating) or fixed:
        return tensor
    if dirty or edge_of(tensor) is None:
        result = tensor
        if not dirty and any(tensor is s for s in node._saved if s is not None):
            result = wrap(tensor._value())
        result._node, result._output_nr = node, nr
        result._requires_grad = False
        return result
    result = wrap(tensor._value())
    result._node, result._output_nr = node, nr
    return result


class Move(Function):
    """A copy on another device; its gradient comes back."""

    @staticmethod
    def forward(ctx, tensor, place):
        value = tensor._value()
        ctx.source = value.device
        return wrap(move(value, place))

    @staticmethod
    def backward(ctx, grad):
        return wrap(move(grad._value(), ctx.source)), None


def once_differentiable(backward):
    """Decorate a ``backward`` that cannot itself be differentiated."""

    def wrapper(ctx, *grads):
        saved, mode.enabled = mode.enabled, False
        try:
            return backward(ctx, *grads)
        finally:
            mode.enabled = saved

    return wrapper


__all__ = ["Function", "FunctionCtx", "Move", "RemovableHandle", "once_differentiable"]
