"""Joining tensors: cat, stack and their relatives."""

from __future__ import annotations

import jax.numpy as jnp

from .._errors import wrap_dim
from . import _out, shapes, views
from ._forms import overloaded
from ._op import Array, Arrays, op


@overloaded(method=False, out=(_out.apart,), aliases=("concat", "concatenate"))
@op(scope=None, method=False, promote="tensors")
def cat(tensors: Arrays, dim: int = 0) -> Array:
    """Join along an existing dimension."""
    if not tensors:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    for i, t in enumerate(tensors):
        if t is None:
            raise TypeError(
                f"expected Tensor as element {i} in argument 0, but got NoneType"
            )
        if t.ndim == 0:
            raise RuntimeError(
                f"zero-dimensional tensor (at position {i}) cannot be concatenated"
            )
    # PyTorch skips 1-d tensors without elements, whatever the others' shapes.
    used = [t for t in tensors if t.shape != (0,)] or list(tensors[:1])
    dim = wrap_dim(dim, used[0].ndim)
    _check_sizes(used, tensors, dim)
    return jnp.concatenate(used, dim)


def _cat_stacked(stack, dim: int):
    dim = wrap_dim(dim, stack.ndim - 1)
    n, *shape = stack.shape
    shape[dim] *= n
    return jnp.moveaxis(stack, 0, dim).reshape(shape)


cat.op.joined = _cat_stacked


def _check_sizes(used, tensors, dim: int) -> None:
    first = used[0].shape
    for t in used[1:]:
        if t.ndim != len(first):
            raise RuntimeError(
                "Tensors must have same number of dimensions: got "
                f"{len(first)} and {t.ndim}"
            )
        for i, (n, m) in enumerate(zip(first, t.shape, strict=True)):
            if i != dim and n != m:
                where = next(k for k, x in enumerate(tensors) if x is t)
                raise RuntimeError(
                    "Sizes of tensors must match except in dimension "
                    f"{dim}. Expected size {n} but got size {m} for tensor number "
                    f"{where} in the list."
                )


@op(method=False, out=True, promote="tensors")
def stack(tensors: Arrays, dim: int = 0) -> Array:
    """Join along a new dimension."""
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    for i, t in enumerate(tensors):
        if t.shape != tensors[0].shape:
            raise RuntimeError(
                "stack expects each tensor to be equal size, but got "
                f"{list(tensors[0].shape)} at entry 0 and {list(t.shape)} at entry {i}"
            )
    return jnp.stack(tensors, wrap_dim(dim, tensors[0].ndim + 1))


stack.op.joined = lambda stack, dim: jnp.moveaxis(stack, 0, wrap_dim(dim, stack.ndim))


def _not_empty(name: str, tensors) -> None:
    if not len(tensors):
        raise RuntimeError(f"{name} expects a non-empty TensorList")


def _rank(tensor) -> int:
    return len(tensor._value().aval.shape)


@overloaded(method=False, out=True)
def hstack(tensors):
    """Join side by side."""
    _not_empty("hstack", tensors)
    tensors = (
        shapes.atleast_1d(*tensors)
        if len(tensors) > 1
        else (shapes.atleast_1d(tensors[0]),)
    )
    return cat(tensors, 0 if _rank(tensors[0]) == 1 else 1)


@overloaded(method=False, out=True, aliases=("row_stack",))
def vstack(tensors):
    """Join one below the other."""
    _not_empty("vstack", tensors)
    return cat([shapes.atleast_2d(t) for t in tensors], 0)


@overloaded(method=False, out=True)
def dstack(tensors):
    """Join in depth."""
    _not_empty("dstack", tensors)
    return cat([shapes.atleast_3d(t) for t in tensors], 2)


@overloaded(method=False, out=True)
def column_stack(tensors):
    """Vectors as columns, matrices side by side."""
    _not_empty("column_stack", tensors)
    columns = [
        views.reshape(t, (t.numel(), 1)) if _rank(t) <= 1 else t for t in tensors
    ]
    return hstack(columns)


@op(name="block_diag", scope=None, method=False, promote="tensors")
def _block_diag(tensors: Arrays) -> Array:
    for i, t in enumerate(tensors):
        if t.ndim > 2:
            raise RuntimeError(
                "torch.block_diag: Input tensors must have 2 or fewer dimensions. "
                f"Input {i} has {t.ndim} dimensions"
            )
    blocks = [jnp.atleast_2d(t) for t in tensors]
    rows, columns = sum(b.shape[0] for b in blocks), sum(b.shape[1] for b in blocks)
    made = jnp.zeros((rows, columns), blocks[0].dtype)
    i = j = 0
    for b in blocks:
        made = made.at[i : i + b.shape[0], j : j + b.shape[1]].set(b)
        i, j = i + b.shape[0], j + b.shape[1]
    return made


@overloaded(method=False)
def block_diag(*tensors):
    """A matrix with the given ones on its diagonal."""
    return _block_diag(tensors)
