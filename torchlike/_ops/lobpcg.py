"""A few extreme eigenpairs of a symmetric matrix.

**Differs** from PyTorch's iteration (A. Knyazev's LOBPCG): the eigenvalues come from a
full decomposition, which XLA compiles well, so they are at least as precise. What
steers the iteration (``X``, ``iK``, ``niter``, ``tol``, ``method``, ``tracker``) is
accepted and changes nothing; a sparse matrix is made dense.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from ._check import not_implemented
from ._matrices import transposed
from ._op import Array, composite, op
from .sparse_tensors import to_dense
from .sparse_values import is_sparse


@op(name="lobpcg", scope=None, method=False, returns=())
def _extreme(A: Array, B: Array | None, k: int, largest: bool) -> tuple:
    """The k largest (falling) or smallest (rising) eigenvalues, and the vectors."""
    if A.dtype not in (jnp.float32, jnp.float64):
        raise not_implemented("lobpcg", A)
    if B is None:
        values, vectors = jnp.linalg.eigh(A)
    else:  # B = L Lᵀ makes it the problem of L⁻¹ A L⁻ᵀ
        lower = jnp.linalg.cholesky(B)
        half = lax.linalg.triangular_solve(lower, A, left_side=True, lower=True)
        whole = lax.linalg.triangular_solve(
            lower, half, left_side=False, lower=True, transpose_a=True
        )
        values, vectors = jnp.linalg.eigh((whole + transposed(whole)) / 2)
        vectors = lax.linalg.triangular_solve(
            lower, vectors, left_side=True, lower=True, transpose_a=True
        )
    if largest:
        values, vectors = jnp.flip(values, -1), jnp.flip(vectors, -1)
    return values[..., :k], vectors[..., :k]


@composite
def lobpcg(
    A,
    k=None,
    B=None,
    X=None,
    n=None,
    iK=None,
    niter=None,
    tol=None,
    largest=None,
    method=None,
    tracker=None,
    ortho_iparams=None,
    ortho_fparams=None,
    ortho_bparams=None,
):
    """The ``k`` largest (or smallest) eigenpairs of A x = λ B x.

    **Shape** A, B (…, m, m), m ≥ 3 k; results (…, k) and (…, m, k).
    """
    shape = tuple(A.shape)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise AssertionError(f"A must be square, got shape {A.shape}")
    if k is None:
        k = 1 if X is None else X.shape[-1]
    n = k if n is None else n
    if shape[-1] < 3 * n:
        raise ValueError(
            "LOBPCG algorithm is not applicable when the number of A rows "
            f"(={shape[-1]}) is smaller than 3 x the number of requested eigenpairs "
            f"(={n})"
        )
    A, B = (to_dense(x) if x is not None and is_sparse(x) else x for x in (A, B))
    return _extreme(A, B, k, largest is None or bool(largest))
