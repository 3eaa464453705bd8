"""Decompositions of matrices: SVD, QR, eigenvalues, Cholesky, LU.

Signs and phases are those of LAPACK, which both PyTorch and XLA call on a CPU.
"""

from __future__ import annotations

from collections import namedtuple

import jax.numpy as jnp
from jax import lax
from jax.lax import linalg as lapack

from ._forms import overloaded
from ._matrices import adjoint, matrices, square
from ._op import Array, op

_SVD = ("linalg.svd", "linalg_svd_cpu")


def _svd(A, full: bool):
    thin = jnp.linalg.svd(A, full_matrices=False)
    if not full or A.shape[-1] == A.shape[-2]:
        return thin
    # XLA has no derivative of the full form; the further vectors have none anyway.
    u, s, vh = thin
    k = s.shape[-1]
    wide_u, _, wide_vh = jnp.linalg.svd(lax.stop_gradient(A), full_matrices=True)
    u = jnp.concatenate([u, wide_u[..., k:]], -1)
    return u, s, jnp.concatenate([vh, wide_vh[..., k:, :]], -2)


@op(scope=None, method=False, name="linalg_svd", returns=("U", "S", "Vh"))
def _linalg_svd(A: Array, full_matrices: bool) -> tuple:
    return tuple(_svd(matrices(A, *_SVD), full_matrices))


@overloaded(scope="linalg", method=False, out=True, name="svd")
def linalg_svd(A, full_matrices=True, *, driver=None):
    """A = U diag(S) Vh, singular values falling."""
    return _linalg_svd(A, bool(full_matrices))


@op(scope="linalg", method=False, out=True)
def svdvals(A: Array, *, driver: str | None = None) -> Array:
    """Singular values, falling."""
    return jnp.linalg.svd(matrices(A, *_SVD), compute_uv=False)


@op(returns=("U", "S", "V"), out=True)
def svd(input: Array, some: bool = True, compute_uv: bool = True) -> tuple:
    """input = U diag(S) V^H (the old form; ``some`` is the thin one)."""
    A = matrices(input, *_SVD)
    if not compute_uv:
        s = jnp.linalg.svd(A, compute_uv=False)
        m, n = A.shape[-2:]
        shape = A.shape[:-2]
        return jnp.zeros((*shape, m, m), A.dtype), s, jnp.zeros((*shape, n, n), A.dtype)
    u, s, vh = _svd(A, not some)
    return u, s, adjoint(vh)


# ----- QR ----------------------------------------------------------------------------


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


@op(scope="linalg", method=False, name="qr", returns=("Q", "R"), out=True)
def linalg_qr(A: Array, mode: str = "reduced") -> tuple:
    """A = QR, Q with orthonormal columns, R upper triangular."""
    if mode not in ("reduced", "r", "complete"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' "
            "(default), 'r', or 'complete'"
        )
    return _qr(A, mode)


@op(returns=("Q", "R"), out=True)
def qr(input: Array, some: bool = True) -> tuple:
    """input = QR (the old form; ``some`` is the reduced one)."""
    return _qr(input, "reduced" if some else "complete")


@op(scope="linalg", method=False, out=True)
def householder_product(A: Array, tau: Array) -> Array:
    """The first columns of a product of Householder reflections."""
    return lapack.householder_product(A, tau)


def hermitian(A, upper: bool):
    """The matrix that one triangle of A gives; both share the gradient."""
    low = jnp.tril(A) + adjoint(jnp.tril(A, -1))
    high = jnp.triu(A) + adjoint(jnp.triu(A, 1))
    both = (A + adjoint(A)) / 2
    read = lax.stop_gradient(high if upper else low)
    return read + (both - lax.stop_gradient(both))


# ----- eigenvalues -------------------------------------------------------------------

_EIGH = ("linalg.eigh", "linalg_eigh_cpu")
_EIG = ("linalg.eig", "linalg_eig_out_cpu")


@op(scope="linalg", method=False, returns=("eigenvalues", "eigenvectors"), out=True)
def eigh(A: Array, UPLO: str = "L") -> tuple:
    """Eigenvalues, rising, and eigenvectors of Hermitian matrices."""
    A = square(A, *_EIGH)
    A = hermitian(A, UPLO.upper() == "U")
    w, v = jnp.linalg.eigh(A, symmetrize_input=False)
    return w, v


@op(scope="linalg", method=False, out=True)
def eigvalsh(A: Array, UPLO: str = "L") -> Array:
    """Eigenvalues, rising, of Hermitian matrices."""
    A = square(A, *_EIGH)
    return jnp.linalg.eigh(A, UPLO=UPLO.upper(), symmetrize_input=False)[0]


@op(scope="linalg", method=False, returns=("eigenvalues", "eigenvectors"), out=True)
def eig(A: Array) -> tuple:
    """Eigenvalues and eigenvectors, complex, in LAPACK's order."""
    w, v = jnp.linalg.eig(square(A, *_EIG))
    return w, v


@op(scope="linalg", method=False, out=True)
def eigvals(A: Array) -> Array:
    """Eigenvalues, complex, in LAPACK's order."""
    return jnp.linalg.eigvals(square(A, "linalg.eigvals", _EIG[1]))


# ----- Cholesky ----------------------------------------------------------------------


def _cholesky(A, upper: bool, name: str = "linalg.cholesky"):
    """The lower triangle is read; the gradient is shared by both, as in PyTorch."""
    A = square(A, name, "cholesky_cpu")
    factor = lapack.cholesky(hermitian(A, upper))
    return adjoint(factor) if upper else factor


@op(scope="linalg", method=False, name="cholesky", out=True)
def linalg_cholesky(A: Array, *, upper: bool = False) -> Array:
    """A = L L^H. **Differs** from PyTorch: without one the result is NaN, no error."""
    return _cholesky(A, upper)


@op(scope="linalg", method=False, returns=("L", "info"), out=True)
def cholesky_ex(A: Array, *, upper: bool = False, check_errors: bool = False) -> tuple:
    """The factor and 0, or 1 where there is none (which minor failed is unknown)."""
    factor = _cholesky(A, upper)
    failed = jnp.isnan(factor).any((-2, -1))
    return factor, failed.astype(jnp.int32)


@op(out=True)
def cholesky(input: Array, upper: bool = False) -> Array:
    """input = L L^H (the old form)."""
    return _cholesky(input, upper, "cholesky")


# ----- LU ----------------------------------------------------------------------------


def _lu(A, name: str):
    if A.ndim < 2:
        raise RuntimeError(
            f"{name}: Expected tensor with 2 or more dimensions. Got size: "
            f"{list(A.shape)} instead"
        )
    return lapack.lu(matrices(A, name, "lu_cpu"))


@op(scope=None, method=False, name="linalg_lu", returns=())
def _factors(A: Array) -> tuple:
    packed, _, _ = _lu(A, "linalg.lu")
    m, n = A.shape[-2:]
    k = min(m, n)
    lower = jnp.tril(packed[..., :, :k], -1) + jnp.eye(m, k, dtype=A.dtype)
    return lower, jnp.triu(packed[..., :k, :])


@op(scope=None, method=False, name="linalg_lu", differentiable=False)
def _permutation(A: Array) -> Array:
    _, _, permutation = _lu(A, "linalg.lu")
    # Row i of the product is row permutation[i] of A.
    made = permutation[..., None] == jnp.arange(A.shape[-2])
    return jnp.swapaxes(made, -1, -2).astype(A.dtype)


_LU = namedtuple("linalg_lu", ("P", "L", "U"))


@overloaded(scope="linalg", method=False, out=True)
def lu(A, *, pivot=True):
    """A = P L U."""
    if not pivot:
        raise NotImplementedError("torch.linalg.lu: pivot=False is not implemented")
    return _LU(_permutation(A), *_factors(A))


@op(scope="linalg", method=False, returns=("LU", "pivots"), out=True)
def lu_factor(A: Array, *, pivot: bool = True) -> tuple:
    """L and U in one matrix, and the row swaps (counted from 1)."""
    packed, pivots, _ = _lu(A, "torch.lu_factor")
    return packed, pivots.astype(jnp.int32) + 1
