"""Operators that ``torch.library`` registers: kernels by device, and a derivative."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from ._ops import _intercept
from ._tensor import Tensor
from .autograd.function import Function
from .autograd.grad_mode import is_grad_enabled, no_grad
from .utils import _pytree

# What PyTorch's dispatch keys mean here: a device, any device, or the place above
# autograd, where the kernel's own operations give the derivative.
_PLACES = {
    "CPU": "cpu",
    "CUDA": "cuda",
    "Meta": "meta",
    "CompositeExplicitAutograd": "default",
    "CompositeImplicitAutograd": "implicit",
    "": "implicit",
}


class Operator:
    """``torch.ops.namespace.name``; calling it runs the kernel for the device."""

    def __init__(self, namespace: str, name: str) -> None:
        self.namespace, self.__name__ = namespace, name
        self.__module__ = f"torch.ops.{namespace}"
        self.kernels: dict[str, Callable] = {}
        self.backward: Callable | None = None
        self.setup_context: Callable | None = None
        self.tags: tuple = ()

    def __repr__(self) -> str:
        return f"{self.namespace}.{self.__name__}"

    def name(self) -> str:
        """``namespace::name``."""
        return f"{self.namespace}::{self.__name__}"

    _name = _qualname = _qualified_op_name = property(name)

    @property
    def default(self) -> Operator:
        """The only overload."""
        return self

    def overloads(self) -> list[str]:
        """The names of the overloads."""
        return ["default"]

    def put(self, place: str, kernel: Callable) -> None:
        """Give a kernel for a device type or one of PyTorch's dispatch keys."""
        key = "autograd" if place.startswith("Autograd") else place
        self.kernels[_PLACES.get(key, key)] = kernel

    def __call__(self, *args, **kwargs):
        found = _intercept.overriding(args, kwargs)
        if found:
            return _intercept.dispatch(self, found, args, kwargs)
        leaves, spec = _pytree.tree_flatten((args, kwargs))
        tensors = [x for x in leaves if isinstance(x, Tensor)]
        above = self.kernels.get("autograd")
        if above is not None:
            return above(*args, **kwargs)
        kernel, own = self._kernel(tensors[0].device.type if tensors else "cpu")
        if own:
            return kernel(*args, **kwargs)
        if is_grad_enabled() and any(x.requires_grad for x in tensors):
            return _with_derivative(self, kernel, leaves, spec)
        with no_grad():
            return kernel(*args, **kwargs)

    def _kernel(self, device: str):
        """The kernel, and whether its own operations give the derivative."""
        for place in (device, "default"):
            if place in self.kernels and (place != "default" or device != "meta"):
                return self.kernels[place], False
        if "implicit" in self.kernels:
            return self.kernels["implicit"], True
        if device == "meta" and self.kernels:
            raise RuntimeError(
                f"There was no fake impl registered for {self!r}. Please use "
                "`register_fake` to add one."
            )
        raise NotImplementedError(
            f"Could not run '{self.name()}' with arguments from the "
            f"'{device.upper()}' backend."
        )


class _Context:
    """``ctx`` of an operator's derivative: its inputs are counted as the user's."""

    def __init__(self, node, needs_input_grad: tuple) -> None:
        self._node, self.needs_input_grad = node, needs_input_grad
        self.save_for_backward = node.save_for_backward
        self.mark_non_differentiable = node.mark_non_differentiable
        self.set_materialize_grads = node.set_materialize_grads

    @property
    def saved_tensors(self) -> tuple:
        """The tensors given to ``save_for_backward``."""
        return self._node.saved_tensors


def _with_derivative(operator: Operator, kernel, leaves: list, spec):
    """Run the kernel under one node; its backward is the registered one."""
    held = _Run(operator, kernel, leaves, spec)

    class Derivative(Function):
        node_name = f"{operator!r}".replace(".", "_") + "_Backward"

        @staticmethod
        def forward(ctx, *tensors):
            return held.forward(ctx, tensors)

        @staticmethod
        def backward(ctx, *grads):
            return held.backward(grads)

    flat = Derivative.apply(*(leaves[i] for i in held.places))
    if held.output_spec is None:
        return held.plain
    items = flat if isinstance(flat, tuple) else (flat,)
    return _pytree.tree_unflatten(list(items), held.output_spec)


def _wants_grad(x) -> bool:
    return isinstance(x, Tensor) and x.requires_grad


def _positional(kernel, args: tuple, kwargs: dict, *, defaults=False) -> tuple:
    """Inputs given by name, at the place they have in the signature."""
    bound = inspect.signature(kernel).bind(*args, **kwargs)
    if defaults:
        bound.apply_defaults()
    return bound.args


class _Run:
    """One call that has a derivative."""

    def __init__(self, operator: Operator, kernel, leaves: list, spec) -> None:
        self.operator, self.kernel = operator, kernel
        self.leaves, self.spec = leaves, spec
        self.places = [i for i, x in enumerate(leaves) if isinstance(x, Tensor)]
        self.output_spec = self.plain = None

    def forward(self, node, tensors):
        """Run the kernel; flat outputs."""
        leaves = list(self.leaves)
        for i, tensor in zip(self.places, tensors, strict=True):
            leaves[i] = tensor
        args, kwargs = _pytree.tree_unflatten(leaves, self.spec)
        output = self.kernel(*args, **kwargs)
        given = _positional(self.kernel, args, kwargs)
        self.context = _Context(node, _pytree.tree_map(_wants_grad, given))
        if self.operator.setup_context is not None:
            inputs = _positional(self.kernel, args, kwargs, defaults=True)
            self.operator.setup_context(self.context, inputs, output)
        flat, self.output_spec = _pytree.tree_flatten(output)
        if output is None:
            self.output_spec = None
            return ()
        return tuple(flat)

    def backward(self, grads):
        """The gradients of the flat tensors."""
        if self.operator.backward is None:
            raise RuntimeError(
                f"Trying to backward through {self.operator!r}.default but no autograd "
                "formula was registered. Please use register_autograd to add one."
            )
        made = _pytree.tree_unflatten(list(grads), self.output_spec)
        single = len(grads) == 1 and not isinstance(made, (tuple, list))
        given = (made,) if single or isinstance(made, list) else tuple(made)
        result = self.operator.backward(self.context, *given)
        result = result if isinstance(result, tuple) else (result,)
        return tuple(self._flat(result))

    def _flat(self, result) -> list:
        """One gradient for each tensor among the inputs."""
        values = _positional(
            self.kernel, *_pytree.tree_unflatten(self.leaves, self.spec)
        )
        flat: list = []
        for value, grad in zip(values, result, strict=False):
            leaves = _pytree.tree_leaves(value)
            tensors = [isinstance(x, Tensor) for x in leaves]
            grads = grad if isinstance(value, (list, tuple)) and grad else [grad]
            if len(grads) != len(leaves):
                grads = [None] * len(leaves)
            flat += [g for g, yes in zip(grads, tensors, strict=True) if yes]
        return flat + [None] * (len(self.places) - len(flat))
