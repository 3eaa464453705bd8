"""Singular values and principal components of low rank, by random projections.

**Source** N. Halko, P.-G. Martinsson and J. A. Tropp, "Finding structure with
randomness", arXiv:0909.4061 (2009), algorithms 4.4 and 5.1.
"""

from __future__ import annotations

from .. import _dtypes
from ._forms import overloaded
from .linalg_qr import linalg_qr
from .linalg_svd import linalg_svd
from .matmul import matmul
from .random import randn
from .reduce import mean
from .views import broadcast_to


def _shape(A) -> tuple[int, ...]:
    return A._value().aval.shape


def _orthonormal(X):
    return linalg_qr(X)[0]


def _basis(A, q: int, niter: int):
    """Orthonormal columns that nearly span the range of A."""
    aval = A._value().aval
    dtype = aval.dtype if aval.dtype.category >= 2 else _dtypes.float32
    R = randn(aval.shape[-1], q, dtype=dtype, device=A._value().device)
    Q = _orthonormal(matmul(A, R))
    for _ in range(niter):
        Q = _orthonormal(matmul(A.mH, Q))
        Q = _orthonormal(matmul(A, Q))
    return Q


@overloaded(method=False)
def svd_lowrank(A, q=6, niter=2, M=None):
    """U, S and V of A, or of A - M, from ``q`` random projections."""
    if M is not None:
        A = A - broadcast_to(M, _shape(A))
    wide = _shape(A)[-2] < _shape(A)[-1]
    A = A.mH if wide else A
    Q = _basis(A, 6 if q is None else q, 2 if niter is None else niter)
    U, S, Vh = linalg_svd(matmul(Q.mH, A), False)
    U, V = matmul(Q, U), Vh.mH
    return (V, S, U) if wide else (U, S, V)


@overloaded(method=False)
def pca_lowrank(A, q=None, center=True, niter=2):
    """``svd_lowrank`` of A, its columns centred: V holds the principal directions."""
    m, n = _shape(A)[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(
            f"q(={q}) must be non-negative integer and not greater than min(m, n)="
            f"{min(m, n)}"
        )
    if niter < 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    centred = A - mean(A, (-2,), True) if center else A
    return svd_lowrank(centred, q, niter)
