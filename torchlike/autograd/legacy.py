"""``torch.autograd.Variable``: the name tensors on the graph had before 0.4."""

from __future__ import annotations

from .variable import TensorBase


class _VariableMeta(type):
    def __instancecheck__(cls, instance) -> bool:
        return isinstance(instance, TensorBase)

    def __call__(cls, data, requires_grad: bool = False, volatile: bool = False):
        made = data.detach()
        return made.requires_grad_(True) if requires_grad else made


class Variable(metaclass=_VariableMeta):
    """Tensors are Variables; ``Variable(x)`` is ``x`` off the graph."""
