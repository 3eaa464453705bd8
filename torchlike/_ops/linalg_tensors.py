"""torch.linalg: chains of products, tensors as matrices, diagonals."""

from __future__ import annotations

import math

import jax.numpy as jnp

from .._errors import wrap_dim
from . import products, views
from ._check import is_bool, scalar_name, short
from ._forms import overloaded
from ._op import Array, Ints, op


def _check_chain(shapes) -> None:
    if len(shapes) < 2:
        raise RuntimeError(
            f"multi_dot(): expected at least 2 tensors but got {len(shapes)}"
        )
    for i, shape in enumerate(shapes):
        ends = {0: "first", len(shapes) - 1: "last"}
        if i in ends and len(shape) not in (1, 2):
            raise RuntimeError(
                f"multi_dot(): the {ends[i]} tensor must be 1D or 2D but got "
                f"{len(shape)}D"
            )
        if len(shape) != 2 and i not in ends:
            raise RuntimeError(
                f"multi_dot(): tensor {i} must be 2D but got {len(shape)}D"
            )
    for i, (a, b) in enumerate(zip(shapes, shapes[1:], strict=False)):
        if a[-1] != b[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {i} and {i + 1} with shapes {list(a)} and "
                f"{list(b)} cannot be multiplied"
            )


@overloaded(scope="linalg", method=False, out=True)
def multi_dot(tensors):
    """The product of several matrices in the cheapest order."""
    tensors = tuple(tensors)
    avals = [t._value().aval for t in tensors]
    _check_chain([a.shape for a in avals])
    for i, a in enumerate(avals):
        if a.dtype is not avals[0].dtype:
            raise RuntimeError(
                "multi_dot(): all tensors must have be the same dtype but tensor 0 is "
                f"{short(avals[0].dtype)} and tensor {i} {short(a.dtype)}"
            )
    return products.chain_matmul(*tensors)


@op(scope="linalg", method=False, out=True)
def tensorinv(A: Array, ind: int = 2) -> Array:
    """The inverse with respect to tensordot(…, ind)."""
    if ind <= 0:
        raise RuntimeError(
            f"Expected a strictly positive integer for 'ind', but got {ind}"
        )
    rows, columns = math.prod(A.shape[ind:]), math.prod(A.shape[:ind])
    if rows != columns:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == "
            f"prod(self.shape[:ind]), but got {rows} != {columns}"
        )
    return jnp.linalg.tensorinv(A, ind)


@op(scope="linalg", method=False, out=True)
def tensorsolve(A: Array, B: Array, dims: Ints | None = None) -> Array:
    """X of tensordot(A, X, X.ndim) = B."""
    if dims is not None:
        last = [wrap_dim(d, A.ndim) for d in dims]
        A = jnp.moveaxis(A, last, range(A.ndim - len(last), A.ndim))
    rows, columns = math.prod(A.shape[B.ndim :]), math.prod(A.shape[: B.ndim])
    if rows != columns:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            f"prod(self.shape[:other.ndim]), but got {rows} != {columns}"
        )
    flat = jnp.linalg.solve(A.reshape(columns, rows), B.reshape(-1))
    return flat.reshape(A.shape[B.ndim :])


@op(scope="linalg", method=False, name="vander")
def linalg_vander(x: Array, *, N: int | None = None) -> Array:
    """Rows of rising powers of each element."""
    if is_bool(x):
        raise RuntimeError(
            "linalg.vander supports floating point, complex, and integer tensors, but "
            f"got {scalar_name(x)}"
        )
    x = jnp.atleast_1d(x)
    n = x.shape[-1] if N is None else N
    if n < 2:
        raise RuntimeError("N must be greater than 1.")
    x = x if jnp.issubdtype(x.dtype, jnp.inexact) else x.astype(jnp.int64)
    powers = jnp.broadcast_to(x[..., None], (*x.shape, n - 1))
    ones = jnp.ones((*x.shape, 1), x.dtype)
    return jnp.concatenate([ones, jnp.cumprod(powers, -1)], -1)


@overloaded(scope="linalg", method=False, name="diagonal")
def linalg_diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """The diagonals of matrices, a view."""
    return views.diagonal(A, offset, dim1, dim2)
