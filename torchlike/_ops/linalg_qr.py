"""QR decompositions, and products of the reflections that LAPACK makes them of."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax
from jax.lax import linalg as lapack

from ._check import inexact_only, scalar_name
from ._matrices import adjoint, matrices
from ._op import Array, op


def _qr(A, mode: str):
    A = matrices(A, "linalg.qr", "geqrf_cpu")
    m, n = A.shape[-2:]
    if mode == "complete" and m > n:
        q, r = jnp.linalg.qr(lax.stop_gradient(A), mode="complete")
        return q, r
    # A wide matrix has the Q of its first columns.
    q, r = jnp.linalg.qr(A[..., :m])
    if m < n:
        r = jnp.concatenate([r, adjoint(q) @ A[..., m:]], -1)
    return (jnp.zeros(0, A.dtype), r) if mode == "r" else (q, r)


@op(
    scope="linalg",
    method=False,
    name="qr",
    returns=("Q", "R"),
    out=True,
    backward="LinalgQrBackward0",
)
def linalg_qr(A: Array, mode: str = "reduced") -> tuple:
    """A = QR, Q with orthonormal columns, R upper triangular."""
    if mode not in ("reduced", "r", "complete"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' "
            "(default), 'r', or 'complete'"
        )
    return _qr(A, mode)


@op(returns=("Q", "R"), out=True, backward="LinalgQrBackward0")
def qr(input: Array, some: bool = True) -> tuple:
    """input = QR (the old form; ``some`` is the reduced one)."""
    return _qr(input, "reduced" if some else "complete")


@op(returns=("a", "tau"), out=True, differentiable=False)
def geqrf(input: Array) -> tuple:
    """R above the diagonal, below it LAPACK's reflections; and their factors."""
    if input.ndim < 2:
        raise RuntimeError("torch.geqrf: input must have at least 2 dimensions.")
    inexact_only("geqrf_cpu", input)
    raw, tau = jnp.linalg.qr(input, mode="raw")
    return jnp.swapaxes(raw, -1, -2), tau


# ----- products of reflections -------------------------------------------------------


def _reflected(A, tau, C, adjoint_too: bool):
    """H₁ ⋯ H_k C (or its adjoint times C), H = 1 - tau v v^H, v below A's diagonal."""
    k = tau.shape[-1]
    lower = jnp.tril(A[..., :k], -1) + jnp.eye(A.shape[-2], k, dtype=A.dtype)

    def step(C, column):
        v, t = column
        row = jnp.conj(v)[..., None, :] @ C
        return C - t[..., None, None] * v[..., :, None] * row, None

    factors = jnp.conj(tau) if adjoint_too else tau
    columns = (jnp.moveaxis(lower, -1, 0), jnp.moveaxis(factors, -1, 0))
    return lax.scan(step, C, columns, reverse=not adjoint_too)[0]


def _by_reflections(A, tau):
    eye = jnp.eye(*A.shape[-2:], dtype=A.dtype)
    return _reflected(A, tau, jnp.broadcast_to(eye, A.shape), False)


@jax.custom_jvp
def _product(A, tau):
    return lapack.householder_product(A, tau)


@_product.defjvp
def _product_tangent(primals, tangents):
    """XLA has no derivative of its own: that of the reflections one by one."""
    return jax.jvp(_by_reflections, primals, tangents)


@op(
    scope="linalg",
    method=False,
    out=True,
    backward="LinalgHouseholderProductBackward0",
)
def householder_product(A: Array, tau: Array) -> Array:
    """The first columns of a product of Householder reflections."""
    return _orthogonal(A, tau)


@op(out=True, name="orgqr", backward="LinalgHouseholderProductBackward0")
def orgqr(input: Array, tau: Array) -> Array:
    """``linalg.householder_product`` (the old name)."""
    return _orthogonal(input, tau)


def _orthogonal(A, tau):
    name = "torch.linalg.householder_product"
    if A.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if A.shape[-2] < A.shape[-1]:
        raise RuntimeError(
            f"{name}: input.shape[-2] must be greater than or equal to input.shape[-1]"
        )
    if A.shape[-1] < tau.shape[-1]:
        raise RuntimeError(
            f"{name}: input.shape[-1] must be greater than or equal to tau.shape[-1]"
        )
    _check_tau(A, tau, name)
    if A.dtype != tau.dtype:
        raise RuntimeError(
            f"{name}: tau dtype {scalar_name(tau)} does not match input dtype "
            f"{scalar_name(A)}"
        )
    inexact_only("householder_product_cpu", A)
    return _product(A, tau) if A.size else A


def _check_tau(A, tau, name: str) -> None:
    if tau.ndim != A.ndim - 1:
        raise RuntimeError(
            f"{name}: Expected tau to have one dimension less than input, but got "
            f"tau.ndim equal to {tau.ndim} and input.ndim is equal to {A.ndim}"
        )
    if tau.shape[:-1] != A.shape[:-2]:
        raise RuntimeError(
            f"{name}: Expected batch dimensions of tau to be equal to "
            f"input.shape[:-2], but got {list(tau.shape[:-1])}"
        )


@op(out=True)
def ormqr(
    input: Array, tau: Array, other: Array, left: bool = True, transpose: bool = False
) -> Array:
    """Q · other, or other · Q, for the full Q of reflections; or its adjoint."""
    _check_ormqr(input, tau, other, left)
    if left:
        return _reflected(input, tau, other, transpose)
    return adjoint(_reflected(input, tau, adjoint(other), not transpose))


def _check_ormqr(A, tau, other, left: bool) -> None:
    name = "torch.ormqr"
    for what, x in (("input", A), ("other", other)):
        if x.ndim < 2:
            raise RuntimeError(f"{name}: {what} must have at least 2 dimensions.")
    side = -2 if left else -1
    if other.shape[side] < tau.shape[-1]:
        raise RuntimeError(
            f"{name}: other.shape[{side}] must be greater than or equal to "
            "tau.shape[-1]"
        )
    if other.shape[side] != A.shape[-2]:
        raise RuntimeError(
            f"{name}: other.shape[{side}] must be equal to input.shape[-2]"
        )
    if tau.shape[-1] != min(other.shape[side], A.shape[-1]):
        raise RuntimeError(
            f"{name}: tau.shape[-1] must be equal to min(other.shape[{side}], "
            "input.shape[-1])"
        )
    _check_tau(A, tau, name)
    for what, x in (("tau", tau), ("other", other)):
        if x.dtype != A.dtype:
            raise RuntimeError(
                f"{name}: Expected input and {what} to have the same dtype, but input "
                f"has dtype{scalar_name(A)} and {what} has dtype {scalar_name(x)}"
            )
    if other.shape[:-2] != A.shape[:-2]:
        raise RuntimeError(
            f"{name}: Expected batch dimensions of other to be equal to "
            f"input.shape[:-2], but got {list(other.shape[:-2])}"
        )
    inexact_only("ormqr_cpu", A)
