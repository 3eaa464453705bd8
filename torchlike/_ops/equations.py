"""Linear equations: of any matrix, of triangular ones, of those factored before.

**Differs** from PyTorch: a singular matrix gives inf or NaN, not an error: a recorded
op cannot look at values.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax.lax import linalg as lapack

from ._check import scalar_name
from ._matrices import adjoint, square
from ._op import Array, op


def _same_dtype(a, b, name: str) -> None:
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"{name}: Expected A and B to have the same dtype, but found A of type "
            f"{scalar_name(a)} and B of type {scalar_name(b)} instead"
        )


def _fits(a, b, left: bool, name: str) -> None:
    if a.shape[-1] != b.shape[-2 if left else -1]:
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {equation} "
            f"({a.shape[-2]}x{a.shape[-1]} and {b.shape[-2]}x{b.shape[-1]})"
        )


@op(scope="linalg", method=False, out=True)
def solve(A: Array, B: Array, *, left: bool = True) -> Array:
    """X of AX = B (or XA = B); B may be a vector or a batch of vectors."""
    A = square(A, "linalg.solve")
    _same_dtype(A, B, "linalg.solve")
    vector = B.ndim == 1 or (A.ndim - 1 == B.ndim and B.shape == A.shape[:-1])
    b = B[..., None] if vector else B
    _fits(A, b, left or vector, "linalg.solve")
    if left:
        x = jnp.linalg.solve(A, b)
    else:
        transposed = jnp.linalg.solve(jnp.swapaxes(A, -1, -2), jnp.swapaxes(b, -1, -2))
        x = jnp.swapaxes(transposed, -1, -2)
    return x[..., 0] if vector else x


def _triangular(A, B, upper: bool, left: bool, unit: bool, transpose=False):
    batch = jnp.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    A = jnp.broadcast_to(A, batch + A.shape[-2:])
    B = jnp.broadcast_to(B, batch + B.shape[-2:])
    return lapack.triangular_solve(
        A,
        B,
        left_side=left,
        lower=not upper,
        unit_diagonal=unit,
        transpose_a=transpose,
    )


@op(scope="linalg", method=False, out=True)
def solve_triangular(
    A: Array,
    B: Array,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
) -> Array:
    """X of AX = B (or XA = B) for a triangular A."""
    name = "linalg.solve_triangular"
    A = square(A, name)
    _same_dtype(A, B, name)
    _fits(A, B, left, name)
    return _triangular(A, B, upper, left, unitriangular)


@op(returns=("solution", "cloned_coefficient"), out=True)
def triangular_solve(
    b: Array,
    A: Array,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> tuple:
    """X of AX = b for a triangular A (the old form)."""
    return _triangular(A, b, upper, True, unitriangular, transpose), A


@op(out=True)
def cholesky_solve(B: Array, L: Array, upper: bool = False) -> Array:
    """X of AX = B, given the Cholesky factor of A."""
    low = adjoint(L) if upper else L
    half = _triangular(low, B, False, True, False)
    return _triangular(adjoint(low), half, True, True, False)


@op(out=True)
def cholesky_inverse(L: Array, upper: bool = False) -> Array:
    """The inverse of A, given its Cholesky factor."""
    low = adjoint(L) if upper else L
    half = _triangular(low, jnp.eye(L.shape[-1], dtype=L.dtype), False, True, False)
    return adjoint(half) @ half


def _lu_solve(LU, pivots, B):
    n = LU.shape[-1]
    swaps = lapack.lu_pivots_to_permutation(pivots - 1, n)
    rows = jnp.take_along_axis(B, swaps[..., None].astype(jnp.int64), -2)
    return _triangular(LU, _triangular(LU, rows, False, True, True), True, True, False)


@op(out=True, name="lu_solve")
def lu_solve(b: Array, LU_data: Array, LU_pivots: Array) -> Array:
    """X of AX = b, given the LU factors of A (the old form)."""
    return _lu_solve(LU_data, LU_pivots, b)


@op(scope="linalg", method=False, name="lu_solve", out=True)
def linalg_lu_solve(LU: Array, pivots: Array, B: Array) -> Array:
    """X of AX = B, given the LU factors of A."""
    return _lu_solve(LU, pivots, B)
