"""torch.linalg: norms, decompositions, solvers."""

from __future__ import annotations

from . import _gaps
from ._ops import _registry


class LinAlgError(RuntimeError):
    """A matrix is singular or not positive-definite."""


globals().update(_registry.functions["linalg"])


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.linalg")
