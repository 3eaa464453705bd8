"""Ensembles of modules, and functions that change nothing."""

from __future__ import annotations

import functools

from .._engine import Lifted
from .._ops import join


def stack_module_state(models):
    """The parameters and the buffers of models of one kind, stacked along dimension 0.

    **Source** https://pytorch.org/docs/stable/generated/torch.func.stack_module_state.html
    """
    if not len(models):
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if not (all(m.training for m in models) or all(not m.training for m in models)):
        raise RuntimeError(
            "stack_module_state: Expected all models to have the same training/eval "
            "mode."
        )
    if not all(type(m) is type(models[0]) for m in models):
        raise RuntimeError(
            "stack_module_state: Expected all models to be of the same class."
        )
    parameters = [dict(m.named_parameters()) for m in models]
    buffers = [dict(m.named_buffers()) for m in models]
    return _stacked(parameters), _stacked(buffers)


def _stacked(tables) -> dict:
    return {name: _stack([t[name] for t in tables]) for name in tables[0]}


def _stack(tensors):
    wanted = [t.requires_grad for t in tensors]
    if len(set(wanted)) > 1:
        raise RuntimeError(
            "Expected parameters from each model to have the same .requires_grad"
        )
    stacked = join.stack(tensors)
    if all(t.is_leaf for t in tensors):
        return stacked.detach().requires_grad_(wanted[0])
    return stacked


def functionalize(func, *, remove="mutations"):
    """``func`` itself: recorded operations never change a value."""
    if remove not in ("mutations", "mutations_and_views"):
        raise RuntimeError(
            "functionalize(f, remove='mutations'): received invalid argument for "
            f"remove={remove}. Valid options are 'mutations' and 'mutations_and_views'."
        )
    return functools.wraps(func)(lambda *args, **kwargs: func(*args, **kwargs))


def debug_unwrap(tensor, *, recurse=True):
    """What a tensor inside of a transform holds."""
    value = tensor._value()
    if not isinstance(value, Lifted):
        return tensor
    return debug_unwrap(value.content) if recurse else value.content


def replace_all_batch_norm_modules_(root):
    """Make every BatchNorm of ``root`` work without running statistics."""
    for module in root.modules():
        if hasattr(module, "running_mean") and hasattr(module, "track_running_stats"):
            module.running_mean = None
            module.running_var = None
            module.num_batches_tracked = None
            module.track_running_stats = False
    return root
