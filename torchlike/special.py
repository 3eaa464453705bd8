"""torch.special: error, gamma, Bessel and entropy functions."""

from __future__ import annotations

from . import _gaps
from ._ops import _registry

globals().update(_registry.functions["special"])


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.special")
