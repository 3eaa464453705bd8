"""PyTorch's values and modules as torchlike's, and the comparison of results."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import itertools

import numpy as np
import torch

import torchlike

# Relative and absolute, by dtype. Half precision: PyTorch rounds after every
# operation, torchlike once; two units in the last place of values around 1.
TOLERANCE = {
    "float64": (1e-9, 1e-11),
    "complex128": (1e-9, 1e-11),
    "float32": (1e-4, 1e-5),
    "complex64": (1e-4, 1e-5),
    "float16": (2e-3, 2e-3),
    "bfloat16": (1.6e-2, 1.6e-2),
}


class Different(Exception):
    """What differs between the two sides."""


def kind_of(dtype) -> str:
    """``float32`` and the like, for a dtype of either library."""
    return str(dtype).rpartition(".")[2]


def as_numpy(tensor) -> np.ndarray:
    """Contents; half precision, which NumPy lacks in part, as float32."""
    tensor = tensor.detach()
    if kind_of(tensor.dtype) in ("bfloat16", "float16"):
        tensor = tensor.float()
    return np.array(tensor.resolve_conj().resolve_neg().numpy())


def tensor_to(package, tensor):
    """A tensor of the other library with this one's contents."""
    made = package.from_numpy(as_numpy(tensor))
    made = made.to(getattr(package, kind_of(tensor.dtype)))
    return made.requires_grad_(True) if tensor.requires_grad else made


def to_ours(item):
    """Tensors, dtypes, modules, functions and containers of PyTorch as ours."""
    if isinstance(item, torch.nn.Module):
        return _module(item)
    if isinstance(item, torch.nn.Parameter):
        data = tensor_to(torchlike, item.detach())
        return torchlike.nn.Parameter(data, item.requires_grad)
    if isinstance(item, torch.Tensor):
        return tensor_to(torchlike, item)
    if isinstance(item, torch.dtype):
        return getattr(torchlike, kind_of(item))
    if isinstance(item, dict):
        return type(item)((k, to_ours(v)) for k, v in item.items())
    if isinstance(item, (list, tuple)):
        return type(item)(map(to_ours, item))
    if isinstance(item, functools.partial):
        return functools.partial(
            to_ours(item.func), *to_ours(item.args), **to_ours(item.keywords)
        )
    return _named(item)


def _named(item):
    """The counterpart of a function, or of an instance of a plain class."""
    name = getattr(item, "__name__", None)
    for spot, ours in (
        (torch.nn.functional, torchlike.nn.functional),
        (torch, torchlike),
    ):
        if name is not None and getattr(spot, name, None) is item:
            return getattr(ours, name)
    if dataclasses.is_dataclass(item) and type(item).__module__.startswith("torch."):
        fields = [f.name for f in dataclasses.fields(item)]
        return counterpart(item)(**{k: to_ours(getattr(item, k)) for k in fields})
    return item


def counterpart(item) -> type:
    """Our class of the same module and name as that of a PyTorch object."""
    kind = type(item)
    place = importlib.import_module("torchlike" + kind.__module__[len("torch") :])
    return getattr(place, kind.__name__)


def _module(theirs):
    """A module with the same settings and contents."""
    made = object.__new__(counterpart(theirs))
    made.__setstate__({k: to_ours(v) for k, v in vars(theirs).items()})
    return made


def leaves(item):
    """The tensors in a structure of containers, in order."""
    if isinstance(item, (torch.Tensor, torchlike.Tensor)):
        yield item
    elif isinstance(item, dict):
        for value in item.values():
            yield from leaves(value)
    elif isinstance(item, (list, tuple)):
        for value in item:
            yield from leaves(value)


def compare(ours, theirs, what: str, tolerance=None) -> None:
    """Raise Different where two structures of tensors are not the same."""
    pairs = itertools.zip_longest(leaves(ours), leaves(theirs))
    for i, (a, b) in enumerate(pairs):
        if a is None or b is None:
            raise Different(f"{what}: another number of tensors")
        _compare_tensors(a, b, f"{what}[{i}]", tolerance)


def _compare_tensors(ours, theirs, what: str, tolerance) -> None:
    if tuple(ours.shape) != tuple(theirs.shape):
        raise Different(f"{what}: shape {tuple(ours.shape)}, not {theirs.shape}")
    kind = kind_of(theirs.dtype)
    if kind_of(ours.dtype) != kind:
        raise Different(f"{what}: {kind_of(ours.dtype)}, not {kind}")
    relative, absolute = (tolerance or TOLERANCE).get(kind, (0, 0))
    a, b = as_numpy(ours), as_numpy(theirs)
    close = np.isclose(a, b, relative, absolute, equal_nan=True)
    if not close.all():
        worst = np.abs(a - b)[~close].max() if a.dtype != bool else 1
        raise Different(f"{what}: {(~close).sum()} of {a.size} differ, by {worst:.3g}")
