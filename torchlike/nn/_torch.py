"""PyTorch's functions by their names, as the layers call them."""

from __future__ import annotations

from .._gaps import missing
from .._ops import _registry

_functions = _registry.functions["torch"]


def __getattr__(name: str):
    found = _functions.get(name)
    if found is None:
        raise missing(name)
    globals()[name] = found
    return found
