"""Linear equations, inverses, determinants and functions of matrices.

**Differs** from PyTorch: a singular matrix gives inf or NaN, not an error: a recorded
op cannot look at values.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax.lax import linalg as lapack

from . import _registry, products, views
from ._check import scalar_name
from ._forms import overloaded
from ._matrices import adjoint, matrices, square
from ._op import Array, Ints, op
from .norms import linalg_norm


def _also(function, *names: str) -> None:
    """Publish a function of torch in torch.linalg too."""
    for name in names:
        _registry.add(name, {"": function}, None, scope="linalg", method=False)


@op(out=True)
def inverse(input: Array) -> Array:
    """The inverse."""
    return jnp.linalg.inv(square(input, "linalg.inv"))


@op(out=True)
def det(input: Array) -> Array:
    """The determinant."""
    return jnp.linalg.det(square(input, "linalg.det", "lu_cpu"))


@op(out=True, returns=("sign", "logabsdet"))
def slogdet(input: Array) -> tuple:
    """Sign (or phase) of the determinant and log of its absolute value."""
    sign, logabs = jnp.linalg.slogdet(square(input, "linalg.slogdet"))
    return sign, logabs


@op
def logdet(input: Array) -> Array:
    """log of the determinant; NaN where it is negative."""
    sign, logabs = jnp.linalg.slogdet(square(input, "logdet"))
    return jnp.where(sign == -1, jnp.nan, logabs)


@op(out=True)
def matrix_exp(input: Array) -> Array:
    """The exponential of matrices."""
    return jax.scipy.linalg.expm(square(input, "linalg.matrix_exp"))


@op(out=True)
def matrix_power(input: Array, n: int) -> Array:
    """Products of n equal matrices; of the inverse for a negative n."""
    return jnp.linalg.matrix_power(square(input, "linalg.matrix_power"), n)


_also(inverse, "inv")
_also(det, "det")
_also(slogdet, "slogdet")
_also(matrix_exp, "matrix_exp")
_also(matrix_power, "matrix_power")


@op(scope="linalg", method=False, returns=("inverse", "info"), out=True)
def inv_ex(A: Array, *, check_errors: bool = False) -> tuple:
    """The inverse and 0, or 1 where there is none."""
    made = jnp.linalg.inv(square(A, "linalg.inv"))
    return made, (~jnp.isfinite(made)).any((-2, -1)).astype(jnp.int32)


# ----- equations ---------------------------------------------------------------------


def _same_dtype(a, b, name: str) -> None:
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"{name}: Expected A and B to have the same dtype, but found A of type "
            f"{scalar_name(a)} and B of type {scalar_name(b)} instead"
        )


def _fits(a, b, left: bool, name: str) -> None:
    if a.shape[-1] != b.shape[-2 if left else -1]:
        equation = "AX = B" if left else "XA = B"
        raise RuntimeError(
            f"{name}: Incompatible shapes of A and B for the equation {equation} "
            f"({a.shape[-2]}x{a.shape[-1]} and {b.shape[-2]}x{b.shape[-1]})"
        )


@op(scope="linalg", method=False, out=True)
def solve(A: Array, B: Array, *, left: bool = True) -> Array:
    """X of AX = B (or XA = B); B may be a vector or a batch of vectors."""
    A = square(A, "linalg.solve")
    _same_dtype(A, B, "linalg.solve")
    vector = B.ndim == 1 or (A.ndim - 1 == B.ndim and B.shape == A.shape[:-1])
    b = B[..., None] if vector else B
    _fits(A, b, left or vector, "linalg.solve")
    if left:
        x = jnp.linalg.solve(A, b)
    else:
        transposed = jnp.linalg.solve(jnp.swapaxes(A, -1, -2), jnp.swapaxes(b, -1, -2))
        x = jnp.swapaxes(transposed, -1, -2)
    return x[..., 0] if vector else x


def _triangular(A, B, upper: bool, left: bool, unit: bool, transpose=False):
    batch = jnp.broadcast_shapes(A.shape[:-2], B.shape[:-2])
    A = jnp.broadcast_to(A, batch + A.shape[-2:])
    B = jnp.broadcast_to(B, batch + B.shape[-2:])
    return lapack.triangular_solve(
        A,
        B,
        left_side=left,
        lower=not upper,
        unit_diagonal=unit,
        transpose_a=transpose,
    )


@op(scope="linalg", method=False, out=True)
def solve_triangular(
    A: Array,
    B: Array,
    *,
    upper: bool,
    left: bool = True,
    unitriangular: bool = False,
) -> Array:
    """X of AX = B (or XA = B) for a triangular A."""
    name = "linalg.solve_triangular"
    A = square(A, name)
    _same_dtype(A, B, name)
    _fits(A, B, left, name)
    return _triangular(A, B, upper, left, unitriangular)


@op(returns=("solution", "cloned_coefficient"), out=True)
def triangular_solve(
    b: Array,
    A: Array,
    upper: bool = True,
    transpose: bool = False,
    unitriangular: bool = False,
) -> tuple:
    """X of AX = b for a triangular A (the old form)."""
    return _triangular(A, b, upper, True, unitriangular, transpose), A


@op(out=True)
def cholesky_solve(B: Array, L: Array, upper: bool = False) -> Array:
    """X of AX = B, given the Cholesky factor of A."""
    low = adjoint(L) if upper else L
    half = _triangular(low, B, False, True, False)
    return _triangular(adjoint(low), half, True, True, False)


@op(out=True)
def cholesky_inverse(L: Array, upper: bool = False) -> Array:
    """The inverse of A, given its Cholesky factor."""
    low = adjoint(L) if upper else L
    half = _triangular(low, jnp.eye(L.shape[-1], dtype=L.dtype), False, True, False)
    return adjoint(half) @ half


def _lu_solve(LU, pivots, B):
    n = LU.shape[-1]
    swaps = lapack.lu_pivots_to_permutation(pivots - 1, n)
    rows = jnp.take_along_axis(B, swaps[..., None].astype(jnp.int64), -2)
    return _triangular(LU, _triangular(LU, rows, False, True, True), True, True, False)


@op(out=True, name="lu_solve")
def lu_solve(b: Array, LU_data: Array, LU_pivots: Array) -> Array:
    """X of AX = b, given the LU factors of A (the old form)."""
    return _lu_solve(LU_data, LU_pivots, b)


@op(scope="linalg", method=False, name="lu_solve", out=True)
def linalg_lu_solve(LU: Array, pivots: Array, B: Array) -> Array:
    """X of AX = B, given the LU factors of A."""
    return _lu_solve(LU, pivots, B)


# ----- pseudo-inverse, rank, least squares -------------------------------------------


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


# ----- products and tensors ----------------------------------------------------------


@overloaded(scope="linalg", method=False, out=True)
def multi_dot(tensors):
    """The product of several matrices in the cheapest order."""
    tensors = tuple(tensors)
    if len(tensors) < 2:
        raise RuntimeError(
            f"multi_dot(): expected at least 2 tensors but got {len(tensors)}"
        )
    for i, (a, b) in enumerate(zip(tensors, tensors[1:], strict=False)):
        if a.shape[-1] != b.shape[0]:
            raise RuntimeError(
                f"multi_dot(): tensors {i} and {i + 1} with shapes {list(a.shape)} and "
                f"{list(b.shape)} cannot be multiplied"
            )
    return products.chain_matmul(*tensors)


@op(scope="linalg", method=False, out=True)
def tensorinv(A: Array, ind: int = 2) -> Array:
    """The inverse with respect to tensordot(…, ind)."""
    rows, columns = math.prod(A.shape[ind:]), math.prod(A.shape[:ind])
    if rows != columns:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == "
            f"prod(self.shape[:ind]), but got {rows} != {columns}"
        )
    return jnp.linalg.tensorinv(A, ind)


@op(scope="linalg", method=False, out=True)
def tensorsolve(A: Array, B: Array, dims: Ints | None = None) -> Array:
    """X of tensordot(A, X, X.ndim) = B."""
    return jnp.linalg.tensorsolve(A, B, dims)


@op(scope="linalg", method=False, name="vander")
def linalg_vander(x: Array, *, N: int | None = None) -> Array:
    """Rows of rising powers of each element."""
    n = x.shape[-1] if N is None else N
    return x[..., None] ** jnp.arange(n)


@overloaded(scope="linalg", method=False, name="diagonal")
def linalg_diagonal(A, *, offset=0, dim1=-2, dim2=-1):
    """The diagonals of matrices, a view."""
    return views.diagonal(A, offset, dim1, dim2)
