"""PyTorch's modules, parameters and options as torchlike's, with the same contents."""

from __future__ import annotations

import dataclasses
import importlib

import torch as theirs

import torchlike as ours

from . import translate


def rebuild(item):
    """Our counterpart of a tensor, module, function, or of a container of them."""
    if isinstance(item, theirs.nn.Module):
        return _module(item)
    if isinstance(item, theirs.nn.Parameter):
        data = translate.tensor(item.detach())
        return ours.nn.Parameter(data, item.requires_grad)
    if isinstance(item, dict):
        return type(item)((k, rebuild(v)) for k, v in item.items())
    if isinstance(item, (list, tuple)) and not isinstance(item, theirs.Size):
        return type(item)(map(rebuild, item))
    if dataclasses.is_dataclass(item) and type(item).__module__.startswith("torch."):
        fields = {f.name: getattr(item, f.name) for f in dataclasses.fields(item)}
        return counterpart(type(item))(**rebuild(fields))
    return translate.Translator()(item)


def counterpart(kind: type) -> type:
    """Our class of the same public name, or of the same module and name."""
    if kind.__module__.startswith("torch.nn.modules.") and hasattr(
        theirs.nn, kind.__name__
    ):
        return translate.find(ours.nn, kind.__name__)
    place = importlib.import_module("torchlike" + kind.__module__[len("torch") :])
    return getattr(place, kind.__name__)


def _module(item):
    made = object.__new__(counterpart(type(item)))
    made.__setstate__({k: rebuild(v) for k, v in vars(item).items()})
    return made


def leaves(item):
    """The tensors of either library in a structure of containers, in order."""
    if isinstance(item, (theirs.Tensor, ours.Tensor)):
        yield item
    elif isinstance(item, dict):
        yield from leaves(list(item.values()))
    elif isinstance(item, (list, tuple)):
        for value in item:
            yield from leaves(value)


def as_leaves(item):
    """PyTorch's tensors without their history, so that backward fills ``grad``."""
    if isinstance(item, theirs.Tensor):
        return item.detach().requires_grad_(item.requires_grad)
    if isinstance(item, dict):
        return {k: as_leaves(v) for k, v in item.items()}
    if isinstance(item, (list, tuple)):
        return type(item)(map(as_leaves, item))
    return item
