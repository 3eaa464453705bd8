"""``torch._VF``: PyTorch's private way to the functions behind the layers."""

from __future__ import annotations

from . import _gaps
from ._ops import _registry


def __getattr__(name: str):
    found = _registry.functions["torch"].get(name)
    if found is None:
        raise _gaps.missing(name, "torch._VF")
    return found
