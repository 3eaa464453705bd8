"""Pruning: masks on parameters, applied before every forward.

``module.weight`` becomes ``weight_orig * weight_mask``: the parameter is kept as
``weight_orig``, the mask is a buffer.
"""

from __future__ import annotations

from collections.abc import Iterable

from .. import _torch as torch
from ._prune_base import BasePruningMethod, PruningContainer
from ._prune_methods import CustomFromMask as CustomFromMask
from ._prune_methods import Identity as Identity
from ._prune_methods import L1Unstructured as L1Unstructured
from ._prune_methods import LnStructured as LnStructured
from ._prune_methods import RandomStructured as RandomStructured
from ._prune_methods import RandomUnstructured as RandomUnstructured
from .convert_parameters import parameters_to_vector


def identity(module, name):
    """Prune nothing, but make mask and original."""
    Identity.apply(module, name)
    return module


def random_unstructured(module, name, amount):
    """Prune ``amount`` numbers at random: a count, or a fraction of all."""
    RandomUnstructured.apply(module, name, amount)
    return module


def l1_unstructured(module, name, amount, importance_scores=None):
    """Prune the ``amount`` smallest numbers, or those of the smallest scores."""
    L1Unstructured.apply(module, name, amount, importance_scores=importance_scores)
    return module


def random_structured(module, name, amount, dim):
    """Prune ``amount`` channels along ``dim`` at random."""
    RandomStructured.apply(module, name, amount, dim)
    return module


def ln_structured(module, name, amount, n, dim, importance_scores=None):
    """Prune the ``amount`` channels along ``dim`` with the smallest n-norm."""
    LnStructured.apply(
        module, name, amount, n, dim, importance_scores=importance_scores
    )
    return module


def custom_from_mask(module, name, mask):
    """Prune where ``mask`` is 0."""
    CustomFromMask.apply(module, name, mask)
    return module


def global_unstructured(
    parameters, pruning_method, importance_scores=None, **kwargs
) -> None:
    """Prune numbers of many parameters together.

    Args:
        parameters: ``(module, name)`` pairs.
        pruning_method: an unstructured method; it gets ``kwargs``.
        importance_scores: tensors by ``(module, name)``, in place of the parameters.
    """
    if not isinstance(parameters, Iterable):
        raise TypeError("global_unstructured(): parameters is not an Iterable")
    scores = {} if importance_scores is None else importance_scores
    if not isinstance(scores, dict):
        raise TypeError("global_unstructured(): importance_scores must be of type dict")
    parameters = list(parameters)
    tensors = [getattr(module, name) for module, name in parameters]
    pairs = list(zip(parameters, tensors, strict=True))
    important = parameters_to_vector([scores.get(key, t) for key, t in pairs])
    masks = [
        getattr(module, name + "_mask", torch.ones_like(t))
        for (module, name), t in pairs
    ]
    method = _unstructured(pruning_method, kwargs)
    container = PruningContainer()
    container._tensor_name = method._tensor_name = "temp"
    container.add_pruning_method(method)
    mask = container.compute_mask(important, parameters_to_vector(masks))
    start = 0
    for (module, name), tensor in pairs:
        end = start + tensor.numel()
        custom_from_mask(module, name, mask=mask[start:end].view_as(tensor))
        start = end


def _unstructured(pruning_method, kwargs):
    method = pruning_method(**kwargs)
    if method.PRUNING_TYPE != "unstructured":
        raise TypeError(
            'Only "unstructured" PRUNING_TYPE supported for the `pruning_method`. '
            f"Found method {pruning_method} of type {method.PRUNING_TYPE}"
        )
    return method


def remove(module, name):
    """Make the pruned tensor the parameter again."""
    for key, hook in module._forward_pre_hooks.items():
        if isinstance(hook, BasePruningMethod) and hook._tensor_name == name:
            hook.remove(module)
            del module._forward_pre_hooks[key]
            return module
    raise ValueError(
        f"Parameter '{name}' of module {module} has to be pruned before pruning can be "
        "removed"
    )


def is_pruned(module) -> bool:
    """Whether ``module`` or a module below has a pruned parameter."""
    return any(
        isinstance(hook, BasePruningMethod)
        for below in module.modules()
        for hook in below._forward_pre_hooks.values()
    )
