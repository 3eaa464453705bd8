"""Helpers of the distributions: broadcasting, probabilities and logits, lazy values."""

from __future__ import annotations

import contextlib
import functools
import math

import jax
import numpy as np

import torchlike as torch
from torchlike._devices import CPU
from torchlike._engine import Value
from torchlike._engine.record import ARRAY_TYPES, here
from torchlike._ops import categories
from torchlike._ops._host import read
from torchlike._ops._intercept import unwatched
from torchlike.autograd.grad_mode import mode
from torchlike.autograd.views import settled
from torchlike.nn import functional as F

euler_constant = 0.57721566490153286060  # Euler-Mascheroni

__all__ = [
    "broadcast_all",
    "logits_to_probs",
    "clamp_probs",
    "probs_to_logits",
    "lazy_property",
    "tril_matrix_to_vec",
    "vec_to_tril_matrix",
]

_Number = (int, float, bool)
_FEW = 4096  # bytes
_COMPARED = frozenset((torch.bool, torch.int64, torch.float32, torch.float64))


def broadcast_all(*values):
    """Tensors of one shape from tensors and numbers.

    Numbers take dtype and device of the first tensor, or the default dtype.
    """
    if not all(isinstance(v, (torch.Tensor, *_Number)) for v in values):
        raise ValueError(
            "Input arguments must all be instances of Number, torch.Tensor or objects "
            "implementing __torch_function__."
        )
    like = next((v for v in values if isinstance(v, torch.Tensor)), None)
    if like is None:
        options = {"dtype": torch.get_default_dtype()}
    else:
        options = {"dtype": like.dtype, "device": like.device}
    tensors = [
        v if isinstance(v, torch.Tensor) else torch.tensor(v, **options) for v in values
    ]
    return tuple(torch.broadcast_tensors(*tensors))


def numbers_only(*values) -> bool:
    """Whether all are Python numbers, so that the batch shape is empty."""
    return all(isinstance(v, _Number) for v in values)


def _standard_normal(shape, dtype, device):
    return torch.randn(shape, dtype=dtype, device=device)


def _sum_rightmost(value, dim: int):
    """Sum over the last ``dim`` dimensions."""
    if dim == 0:
        return value
    return value.reshape(value.shape[:-dim] + (-1,)).sum(-1)


def is_known(value) -> bool:
    """Whether the numbers can be read: not within a JAX transformation, not meta."""
    inner = value._value()
    return not (isinstance(inner.array, jax.core.Tracer) or value.is_meta)


def few_elements(tensor) -> np.ndarray | None:
    """The elements of a small CPU tensor, computed now if they are not yet.

    None within transformations, and for dtypes in which NumPy and PyTorch do not
    compare alike with every number: PyTorch makes a number one of a narrow integer
    first.
    """
    value = tensor._value()
    if value.__class__ is not Value or value.device is not CPU or mode.levels:
        return None
    if value.aval.nbytes > _FEW or value.aval.dtype not in _COMPARED:
        return None
    if value.array is not None and value.array.__class__ not in ARRAY_TYPES:
        return None  # of a transformation
    return read(tensor, "a check")


@contextlib.contextmanager
def at_once(tensor):
    """Small ops on a tensor that is computed already run on the host, unrecorded."""
    if not settled(tensor):
        yield
        return
    before = here.run_at_once(True)
    try:
        yield
    finally:
        here.run_at_once(before)


def all_hold(checks) -> bool:
    """Whether all elements of all boolean tensors are true; one look at the device.

    What cannot be read counts as true.
    """
    checks = [c.all() for c in checks if is_known(c)]
    if not checks:
        return True
    every = checks[0] if len(checks) == 1 else torch.stack(checks).all()
    return bool(every)


# ----- probabilities and logits ------------------------------------------------------


def logits_to_probs(logits, is_binary: bool = False):
    """Probabilities from log odds, or from unnormalised log probabilities."""
    if is_binary:
        return torch.sigmoid(logits)
    return F.softmax(logits, dim=-1)


def clamp_probs(probs):
    """Within [eps, 1 - eps] of the dtype, so that logarithms stay finite."""
    eps = torch.finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs, is_binary: bool = False):
    """The inverse of ``logits_to_probs`` for clamped probabilities."""
    if not is_binary and unwatched(probs):
        return categories.clamped_log(probs)
    clamped = clamp_probs(probs)
    if is_binary:
        return torch.log(clamped) - torch.log1p(-clamped)
    return torch.log(clamped)


def normalised(probs):
    """Probabilities whose sum along the last dimension is 1."""
    if unwatched(probs):
        return categories.normalised(probs)
    return probs / probs.sum(-1, keepdim=True)


def picked(values, index):
    """The element that ``index`` tells of each row of the last dimension."""
    if index.shape != values.shape[:-1]:
        index, values = torch.broadcast_tensors(index.unsqueeze(-1), values)
        index = index[..., :1]
    elif unwatched(values, index):
        return categories.picked(values, -1, index)
    else:
        index = index.unsqueeze(-1)
    return values.gather(-1, index).squeeze(-1)


def either(probs, logits):
    """Reject both and neither."""
    if (probs is None) == (logits is None):
        raise ValueError("Either `probs` or `logits` must be specified, but not both.")
    return probs if logits is None else logits


# ----- lazy properties ---------------------------------------------------------------


class lazy_property:
    """A property computed at its first reading and kept in the instance."""

    def __init__(self, wrapped):
        self.wrapped = wrapped
        functools.update_wrapper(self, wrapped)

    def __get__(self, instance, obj_type=None):
        if instance is None:
            return _lazy_property_and_property(self.wrapped)
        if mode.enabled:
            value = self.wrapped(instance)
        else:
            with torch.enable_grad():
                value = self.wrapped(instance)
        setattr(instance, self.wrapped.__name__, value)
        return value


@functools.lru_cache(maxsize=1 << 10)
def is_lazy(cls: type, name: str) -> bool:
    """Whether a class computes this attribute when it is first read."""
    return isinstance(getattr(cls, name, None), lazy_property)


class _lazy_property_and_property(lazy_property, property):
    """What a lazy property is when read from its class."""

    def __init__(self, wrapped):
        property.__init__(self, wrapped)


# ----- triangles ---------------------------------------------------------------------


def tril_matrix_to_vec(mat, diag: int = 0):
    """The lower triangle of (…, n, n), row by row, as a vector."""
    n = mat.shape[-1]
    if not -n <= diag < n:
        raise ValueError(f"diag ({diag}) provided is outside [{-n}, {n - 1}].")
    rows, columns = torch.tril_indices(n, n, offset=diag, device=mat.device)
    return mat[..., rows, columns]


def vec_to_tril_matrix(vec, diag: int = 0):
    """The inverse of ``tril_matrix_to_vec``; zeros above."""
    size = vec.shape[-1]
    n = _order(size, diag)
    if round(n) != n:
        raise ValueError(
            f"The size of last dimension is {size} which cannot be expressed as the "
            "lower triangular part of a square D x D matrix."
        )
    n = round(n)
    matrix = vec.new_zeros(vec.shape[:-1] + (n, n))
    rows, columns = torch.tril_indices(n, n, offset=diag, device=vec.device)
    matrix[..., rows, columns] = vec
    return matrix


def _order(size: int, diag: int) -> float:
    """The n whose triangle up to the diagonal ``diag`` has ``size`` numbers."""
    if diag < 0:  # a smaller triangle of n + diag rows
        return (math.sqrt(1 + 8 * size) - 1) / 2 - diag
    linear = 1 + 2 * diag
    corner = 4 * diag * (diag + 1)
    return (math.sqrt(linear * linear + corner + 8 * size) - linear) / 2
