"""The pseudo-inverse and what singular values tell: rank, least squares, condition."""

from __future__ import annotations

import jax.numpy as jnp

from ._check import scalar_name
from ._forms import overloaded
from ._matrices import matrices
from ._op import Array, op
from .linalg import inverse
from .norms import linalg_norm


def _tolerance(x, rtol):
    return jnp.finfo(x.dtype).eps * max(x.shape[-2:]) if rtol is None else rtol


@op(scope=None, method=False, name="linalg_pinv")
def _pinv(A: Array, rtol: float | None, hermitian: bool) -> Array:
    shape = str(list(A.shape)).replace(" ", " ")
    if A.ndim < 2 or A.dtype not in (
        *(jnp.float32, jnp.float64),
        *(jnp.complex64, jnp.complex128),
    ):
        raise RuntimeError(
            f"linalg.pinv({scalar_name(A)}{{{shape}}}): expected a tensor with 2 or "
            "more dimensions of float, double, cfloat or cdouble types"
        )
    return jnp.linalg.pinv(A, rtol=_tolerance(A, rtol), hermitian=hermitian)


@overloaded(scope="linalg", method=False, out=True)
def pinv(A, rcond=None, hermitian=False, *, atol=None, rtol=None):
    """The Moore-Penrose inverse."""
    if atol:
        raise NotImplementedError("torch.linalg.pinv: atol is not implemented")
    return _pinv(A, rcond if rtol is None else rtol, bool(hermitian))


@overloaded
def pinverse(input, rcond=1e-15):
    """The Moore-Penrose inverse (the old form)."""
    return _pinv(input, rcond, False)


@op(scope="linalg", method=False, differentiable=False, out=True)
def matrix_rank(
    A: Array,
    tol: float | None = None,
    hermitian: bool = False,
    *,
    atol: float | None = None,
    rtol: float | None = None,
) -> Array:
    """How many singular values exceed max(atol, rtol · largest)."""
    if A.ndim < 2:
        raise RuntimeError(
            "torch.linalg.matrix_rank: The input tensor input must have at least 2 "
            "dimensions."
        )
    return _rank(A, tol, atol, rtol)


def _rank(A, tol=None, atol=None, rtol=None):
    s = jnp.linalg.svd(A, compute_uv=False)
    atol = tol if atol is None else atol
    if atol is not None and rtol is None:
        limit = atol
    else:
        limit = jnp.maximum(_tolerance(A, rtol) * s.max(-1, keepdims=True), atol or 0)
    return jnp.sum(s > limit, -1).astype(jnp.int64)


@op(
    scope="linalg",
    method=False,
    returns=("solution", "residuals", "rank", "singular_values"),
)
def lstsq(
    A: Array, B: Array, rcond: float | None = None, *, driver: str | None = None
) -> tuple:
    """X of least |AX - B| (and of least |X|).

    **Differs** from PyTorch: residuals are given for any tall A, of full rank or not.
    """
    A = matrices(A, "torch.linalg.lstsq")
    vector = B.ndim == A.ndim - 1
    b = B[..., None] if vector else B
    if A.shape[-2] != b.shape[-2]:
        raise RuntimeError(
            "torch.linalg.lstsq: input.size(-2) should match other.size(-2)"
        )
    x = jnp.linalg.pinv(A, rtol=_tolerance(A, rcond)) @ b
    residuals = jnp.zeros(0, A.dtype)
    if A.shape[-2] > A.shape[-1]:
        residuals = jnp.sum(jnp.abs(A @ x - b) ** 2, -2)
    svd_driver = driver in ("gelsd", "gelss")
    s = jnp.linalg.svd(A, compute_uv=False) if svd_driver else jnp.zeros(0, A.dtype)
    return x[..., 0] if vector else x, residuals, _rank(A, rtol=rcond), s


@op(scope=None, method=False, name="linalg_cond")
def _cond(A: Array, smallest_first: bool) -> Array:
    s = jnp.linalg.svd(matrices(A, "linalg.svd"), compute_uv=False)
    return s[..., -1] / s[..., 0] if smallest_first else s[..., 0] / s[..., -1]


@overloaded(scope="linalg", method=False, out=True)
def cond(A, p=None):
    """The condition number |A| · |A⁻¹| in the norm ``p`` (default: 2)."""
    if len(A._value().aval.shape) < 2:
        raise RuntimeError(
            "linalg.cond: The input tensor must have at least 2 dimensions."
        )
    if p is None or p in (2, -2):
        return _cond(A, p == -2)
    return linalg_norm(A, p, (-2, -1)) * linalg_norm(inverse(A), p, (-2, -1))
