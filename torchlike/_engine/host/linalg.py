"""Factorisations and transforms in NumPy and SciPy."""

from __future__ import annotations

import numpy as np

from .rules import rule


# ----- factorisations: on the last two dimensions -----
def _stacked(function, x, *others):
    """Apply to each matrix of a stack (SciPy takes one)."""
    lead = x.shape[:-2]
    if not lead:
        return function(x, *others)
    flat = [a.reshape(-1, *a.shape[-2:]) for a in (x, *others)]
    results = [function(*m) for m in zip(*flat, strict=True)]
    if isinstance(results[0], tuple):
        return tuple(_restack(part, lead) for part in zip(*results, strict=True))
    return _restack(results, lead)


def _blas(name: str, *arrays):
    from scipy.linalg import blas  # slow to import

    return blas.get_blas_funcs(name, arrays)


def _restack(parts, lead):
    stacked = np.stack(parts)
    return stacked.reshape(*lead, *stacked.shape[1:])


@rule("cholesky")
def _cholesky(x, *, symmetrize_input=False, **_):
    if symmetrize_input:
        x = (x + np.conj(np.swapaxes(x, -1, -2))) / 2

    def factor(m):
        try:
            return np.linalg.cholesky(m)
        except np.linalg.LinAlgError:
            return np.full_like(m, np.nan)  # as XLA tells of a failure

    return _stacked(factor, x)


@rule("svd")
def _svd(x, *, full_matrices, compute_uv, subset_by_index=None, **_):
    if subset_by_index is not None:
        raise NotImplementedError("a part of the singular values on the host")

    def factor(m):
        try:
            return np.linalg.svd(m, full_matrices, compute_uv)
        except np.linalg.LinAlgError:
            return _not_found(m)

    def _not_found(m):
        like = np.linalg.svd(np.zeros_like(m), full_matrices, compute_uv)
        if not compute_uv:
            return np.full_like(like, np.nan)
        return tuple(np.full_like(part, np.nan) for part in like)

    if not compute_uv:
        return (_stacked(factor, x),)
    u, s, vh = _stacked(factor, x)
    return s, u, vh


@rule("eigh")
def _eigh(x, *, lower, subset_by_index=None, **_):
    if subset_by_index is not None:
        raise NotImplementedError("a part of the eigenvalues on the host")
    values, vectors = np.linalg.eigh(x, "L" if lower else "U")
    return vectors, values


@rule("qr")
def _qr(x, *, full_matrices, pivoting=False, **_):
    if pivoting:
        raise NotImplementedError("pivoted QR on the host")
    return tuple(np.linalg.qr(x, "complete" if full_matrices else "reduced"))


@rule("lu")
def _lu(x, **_):
    import scipy.linalg  # slow to import

    def factor(m):
        packed, pivots = scipy.linalg.lu_factor(m, check_finite=False)
        order = np.arange(m.shape[0])
        for i, p in enumerate(pivots):
            order[[i, p]] = order[[p, i]]
        return packed, pivots.astype(np.int32), order.astype(np.int32)

    return _stacked(factor, x)


@rule("lu_pivots_to_permutation")
def _permutation(pivots, *, permutation_size, **_):
    result = np.empty((*pivots.shape[:-1], permutation_size), np.int32)
    for where in np.ndindex(pivots.shape[:-1]):
        order = np.arange(permutation_size)
        for i, p in enumerate(pivots[where]):
            order[[i, p]] = order[[p, i]]
        result[where] = order
    return result


@rule("triangular_solve")
def _triangular_solve(
    a, b, *, left_side, lower, transpose_a, conjugate_a, unit_diagonal, **_
):
    if conjugate_a:
        a = np.conj(a)
    if transpose_a:
        a, lower = np.swapaxes(a, -1, -2), not lower
    if not left_side:
        # X A = B is Aᵀ Xᵀ = Bᵀ.
        a, b, lower = np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2), not lower

    def solve(m, rhs):
        # LAPACK's own solver refuses zeros on the diagonal, which give infinities.
        trsm = _blas("trsm", m, rhs)
        return trsm(1.0, m, rhs, lower=lower, diag=unit_diagonal)

    x = _stacked(solve, a, b)
    return x if left_side else np.swapaxes(x, -1, -2)


@rule("eig")
def _eig(x, *, compute_left_eigenvectors, compute_right_eigenvectors, **_):
    import scipy.linalg  # slow to import

    left, right = compute_left_eigenvectors, compute_right_eigenvectors

    def factor(m):
        found = scipy.linalg.eig(m, left=left, right=right, check_finite=False)
        return found if left or right else (found,)

    return _stacked(factor, x)


@rule("geqrf")
def _geqrf(x, **_):
    import scipy.linalg  # slow to import

    def factor(m):
        (packed, taus), _ = scipy.linalg.qr(m, mode="raw", check_finite=False)
        return packed, taus

    return _stacked(factor, x)


@rule("householder_product")
def _householder_product(x, taus, **_):
    from scipy.linalg import lapack  # slow to import

    def product(m, tau):
        name = "ungqr" if m.dtype.kind == "c" else "orgqr"
        (function,) = lapack.get_lapack_funcs([name], [m])
        return function(m, tau)[0]

    lead = x.shape[:-2]
    flat = x.reshape(-1, *x.shape[-2:]), taus.reshape(-1, taus.shape[-1])
    return _restack([product(*one) for one in zip(*flat, strict=True)], lead)


# ----- transforms -----
_TRANSFORMS = {
    0: np.fft.fftn,
    1: np.fft.ifftn,
    2: np.fft.rfftn,
    3: np.fft.irfftn,
}


@rule("fft")
def _fft(x, *, fft_type, fft_lengths, **_):
    axes = tuple(range(x.ndim - len(fft_lengths), x.ndim))
    return _TRANSFORMS[int(fft_type)](x, tuple(fft_lengths), axes)
