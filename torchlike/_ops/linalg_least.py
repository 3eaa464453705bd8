"""Pseudo-inverses, ranks, least squares and condition numbers."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from ..autograd.variable import TensorBase
from ._check import is_inexact, scalar_name
from ._forms import overloaded
from ._look import look
from ._matrices import adjoint, at_least_2d, matrices, square, square_shape
from ._op import Array, op
from ._results import result_type
from .creation import filled, full
from .linalg_hermitian import hermitian as hermitian_of
from .linalg_inverse import _inv_ex
from .norms import linalg_norm

_KINDS = (jnp.float32, jnp.float64, jnp.complex64, jnp.complex128)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _pseudo(hermitian: bool, A, atol, rtol):
    """V diag(1/S) U^H of the singular values above max(atol, rtol · largest).

    ``hermitian``: of the matrix that the lower triangle gives.
    """
    A = hermitian_of(A, False) if hermitian else A
    u, s, vh = jnp.linalg.svd(A, full_matrices=False)
    large = s > _limit(s, atol, rtol)[..., None]
    inverse = jnp.where(large, 1 / jnp.where(large, s, 1), 0).astype(A.dtype)
    return adjoint(vh) * inverse[..., None, :] @ adjoint(u)


@_pseudo.defjvp
def _pseudo_tangent(hermitian, primals, tangents):
    """The derivative at constant rank.

    **Source** G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and
    nonlinear least squares problems whose variables separate", SIAM J. Numer. Anal. 10
    (1973).
    """
    A, dA = primals[0], tangents[0]
    P = _pseudo(hermitian, *primals)
    H, D = adjoint(P), adjoint(dA)
    across = P @ H @ (D - D @ A @ P) + (D - P @ A @ D) @ H @ P
    return P, across - P @ dA @ P


def _limit(s, atol, rtol):
    return jnp.maximum(atol, rtol * s.max(-1, initial=0))


def _tolerances(A, atol, rtol):
    """Both tolerances as arrays, with PyTorch's defaults."""
    real = jnp.finfo(A.dtype).dtype
    default = jnp.finfo(A.dtype).eps * max(A.shape[-2:])
    if rtol is None:
        rtol = default if atol is None else jnp.where(atol > 0, 0.0, default)
    atol = 0 if atol is None else atol
    return [lax.stop_gradient(jnp.asarray(x).astype(real)) for x in (atol, rtol)]


def _values(A, hermitian: bool):
    """Singular values, also of a Hermitian matrix by one triangle."""
    if hermitian:
        A = hermitian_of(square(A, "linalg.eigh"), False)
        return jnp.abs(jnp.linalg.eigvalsh(A, symmetrize_input=False))
    return jnp.linalg.svd(A, compute_uv=False)


@op(scope=None, method=False, name="linalg_pinv")
def _pinv(
    A: Array, atol: Array | None, rtol: Array | None, hermitian: bool = False
) -> Array:
    shape = ", ".join(str(n) for n in A.shape)
    if A.ndim < 2 or A.dtype not in _KINDS:
        raise RuntimeError(
            f"linalg.pinv({scalar_name(A)}{{[{shape}]}}): expected a tensor with 2 or "
            "more dimensions of float, double, cfloat or cdouble types"
        )
    if not A.size:
        return jnp.swapaxes(A, -1, -2)
    if hermitian:
        square(A, "linalg.eigh")
    return _pseudo(hermitian, A, *_tolerances(A, atol, rtol))


def _tensor(x, like):
    """A tolerance as a tensor: a changing number does not compile again."""
    if x is None or isinstance(x, TensorBase):
        return x
    return full((), float(x), dtype=_dtypes.float64, device=like._value().device)


@overloaded(scope="linalg", method=False, out=True)
def pinv(A, rcond=None, hermitian=False, *, atol=None, rtol=None):
    """The Moore-Penrose inverse; up to max(atol, rtol · S[0]) S counts as 0."""
    rtol = rcond if rtol is None else rtol
    return _pinv(A, _tensor(atol, A), _tensor(rtol, A), bool(hermitian))


@overloaded
def pinverse(input, rcond=1e-15):
    """The Moore-Penrose inverse (the old form)."""
    return _pinv(input, None, _tensor(rcond, input), False)


# ----- rank --------------------------------------------------------------------------


@op(scope=None, method=False, name="linalg_matrix_rank", differentiable=False)
def _rank(
    A: Array, atol: Array | None, rtol: Array | None, hermitian: bool = False
) -> Array:
    at_least_2d(A, "torch.linalg.matrix_rank", "input")
    if not is_inexact(A):
        raise RuntimeError(
            "This function doesn't handle types other than float and double"
        )
    s = _values(matrices(A, "linalg.svd", "linalg_svd_cpu"), hermitian)
    limit = _limit(s, *_tolerances(A, atol, rtol))
    return jnp.sum(s > limit[..., None], -1).astype(jnp.int64)


@overloaded(scope="linalg", method=False, out=True)
def matrix_rank(A, tol=None, hermitian=False, *, atol=None, rtol=None):
    """How many singular values exceed max(atol, rtol · largest)."""
    if tol is not None:
        atol, rtol = tol, 0.0
    return _rank(A, _tensor(atol, A), _tensor(rtol, A), bool(hermitian))


# ----- least squares -----------------------------------------------------------------

_DRIVERS = ("gels", "gelsy", "gelsd", "gelss")
_LEAST = result_type(
    "linalg_lstsq", ("solution", "residuals", "rank", "singular_values")
)


def _check_least(A, B) -> None:
    name = "torch.linalg.lstsq"
    if A.ndim < 2:
        raise RuntimeError(f"{name}: input must have at least 2 dimensions.")
    if B.ndim < 1:
        raise RuntimeError(f"{name}: other must have at least 1 dimension.")
    if A.dtype != B.dtype:
        raise RuntimeError(
            f"{name}: Expected input and other to have the same dtype, but got input's "
            f"dtype {scalar_name(A)} and other's dtype {scalar_name(B)}"
        )
    if not 0 <= A.ndim - B.ndim <= 1:
        raise RuntimeError(
            f"{name}: input.dim() must be greater or equal to other.dim() and "
            "(input.dim() - other.dim()) <= 1"
        )
    if A.dtype not in _KINDS:
        raise RuntimeError(
            "This function doesn't handle types other than float and double"
        )


def _columns(A, B):
    """B as matrices, and whether it was vectors."""
    vector = A.ndim - 1 == B.ndim and B.shape == A.shape[:-1]
    b = B[..., None] if vector else B
    if A.shape[-2] != b.shape[-2]:
        raise RuntimeError(
            "torch.linalg.lstsq: input.size(-2) should match other.size(-2)"
        )
    return b, vector


@op(scope=None, method=False, name="linalg_lstsq")
def _solution(A: Array, B: Array, rtol: Array | None) -> Array:
    _check_least(A, B)
    b, vector = _columns(A, B)
    if not A.size:
        shape = jnp.broadcast_shapes(A.shape[:-2], b.shape[:-2])
        x = jnp.zeros((*shape, A.shape[-1], b.shape[-1]), A.dtype)
        return x[..., 0] if vector else x
    x = _pseudo(False, A, *_tolerances(A, None, rtol)) @ b
    return x[..., 0] if vector else x


@op(scope=None, method=False, name="linalg_lstsq")
def _residuals(A: Array, B: Array, X: Array) -> Array:
    b, vector = _columns(A, B)
    left = A @ (X[..., None] if vector else X) - b
    return jnp.sum(left.real**2 + left.imag**2, -2)


@op(scope=None, method=False, name="linalg_lstsq")
def _no_residuals(A: Array, B: Array) -> Array:
    """Empty; in PyTorch they have a gradient all the same."""
    return jnp.zeros(0, jnp.finfo(A.dtype).dtype)


@op(scope=None, method=False, name="linalg_lstsq", differentiable=False)
def _singular(A: Array) -> Array:
    return jnp.linalg.svd(A, compute_uv=False)


@overloaded(scope="linalg", method=False, out=True)
def lstsq(A, B, rcond=None, *, driver=None):
    """X of least |AX - B| (and of least |X|), with what the driver gives beside it."""
    if driver not in (None, *_DRIVERS):
        raise RuntimeError(
            "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, "
            "gelsd, gelss)"
        )
    driver = driver or "gelsy"
    rtol = _tensor(rcond, A)
    solution = _solution(A, B, rtol)
    value = A._value()
    m, n = value.aval.shape[-2:]
    dtype = value.aval.dtype
    real = dtype.to_real() if dtype.is_complex else dtype
    rank = filled((0,), 0, _dtypes.int64, value.device)
    values = filled((0,), 0, real, value.device)
    if driver != "gels":
        rank = _rank(A, None, rtol, False)
    if driver in ("gelsd", "gelss"):
        values = _singular(A)
    if m > n and driver != "gelsy" and _full_rank(rank, driver, n):
        residuals = _residuals(A, B, solution)
    else:
        residuals = _no_residuals(A, B)
    return _LEAST(solution, residuals, rank, values)


def _full_rank(rank, driver: str, n: int) -> bool:
    """Residuals are given only if every matrix is of full rank: the ranks are read."""
    found = None if driver == "gels" else look(rank, "lstsq")
    return found is None or bool((found == n).all())


# ----- condition ---------------------------------------------------------------------


@op(scope=None, method=False, name="linalg_cond")
def _cond(A: Array, smallest_first: bool) -> Array:
    A = matrices(A, "linalg.svd", "linalg_svd_cpu")
    if not A.size:
        return jnp.zeros(A.shape[:-2], jnp.finfo(A.dtype).dtype)
    s = jnp.linalg.svd(A, compute_uv=False)
    return s[..., -1] / s[..., 0] if smallest_first else s[..., 0] / s[..., -1]


@op(scope=None, method=False, name="masked_fill")
def _infinite(inverse: Array, info: Array) -> Array:
    return jnp.where(info[..., None, None] > 0, jnp.inf, inverse)


@overloaded(scope="linalg", method=False, out=True)
def cond(A, p=None):
    """The condition number |A| · |A⁻¹| in the norm ``p`` (default: 2)."""
    aval = A._value().aval
    if len(aval.shape) < 2:
        raise RuntimeError(
            "linalg.cond: The input tensor must have at least 2 dimensions."
        )
    if p is None or p in (2, -2):
        return _cond(A, p == -2)
    if p not in ("fro", "nuc", 1, -1, float("inf"), float("-inf")):
        raise RuntimeError(f"linalg.cond got an invalid norm type: {p}")
    square_shape(_Shape(aval.shape), f"linalg.cond(ord={p})")
    if 0 in aval.shape:
        real = aval.dtype.to_real() if aval.dtype.is_complex else aval.dtype
        return filled(aval.shape[:-2], 0, real, A._value().device)
    inverse, info = _inv_ex(A)
    dims = (-2, -1)
    return linalg_norm(A, p, dims) * linalg_norm(_infinite(inverse, info), p, dims)


class _Shape:
    def __init__(self, shape):
        self.shape, self.ndim = shape, len(shape)
