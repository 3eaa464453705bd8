"""Module backward hooks: identity nodes around the inputs and the outputs."""

from __future__ import annotations

import warnings

from .._tensor import Tensor
from ..autograd import grad_mode
from ..autograd.function import Function


class _Passage(Function):
    """Identity on tensors; its backward shows the gradients to ``observe``."""

    @staticmethod
    def forward(ctx, observe, *tensors):
        ctx.observe = observe
        ctx.mark_non_differentiable(*(t for t in tensors if not t.requires_grad))
        ctx.set_materialize_grads(False)
        return tuple(t.view_as(t) for t in tensors)

    @staticmethod
    def backward(ctx, *grads):
        return (None, *ctx.observe(grads))


def _pass(observe, args):
    """Send the tensors among ``args`` through a passage; also tell where they are."""
    places = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
    wanted = any(args[i].requires_grad for i in places)
    if not (wanted and grad_mode.is_grad_enabled()):
        return args, None
    moved = list(args)
    for i, made in zip(
        places, _Passage.apply(observe, *(args[i] for i in places)), strict=True
    ):
        moved[i] = made
    is_plain = type(args) is tuple
    return (tuple(moved) if is_plain else type(args)(*moved)), places


def _spread(places, grads, size):
    full = [None] * size
    for i, grad in zip(places, grads, strict=True):
        full[i] = grad
    return tuple(full)


class BackwardHook:
    """One call of a module: gradients of its outputs, then those of its inputs."""

    def __init__(self, module, hooks, pre_hooks):
        self.module, self.hooks, self.pre_hooks = module, hooks, pre_hooks
        self.grad_outputs = None
        self.inputs = self.outputs = None
        self.input_count = self.output_count = 0

    def wrap_inputs(self, args):
        moved, self.inputs = _pass(self._at_inputs, args)
        self.input_count = len(args)
        return moved

    def wrap_outputs(self, result):
        is_tuple = isinstance(result, tuple)
        results = result if is_tuple else (result,)
        moved, self.outputs = _pass(self._at_outputs, results)
        self.output_count = len(results)
        return moved if is_tuple else moved[0]

    def _at_outputs(self, grads):
        grads = _spread(self.outputs, grads, self.output_count)
        for hook in self.pre_hooks:
            replaced = hook(self.module, grads)
            if replaced is not None:
                replaced = _as_tuple(replaced)
                if len(replaced) != len(grads):
                    raise RuntimeError(
                        "Backward pre hook returned an invalid number of grad_output, "
                        f"got {len(replaced)}, but expected {len(grads)}"
                    )
                grads = replaced
        if self.inputs is None:
            self._run_without_inputs(grads)
        else:
            self.grad_outputs = grads
        return tuple(grads[i] for i in self.outputs)

    def _run_without_inputs(self, grads):
        if self.hooks:
            warnings.warn(
                "Full backward hook is firing when gradients are computed with respect "
                "to module outputs since no inputs require gradients.",
                stacklevel=5,
            )
        nothing = (None,) * self.input_count
        for hook in self.hooks:
            replaced = hook(self.module, nothing, grads)
            if replaced is not None and any(g is not None for g in _as_tuple(replaced)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should "
                    "always return None or None for all gradients."
                )

    def _at_inputs(self, grads):
        grad_outputs, self.grad_outputs = self.grad_outputs, None
        if grad_outputs is None:
            return grads
        full = _spread(self.inputs, grads, self.input_count)
        for hook in self.hooks:
            replaced = hook(self.module, full, grad_outputs)
            if replaced is not None:
                replaced = _as_tuple(replaced)
                if len(replaced) != len(full):
                    raise RuntimeError(
                        "Backward hook returned an invalid number of grad_input, "
                        f"got {len(replaced)}, but expected {len(full)}"
                    )
                full = replaced
        return tuple(full[i] for i in self.inputs)


def _as_tuple(grads):
    return grads if isinstance(grads, tuple) else (grads,)


def register_grad_fn_hooks(module, hooks, args, result):
    """Hooks of the old form see the gradients of the last node of forward only."""
    while not isinstance(result, Tensor):
        if isinstance(result, dict):
            result = next(v for v in result.values() if isinstance(v, Tensor))
        else:
            result = result[0]
    if result.grad_fn is None:
        return
    for hook in hooks:
        result.grad_fn.register_hook(_Bound(hook, module))


class _Bound:
    def __init__(self, hook, module):
        self.hook, self.module = hook, module

    def __call__(self, grad_input, grad_output):
        return self.hook(self.module, grad_input, grad_output)
