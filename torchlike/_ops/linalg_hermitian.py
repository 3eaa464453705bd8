"""Hermitian matrices: the matrix of one triangle, eigenvalues and eigenvectors."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from ._check import is_complex
from ._matrices import adjoint, square
from ._op import Array, op

_EIGH = ("linalg.eigh", "linalg_eigh_cpu")


def hermitian(A, upper: bool):
    """The matrix that one triangle of A gives; both share the gradient."""
    low = jnp.tril(A) + adjoint(jnp.tril(A, -1))
    high = jnp.triu(A) + adjoint(jnp.triu(A, 1))
    both = (A + adjoint(A)) / 2
    read = lax.stop_gradient(high if upper else low)
    if is_complex(A):  # LAPACK ignores the imaginary part of the diagonal
        read = jnp.where(jnp.eye(A.shape[-1], dtype=bool), jnp.real(read), read)
    return read + (both - lax.stop_gradient(both))


def _upper(UPLO: str) -> bool:
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return UPLO.upper() == "U"


@op(
    scope="linalg",
    method=False,
    returns=("eigenvalues", "eigenvectors"),
    out=True,
    backward="LinalgEighBackward0",
)
def eigh(A: Array, UPLO: str = "L") -> tuple:
    """Eigenvalues, rising, and eigenvectors of Hermitian matrices."""
    A = hermitian(square(A, *_EIGH), _upper(UPLO))
    w, v = jnp.linalg.eigh(A, symmetrize_input=False)
    return w, v


@op(scope="linalg", method=False, out=True, backward="LinalgEighBackward0")
def eigvalsh(A: Array, UPLO: str = "L") -> Array:
    """Eigenvalues, rising, of Hermitian matrices."""
    A = hermitian(square(A, *_EIGH), _upper(UPLO))
    return jnp.linalg.eigh(A, symmetrize_input=False)[0]
