"""Linear equations."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax
from jax.lax import linalg as lapack

from ._check import inexact_only
from ._forms import overloaded
from ._matrices import (
    at_least_2d,
    batched,
    check_info,
    fits,
    fits_old,
    same_dtype,
    square,
    square_shape,
    transposed,
    triangular,
    zero_pivot,
)
from ._op import Array, op

_FAILED = "The solver failed because the input matrix is singular."


@op(
    scope=None,
    method=False,
    name="linalg_solve_ex",
    returns=("result", "info"),
    backward="LinalgSolveExBackward0",
)
def _solve_ex(A: Array, B: Array, left: bool) -> tuple:
    name = "linalg.solve"
    A = square(A, name)
    same_dtype(A, B, name)
    vector = B.ndim == 1 or (A.ndim - 1 == B.ndim and B.shape == A.shape[:-1])
    b = B[..., None] if vector else B
    fits(A, b, left, name)
    info = zero_pivot(lapack.lu(lax.stop_gradient(A))[0])
    A, b = batched(A, b)
    if left:
        x = jnp.linalg.solve(A, b)
    else:
        x = transposed(jnp.linalg.solve(transposed(A), transposed(b)))
    return x[..., 0] if vector else x, info


@overloaded(scope="linalg", method=False, out=True)
def solve_ex(A, B, *, left=True, check_errors=False):
    """X of AX = B (or XA = B) and 0, or from 1 on the place of a zero pivot."""
    made = _solve_ex(A, B, bool(left))
    if check_errors:
        check_info(made.info, "torch.linalg.solve_ex", _FAILED)
    return made


@overloaded(scope="linalg", method=False, out=True)
def solve(A, B, *, left=True):
    """X of AX = B (or XA = B); B may be a vector or a batch of vectors.

    LinAlgError for a singular A.
    """
    made, info = _solve_ex(A, B, bool(left))
    check_info(info, "torch.linalg.solve", _FAILED)
    return made


@op(scope="linalg", method=False, out=True, backward="LinalgSolveTriangularBackward0")
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
    same_dtype(A, B, name)
    square_shape(at_least_2d(A, name), name)
    fits(A, B, left, name)
    inexact_only("triangular_solve_cpu", A)
    return triangular(A, B, upper=upper, left=left, unit=unitriangular)


@op(
    returns=("solution", "cloned_coefficient"),
    out=True,
    backward="TriangularSolveBackward0",
)
def triangular_solve(
    b: Array,
    A: Array,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> tuple:
    """X of AX = b for a triangular A (the old form)."""
    for letter, x in (("b", b), ("A", A)):
        if x.ndim < 2:
            raise RuntimeError(
                f"torch.triangular_solve: Expected {letter} to have at least 2 "
                f"dimensions, but it has {x.ndim} dimensions instead"
            )
    square_shape(A, "")
    fits_old(A, b, "triangular_solve")
    inexact_only("triangular_solve_cpu", A)
    A, b = batched(A, b)
    made = triangular(A, b, upper=upper, unit=unitriangular, adjoint=transpose)
    return made, A
