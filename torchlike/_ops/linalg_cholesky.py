"""Cholesky factors, and solutions and inverses from them."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from jax import lax
from jax.lax import linalg as lapack

from ._check import scalar_name
from ._forms import overloaded
from ._matrices import (
    SINGULAR,
    adjoint,
    at_least_2d,
    batched,
    check_info,
    fits_old,
    square,
    square_shape,
    triangular,
    zero_pivot,
)
from ._op import Array, op
from .linalg_hermitian import hermitian

_FAILED = (
    "The factorization could not be completed because the input is not "
    "positive-definite (the leading minor of order {} is not positive-definite)."
)


def _failing_minor(A):
    """The order of the first leading minor that is not positive; 0 if there is none.

    Elimination by outer products, a column at a time.
    """

    def column(k, carry):
        A, info = carry
        pivot = jnp.real(lax.dynamic_index_in_dim(A, k, -1, False)[..., k])
        bad = ~(pivot > 0)
        info = jnp.where(bad & (info == 0), (k + 1).astype(jnp.int32), info)
        below = lax.dynamic_index_in_dim(A, k, -1, False)
        scaled = below / jnp.where(bad, 1, pivot)[..., None]
        return A - scaled[..., :, None] * jnp.conj(below)[..., None, :], info

    info = jnp.zeros(A.shape[:-2], jnp.int32)
    return lax.fori_loop(0, A.shape[-1], column, (A, info))[1]


def _factor(A, upper: bool, name: str):
    """The lower factor and what failed; both triangles share the gradient."""
    A = square(A, name, "cholesky_cpu")
    A = hermitian(A, upper)
    low = lapack.cholesky(A, symmetrize_input=False)
    if not A.shape[-1]:
        return low, jnp.zeros(A.shape[:-2], jnp.int32)
    failed = jnp.isnan(lax.stop_gradient(low)).any()
    info = lax.cond(
        failed,
        _failing_minor,
        lambda x: jnp.zeros(x.shape[:-2], jnp.int32),
        lax.stop_gradient(A),
    )
    return low, info


@op(
    scope=None,
    method=False,
    name="linalg_cholesky_ex",
    returns=("L", "info"),
    backward="LinalgCholeskyExBackward0",
)
def _cholesky_ex(A: Array, upper: bool) -> tuple:
    low, info = _factor(A, upper, "linalg.cholesky")
    return adjoint(low) if upper else low, info


@overloaded(scope="linalg", method=False, out=True)
def cholesky_ex(A, *, upper=False, check_errors=False):
    """A = L L^H and 0, or the order of the minor that is not positive-definite.

    **Differs** from PyTorch: where there is no factor, L is NaN.
    """
    made = _cholesky_ex(A, bool(upper))
    if check_errors:
        check_info(made.info, "linalg.cholesky_ex", _FAILED)
    return made


@overloaded(scope="linalg", method=False, name="cholesky", out=True)
def linalg_cholesky(A, *, upper=False):
    """A = L L^H; LinAlgError where A is not positive-definite."""
    made, info = _cholesky_ex(A, bool(upper))
    check_info(info, "linalg.cholesky", _FAILED)
    return made


@op(scope=None, method=False, name="cholesky", returns=("L", "info"))
def _cholesky(input: Array, upper: bool) -> tuple:
    low, info = _factor(input, upper, "cholesky")
    return adjoint(low) if upper else low, info


@overloaded(out=True)
def cholesky(input, upper=False):
    """input = L L^H (the old form)."""
    made, info = _cholesky(input, bool(upper))
    check_info(info, "cholesky", _FAILED)
    return made


# ----- from the factor ---------------------------------------------------------------


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _inverse_of(upper: bool, L):
    low = adjoint(L) if upper else L
    eye = jnp.broadcast_to(jnp.eye(L.shape[-1], dtype=L.dtype), L.shape)
    half = triangular(low, eye, upper=False)
    return adjoint(half) @ half


@_inverse_of.defjvp
def _inverse_tangent(upper, primals, tangents):
    """As in PyTorch, the triangle that is not read has a gradient too."""
    (L,), (dL,) = primals, tangents
    X = _inverse_of(upper, L)
    change = adjoint(L) @ dL if upper else dL @ adjoint(L)
    return X, -X @ (change + adjoint(change)) @ X


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _solution(upper: bool, L, B):
    first = triangular(L, B, upper=upper, adjoint=upper)
    return triangular(L, first, upper=upper, adjoint=not upper)


@_solution.defjvp
def _solution_tangent(upper, primals, tangents):
    (L, B), (dL, dB) = primals, tangents
    X = _solution(upper, L, B)
    change = adjoint(L) @ dL if upper else dL @ adjoint(L)
    return X, _solution(upper, L, dB - (change + adjoint(change)) @ X)


@op(out=True)
def cholesky_solve(B: Array, L: Array, upper: bool = False) -> Array:
    """X of AX = B, given the Cholesky factor of A."""
    for letter, x in (("b", B), ("u", L)):
        if x.ndim < 2:
            raise RuntimeError(
                f"{letter} should have at least 2 dimensions, but has {x.ndim} "
                "dimensions instead"
            )
    square_shape(L, "")
    fits_old(L, B, "cholesky_solve")
    if B.dtype != L.dtype:
        raise RuntimeError(
            "Expected b and A to have the same dtype, but found b of type "
            f"{scalar_name(B)} and A of type {scalar_name(L)} instead."
        )
    L, B = batched(L, B)
    return _solution(upper, L, B)


@op(scope=None, method=False, name="cholesky_inverse", returns=("inverse", "info"))
def _inverse(L: Array, upper: bool) -> tuple:
    name = "cholesky_inverse"
    square(square_shape(at_least_2d(L, name), name), name, "cholesky_inverse_out_cpu")
    return _inverse_of(upper, L), zero_pivot(lax.stop_gradient(L))


@overloaded(out=True)
def cholesky_inverse(L, upper=False):
    """The inverse of A, given its Cholesky factor; LinAlgError for a singular one."""
    made, info = _inverse(L, bool(upper))
    check_info(info, "cholesky_inverse", SINGULAR)
    return made
