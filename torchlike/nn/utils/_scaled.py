"""What weight and spectral normalisation, old form and new, share."""

from __future__ import annotations

from .. import _torch as torch
from .. import functional as F


def norm_except_dim(weight, dim: int):
    """The norm over all dimensions but ``dim``; over all, if that is -1."""
    if dim == -1:
        return torch.norm(weight)
    others = [d for d in range(weight.dim()) if d != dim % weight.dim()]
    if not others:
        return weight.abs()
    return torch.norm(weight, 2, others, keepdim=True)


def scaled_by_norm(direction, norm, dim: int):
    """``direction`` with the norm ``norm``."""
    return direction * (norm / norm_except_dim(direction, dim))


def as_matrix(weight, dim: int):
    """(size of ``dim``, all the rest)."""
    return weight.movedim(dim, 0).flatten(1)


def power_iteration(matrix, u, v, times: int, eps: float) -> None:
    """Turn u and v, in place, towards the first pair of singular vectors."""
    for _ in range(times):
        u.copy_(F.normalize(torch.mv(matrix, v), dim=0, eps=eps))
        v.copy_(F.normalize(torch.mv(matrix.H, u), dim=0, eps=eps))
