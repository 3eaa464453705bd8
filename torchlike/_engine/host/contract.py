"""Contractions, convolutions, factorisations and transforms in NumPy."""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .rules import rule
from .structure import pad


def _wide(x):
    return x.astype(np.float32) if x.dtype.itemsize < 4 else x


@rule("dot_general")
def _dot_general(x, y, *, dimension_numbers, preferred_element_type=None, **_):
    (cx, cy), (bx, by) = dimension_numbers
    fx = [d for d in range(x.ndim) if d not in cx and d not in bx]
    fy = [d for d in range(y.ndim) if d not in cy and d not in by]
    batch = [x.shape[d] for d in bx]
    rows = [x.shape[d] for d in fx]
    columns = [y.shape[d] for d in fy]
    n = math.prod(x.shape[d] for d in cx)
    left = _wide(x).transpose(*bx, *fx, *cx).reshape(*batch, math.prod(rows), n)
    right = _wide(y).transpose(*by, *cy, *fy).reshape(*batch, n, math.prod(columns))
    return (left @ right).reshape((*batch, *rows, *columns))


@rule("conv_general_dilated")
def _conv(
    x,
    w,
    *,
    dimension_numbers,
    window_strides,
    padding,
    lhs_dilation,
    rhs_dilation,
    feature_group_count,
    batch_group_count,
    **_,
):
    if batch_group_count != 1:
        raise NotImplementedError("convolution with batch groups on the host")
    spec = dimension_numbers
    x = _wide(x).transpose(spec.lhs_spec)  # (N, C, …)
    w = _wide(w).transpose(spec.rhs_spec)  # (O, C / groups, …)
    edges = [(lo, hi, d - 1) for (lo, hi), d in zip(padding, lhs_dilation, strict=True)]
    x = pad(x, np.zeros((), x.dtype), padding_config=[(0, 0, 0)] * 2 + edges)
    w = pad(
        w,
        np.zeros((), w.dtype),
        padding_config=[(0, 0, 0)] * 2 + [(0, 0, d - 1) for d in rhs_dilation],
    )
    spatial = tuple(range(2, x.ndim))
    views = sliding_window_view(x, w.shape[2:], spatial)
    views = views[
        (slice(None),) * 2 + tuple(slice(None, None, s) for s in window_strides)
    ]
    parts = [
        _correlate(v, k)
        for v, k in zip(
            np.split(views, feature_group_count, 1),
            np.split(w, feature_group_count, 0),
            strict=True,
        )
    ]
    return np.concatenate(parts, 1).transpose(np.argsort(spec.out_spec))


def _correlate(views, w):
    """Sum channel and window; ``views`` is (N, C, out…, window…)."""
    n = w.ndim - 2
    over = [1, *range(2 + n, 2 + 2 * n)]
    return np.moveaxis(np.tensordot(views, w, (over, [1, *range(2, 2 + n)])), -1, 1)


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
    if not compute_uv:
        return (np.linalg.svd(x, compute_uv=False),)
    u, s, vh = np.linalg.svd(x, full_matrices)
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
    import scipy.linalg  # slow to import

    if conjugate_a:
        a = np.conj(a)
    if transpose_a:
        a, lower = np.swapaxes(a, -1, -2), not lower
    if not left_side:
        # X A = B is Aᵀ Xᵀ = Bᵀ.
        a, b, lower = np.swapaxes(a, -1, -2), np.swapaxes(b, -1, -2), not lower

    def solve(m, rhs):
        return scipy.linalg.solve_triangular(
            m, rhs, lower=lower, unit_diagonal=unit_diagonal, check_finite=False
        )

    x = _stacked(solve, a, b)
    return x if left_side else np.swapaxes(x, -1, -2)


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
