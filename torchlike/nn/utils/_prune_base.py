"""What all pruning methods share, and the container of several."""

from __future__ import annotations

from abc import ABC, abstractmethod

from .. import _torch as torch


class BasePruningMethod(ABC):
    """A method of pruning; subclasses say which numbers in ``compute_mask``.

    ``PRUNING_TYPE`` is ``unstructured``, ``structured`` (then ``dim`` is the dimension
    of the channels) or ``global``.
    """

    _tensor_name: str

    def __call__(self, module, inputs) -> None:
        setattr(module, self._tensor_name, self.apply_mask(module))

    @abstractmethod
    def compute_mask(self, t, default_mask):
        """A mask for the scores ``t``, on top of ``default_mask``."""

    def apply_mask(self, module):
        """The pruned tensor: the original times the mask."""
        if self._tensor_name is None:
            raise AssertionError(f"Module {module} has to be pruned")
        original = getattr(module, self._tensor_name + "_orig")
        mask = getattr(module, self._tensor_name + "_mask")
        return mask.to(dtype=original.dtype) * original

    @classmethod
    def apply(cls, module, name, *args, importance_scores=None, **kwargs):
        """Prune ``module.<name>`` from now on, on top of any earlier pruning."""
        method = _joined(module, name, cls(*args, **kwargs))
        first = not isinstance(method, PruningContainer)
        now = getattr(module, name)
        if importance_scores is None:
            importance_scores = now
        _check_scores(importance_scores, now, f"parameter {name} of {module}")
        if first:
            module.register_parameter(name + "_orig", now)
            del module._parameters[name]
            default = torch.ones_like(now)
        else:
            default = getattr(module, name + "_mask").detach().clone()
        try:
            mask = method.compute_mask(importance_scores, default_mask=default)
            module.register_buffer(name + "_mask", mask.detach())
            setattr(module, name, method.apply_mask(module))
            module.register_forward_pre_hook(method)
        except Exception:
            if first:
                del module._parameters[name + "_orig"]
                module.register_parameter(name, now)
            raise
        return method

    def prune(self, t, default_mask=None, importance_scores=None):
        """A pruned copy of the tensor ``t``."""
        scores = t if importance_scores is None else importance_scores
        _check_scores(scores, t, "tensor t")
        default = torch.ones_like(t) if default_mask is None else default_mask
        return t * self.compute_mask(scores, default_mask=default)

    def remove(self, module) -> None:
        """Make the pruned tensor the parameter again; nothing is un-pruned."""
        name = self._tensor_name
        if name is None:
            raise AssertionError(
                f"Module {module} has to be pruned before pruning can be removed"
            )
        weight = self.apply_mask(module)
        if hasattr(module, name):
            delattr(module, name)
        original = module._parameters[name + "_orig"]
        original.data = weight.data
        del module._parameters[name + "_orig"]
        del module._buffers[name + "_mask"]
        setattr(module, name, original)


def _check_scores(scores, tensor, what: str) -> None:
    if scores.shape != tensor.shape:
        raise AssertionError(
            f"importance_scores should have the same shape as {what}, got "
            f"{scores.shape} vs {tensor.shape}"
        )


def _joined(module, name: str, method):
    """``method``, in a container with those that pruned this tensor before."""
    method._tensor_name = name
    hooks = module._forward_pre_hooks
    old = [
        key
        for key, hook in hooks.items()
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name
    ]
    if len(old) > 1:
        raise AssertionError(
            "Avoid adding multiple pruning hooks to the same tensor "
            f"{name} of module {module}. Use a PruningContainer."
        )
    if not old:
        return method
    before = hooks.pop(old[0])
    if not isinstance(before, PruningContainer):
        before = PruningContainer(before)
    before.add_pruning_method(method)
    return before


class PruningContainer(BasePruningMethod):
    """Several methods on one tensor, each pruning what the others left."""

    def __init__(self, *args):
        self._pruning_methods: tuple[BasePruningMethod, ...] = ()
        if len(args) == 1:
            self._tensor_name = args[0]._tensor_name
        for method in args:
            self.add_pruning_method(method)

    def add_pruning_method(self, method) -> None:
        """Append a method that acts on the same tensor."""
        if not isinstance(method, BasePruningMethod) and method is not None:
            raise TypeError(f"{type(method)} is not a BasePruningMethod subclass")
        if method is not None and self._tensor_name != method._tensor_name:
            raise ValueError(
                "Can only add pruning methods acting on the parameter named "
                f"'{self._tensor_name}' to PruningContainer {self}. Found "
                f"'{method._tensor_name}'"
            )
        self._pruning_methods += (method,)

    def __len__(self) -> int:
        return len(self._pruning_methods)

    def __iter__(self):
        return iter(self._pruning_methods)

    def __getitem__(self, idx):
        return self._pruning_methods[idx]

    def compute_mask(self, t, default_mask):
        """What the last method prunes of that which ``default_mask`` leaves."""
        method = self._pruning_methods[-1]
        left = _left(method, t, default_mask)
        mask = default_mask.to(dtype=t.dtype).clone()
        part = method.compute_mask(t[left], default_mask=default_mask[left])
        mask[left] = part.to(dtype=mask.dtype)
        return mask


def _left(method, t, mask):
    """The index of what is not pruned yet."""
    if method.PRUNING_TYPE == "unstructured":
        return mask == 1
    if method.PRUNING_TYPE == "global":
        return (slice(None),) * t.dim()
    if method.PRUNING_TYPE != "structured":
        raise ValueError(f"Unrecognized PRUNING_TYPE {method.PRUNING_TYPE}")
    if not hasattr(method, "dim"):
        raise AttributeError(
            'Pruning methods of PRUNING_TYPE "structured" need to have the attribute '
            "`dim` defined."
        )
    dim = method.dim + t.dim() if method.dim < 0 else method.dim
    if dim < 0:
        raise IndexError(f"Index is out of bounds for tensor with dimensions {t.dim()}")
    others = [d for d in range(t.dim()) if d != dim]
    index = [slice(None)] * t.dim()
    index[dim] = mask.sum(dim=others) != 0
    return tuple(index)
