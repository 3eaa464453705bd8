"""``torch.utils``; what is below loads when first used."""

from __future__ import annotations

import importlib

from .. import _gaps
from ..autograd.variable import TensorBase
from . import data as data

_LAZY = _gaps.submodules(__spec__.submodule_search_locations)
_PRIVATE = frozenset({"_pytree", "_contextlib", "_python_dispatch"})


def set_module(obj, mod) -> None:
    """Set ``obj.__module__``."""
    if not isinstance(mod, str):
        raise TypeError("The mod argument should be a string")
    obj.__module__ = mod


def swap_tensors(t1, t2) -> None:
    """Exchange two tensors: their contents, attributes and classes."""
    t1.__class__, t2.__class__ = t2.__class__, t1.__class__
    # Not by the name: a class of the user's may have a `__dict__` of its own.
    fields = TensorBase.__dict__["__dict__"]
    own, other = fields.__get__(t1), fields.__get__(t2)
    fields.__set__(t1, other)
    fields.__set__(t2, own)


def __getattr__(name: str):
    if name in _LAZY or name in _PRIVATE:
        return importlib.import_module(f"{__name__}.{name}")
    raise _gaps.missing(name, "torch.utils")
