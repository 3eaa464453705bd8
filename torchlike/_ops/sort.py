"""Order: sort, topk, kthvalue, and places in sorted sequences."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import lax

from .._errors import wrap_dim
from . import _out
from ._check import is_bool, is_complex
from ._forms import overloaded
from ._op import Array, op


def order(x, dim: int, descending: bool = False):
    """Indices that sort ``x`` stably; NaN counts as the largest."""
    x = lax.stop_gradient(x)
    x = x.astype(jnp.uint8) if is_bool(x) else x
    if not descending:
        return jnp.argsort(x, dim, stable=True).astype(jnp.int64)
    # Backwards twice keeps equal elements in their order.
    backwards = jnp.argsort(jnp.flip(x, dim), dim, stable=True)
    return jnp.flip(x.shape[dim] - 1 - backwards, dim).astype(jnp.int64)


def sorted_along(x, dim: int, descending: bool = False):
    """Sorted values and their indices."""
    where = order(x, dim, descending)
    return jnp.take_along_axis(x, where, dim), where


def _ordered(x, dim: int, name: str):
    dim = wrap_dim(dim, x.ndim)
    if is_complex(x):
        raise RuntimeError(f" {name} does not support complex dtypes on CPU")
    return jnp.atleast_1d(x), dim


@op(name="sort", scope=None, method=False, returns=("values", "indices"))
def _sort(input: Array, dim: int, descending: bool) -> tuple:
    x, dim = _ordered(input, dim, "Sort")
    values, where = sorted_along(x, dim, descending)
    return values.reshape(input.shape), where.reshape(input.shape)


@overloaded(out=True)
def sort(input, dim=-1, descending=False, stable=None):
    """Sorted values and their indices; equal elements keep their order."""
    return _sort(input, dim, bool(descending))


@op(name="argsort", scope=None, method=False, differentiable=False)
def _argsort(input: Array, dim: int, descending: bool) -> Array:
    x, dim = _ordered(input, dim, "Sort")
    return order(x, dim, descending).reshape(input.shape)


@overloaded(out=True)
def argsort(input, dim=-1, descending=False, stable=False):
    """The indices that sort ``input``."""
    return _argsort(input, dim, bool(descending))


@op(out=True)
def msort(input: Array) -> Array:
    """Sorted along the first dimension."""
    x, dim = _ordered(input, 0, "Sort")
    return sorted_along(x, dim)[0].reshape(input.shape)


@op(out=True, returns=("values", "indices"))
def topk(
    input: Array, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> tuple:
    """The k largest (or smallest) elements along ``dim``, in order."""
    x, dim = _ordered(input, dim, "topk")
    if is_bool(x):
        raise RuntimeError("topk does not support bool dtypes on CPU")
    if not 0 <= k <= x.shape[dim]:
        raise RuntimeError("selected index k out of range")
    if largest and not is_bool(x):
        last = jnp.moveaxis(lax.stop_gradient(x), dim, -1)
        where = jnp.moveaxis(lax.top_k(last, k)[1], -1, dim).astype(jnp.int64)
    else:
        where = lax.slice_in_dim(order(x, dim, largest), 0, k, axis=dim)
    values = jnp.take_along_axis(x, where, dim)
    return (values, where) if input.ndim else (values[0], where[0])


@overloaded(out=(_out.apart,))
@op(scope=None, method=False, returns=("values", "indices"))
def kthvalue(input: Array, k: int, dim: int = -1, keepdim: bool = False) -> tuple:
    """The k-th smallest element along ``dim``."""
    x, dim = _ordered(input, dim, "kthvalue")
    if not 1 <= k <= x.shape[dim]:
        raise RuntimeError(
            f"kthvalue(): selected number k out of range for dimension {dim}"
        )
    where = lax.slice_in_dim(order(x, dim), k - 1, k, axis=dim)
    values = jnp.take_along_axis(x, where, dim)
    if keepdim and input.ndim:
        return values, where
    return values.squeeze(dim), where.squeeze(dim)


# ----- places in sorted sequences ----------------------------------------------------


def _places(boundaries, x, side: str, out_int32: bool):
    if boundaries.ndim <= 1:
        found = jnp.searchsorted(boundaries, x, side=side)
    else:
        one = jax.vmap(lambda b, v: jnp.searchsorted(b, v, side=side))
        n, rows = boundaries.shape[-1], math.prod(boundaries.shape[:-1])
        found = one(boundaries.reshape(rows, n), x.reshape(rows, x.shape[-1]))
        found = found.reshape(x.shape)
    return found.astype(jnp.int32 if out_int32 else jnp.int64)


@op(promote="sorted_sequence input", differentiable=False, method=False, out=True)
def searchsorted(
    sorted_sequence: Array,
    input: Array,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Array | None = None,
) -> Array:
    """Where each value would be inserted in a sorted sequence."""
    if side not in (None, "left", "right"):
        raise RuntimeError(
            f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}"
        )
    if side == "left" and right:
        raise RuntimeError(
            "torch.searchsorted(): side and right can't be set to opposites, got side "
            "of left while right was True"
        )
    a = sorted_sequence
    if a.ndim > 1 and (input.ndim != a.ndim or a.shape[:-1] != input.shape[:-1]):
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the "
            "first N-1 dimensions of boundaries tensor and input value tensor must "
            "match, "
            f"but we got boundaries tensor {list(a.shape)} and input value tensor "
            f"{list(input.shape)}"
        )
    if sorter is not None:
        a = jnp.take_along_axis(a, sorter, -1)
    return _places(a, input, "right" if right or side == "right" else "left", out_int32)


@op(promote="input boundaries", differentiable=False, method=False, out=True)
def bucketize(
    input: Array, boundaries: Array, *, out_int32: bool = False, right: bool = False
) -> Array:
    """The bucket of each value: the number of boundaries below it."""
    if boundaries.ndim != 1:
        raise RuntimeError(
            f"boundaries tensor must be 1 dimension, but got dim({boundaries.ndim})"
        )
    return _places(boundaries, input, "right" if right else "left", out_int32)
