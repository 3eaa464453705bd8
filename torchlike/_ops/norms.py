"""Norms of vectors and matrices (torch.norm, torch.linalg.*norm), and trace."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from .._errors import wrap_dim, wrap_dims
from ._check import dtype_of, is_bool, is_complex, is_inexact, scalar_name
from ._compute import widen
from ._forms import overloaded
from ._matrices import same_dtype
from ._op import Array, Dtype, Ints, op
from .distance import p_norm


def _prepared(x, dtype, name: str):
    if not is_inexact(x):
        raise RuntimeError(
            f"linalg.{name}: Expected a floating point or complex tensor as input. Got "
            f"{scalar_name(x)}"
        )
    if dtype is None:
        return x
    check_dtype(dtype_of(x), dtype, name)
    return x.astype(dtype.numpy_dtype)


def check_dtype(own, dtype, name: str) -> None:
    """PyTorch's rule for the ``dtype`` of a norm."""
    kind = _dtypes.scalar_type_name
    if dtype.category < 2:
        raise RuntimeError(
            f"linalg.{name}: dtype should be floating point or complex, but got "
            f"{kind(dtype)}"
        )
    if own.is_complex is not dtype.is_complex:
        which = "complex" if own.is_complex else "real"
        raise RuntimeError(
            f"linalg.{name}: dtype should be {which} for {which} inputs, but got "
            f"{kind(dtype)}"
        )
    if _dtypes.promote_types(own, dtype) is not dtype:
        raise RuntimeError(
            f"linalg.{name}: the dtype of the input ({kind(own)}) should be "
            f"convertible without narrowing to the specified dtype ({kind(dtype)})"
        )


def _real_dtype(x):
    return jnp.finfo(x.dtype).dtype


def _check_identity(x, ord: float, dim, axes) -> None:
    """Negative and infinite norms of nothing are not defined."""
    if (ord >= 0 and not math.isinf(ord)) or x.size:
        return
    empty = [a for a in axes if x.shape[a] == 0]
    if not empty:
        return
    shown = int(ord) if ord == ord // 1 and not math.isinf(ord) else ord
    start = f"linalg.vector_norm cannot compute the {shown} norm on "
    if dim:
        raise RuntimeError(
            f"{start}the dimension {empty[0]}because this dimension is empty and the "
            "operation does not have an identity"
        )
    raise RuntimeError(
        f"{start}an empty tensor because the operation does not have an identity"
    )


@op(scope="linalg", method=False, out=True, backward="LinalgVectorNormBackward0")
def vector_norm(
    x: Array,
    ord: float = 2.0,
    dim: Ints | None = None,
    keepdim: bool = False,
    *,
    dtype: Dtype | None = None,
) -> Array:
    """(Σ |x|^ord)^(1/ord) over ``dim`` (all of them); the derivative at 0 is 0."""
    x = _prepared(x, dtype, "vector_norm")
    axes = wrap_dims(dim or range(x.ndim), x.ndim) if x.ndim else ()
    _check_identity(x, ord, dim, axes)
    return p_norm(widen(x), ord, axes, keepdim).astype(_real_dtype(x))


_ORDERS = (1, -1, 2, -2, math.inf, -math.inf)


def _sides(shape, dim):
    """The two dimensions of the matrices, checked."""
    if len(shape) < 2:
        raise RuntimeError(
            "linalg.matrix_norm: The input tensor A must have at least 2 dimensions."
        )
    if len(dim) != 2:
        raise RuntimeError("linalg.matrix_norm: dim must be a 2-tuple of ints")
    first, second = (wrap_dim(d, len(shape)) for d in dim)
    if first == second:
        raise RuntimeError(
            f"linalg.matrix_norm: dims must be different. Got ({dim[0]}, {dim[1]})"
        )
    return first, second


@op(scope=None, method=False, name="linalg_matrix_norm")
def _spectral(A: Array, kind: str, dim: Ints, keepdim: bool) -> Array:
    """Norms made of singular values: the largest, the smallest, their sum."""
    sides = _sides(A.shape, dim)
    A = _prepared(A, None, "matrix_norm")
    values = jnp.linalg.svd(jnp.moveaxis(A, sides, (-2, -1)), compute_uv=False)
    if kind == "min" and not values.shape[-1]:
        raise IndexError("amin(): Expected reduction dim -1 to have non-zero size.")
    initial = {"initial": 0} if kind == "max" else {}
    made = {"max": values.max, "min": values.min, "sum": values.sum}[kind](
        -1, **initial
    )
    return jnp.expand_dims(made, tuple(sorted(sides))) if keepdim else made


@op(scope=None, method=False, name="linalg_matrix_norm")
def _by_columns(A: Array, ord: float, dim: Ints, keepdim: bool) -> Array:
    """±1: sums of columns, ±∞: sums of rows."""
    first, second = _sides(A.shape, dim)
    A = _prepared(A, None, "matrix_norm")
    along, over = (second, first) if math.isinf(ord) else (first, second)
    sums = p_norm(A, 1.0, along, keepdims=True)
    if ord < 0 and not sums.shape[over]:
        raise IndexError(
            f"amin(): Expected reduction dim {over} to have non-zero size."
        )
    if ord > 0:
        made = sums.max(over, keepdims=True, initial=0)
    else:
        made = sums.min(over, keepdims=True)
    return made if keepdim else made.squeeze((first, second))


def _cast(A, dtype):
    if dtype is None:
        return A
    check_dtype(A._value().aval.dtype, dtype, "matrix_norm")
    return A.to(dtype)


@overloaded(scope="linalg", method=False, out=True)
def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """The norm of matrices: "fro", "nuc", ±1, ±2 or ±inf."""
    if isinstance(dim, int):
        raise RuntimeError(f"linalg.matrix_norm: dim must be a 2-tuple. Got {dim}")
    A, dim = _cast(A, dtype), tuple(dim)
    sides = _sides(A._value().aval.shape, dim)
    if ord == "fro":
        return vector_norm(A, 2, sides, keepdim)
    if ord == "nuc":
        return _spectral(A, "sum", dim, keepdim)
    if isinstance(ord, str) or ord not in _ORDERS:
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if abs(ord) == 2:
        return _spectral(A, "max" if ord > 0 else "min", dim, keepdim)
    return _by_columns(A, ord, dim, keepdim)


def _rank(A) -> int:
    return len(A._value().aval.shape)


@overloaded(scope="linalg", method=False, out=True, name="norm")
def linalg_norm(A, ord=None, dim=None, keepdim=False, *, dtype=None):
    """A vector or matrix norm, by ``ord`` and the number of dimensions."""
    if ord is None:
        return vector_norm(A, 2, dim, keepdim, dtype=dtype)
    if dim is None and not isinstance(ord, str) and _rank(A) not in (1, 2):
        raise RuntimeError(
            "linalg.norm: If dim is not specified but ord is, the input must be 1D or "
            f"2D. Got {_rank(A)}D."
        )
    if isinstance(dim, (tuple, list)) and len(dim) not in (1, 2):
        raise RuntimeError(
            "linalg.norm: If dim is specified, it must be of length 1 or 2. Got "
            f"{list(dim)}"
        )
    pair = not isinstance(dim, int) and (len(dim) if dim is not None else _rank(A)) == 2
    if isinstance(ord, str) or pair:
        return matrix_norm(
            A, ord, (-2, -1) if dim is None else dim, keepdim, dtype=dtype
        )
    return vector_norm(A, ord, dim, keepdim, dtype=dtype)


@overloaded(out=True)
def norm(input, p="fro", dim=None, keepdim=False, dtype=None):
    """The p-norm of all elements or over ``dim``; "nuc" is the nuclear norm."""
    if p == "nuc":
        dim = (-2, -1) if dim is None else dim
        return matrix_norm(input, "nuc", dim, keepdim, dtype=dtype)
    if isinstance(p, str) and p != "fro":
        raise RuntimeError(f"linalg.matrix_norm: Order {p} not supported.")
    p = 2.0 if p == "fro" or p is None else float(p)
    return vector_norm(input, p, dim, keepdim, dtype=dtype)


@op
def dist(input: Array, other: Array, p: float = 2.0) -> Array:
    """The p-norm of input - other."""
    gap = input - other
    return p_norm(gap, p, tuple(range(gap.ndim))).astype(_real_dtype(gap))


@op(inplace=True, out=True)
def renorm(input: Array, p: float, dim: int, maxnorm: float) -> Array:
    """Slices along ``dim`` scaled down to a norm of at most ``maxnorm``."""
    if input.ndim < 2:
        raise RuntimeError(
            f"renorm: input needs at least 2 dimensions, got {input.ndim} dimensions"
        )
    dim = wrap_dim(dim, input.ndim)
    axes = tuple(i for i in range(input.ndim) if i != dim)
    size = p_norm(widen(input), p, axes, keepdims=True)
    scale = jnp.where(size > maxnorm, maxnorm / (size + 1e-7), 1)
    return input * scale.astype(input.dtype)


@op
def trace(input: Array) -> Array:
    """The sum of the diagonal of a matrix."""
    if input.ndim != 2:
        raise RuntimeError(
            f"trace: expected a matrix, but got tensor with dim {input.ndim}"
        )
    whole = is_bool(input) or not is_inexact(input)
    return jnp.trace(input.astype(jnp.int64) if whole else input)


@op(scope="linalg", method=False, out=True, broadcasts=True)
def vecdot(x: Array, y: Array, *, dim: int = -1) -> Array:
    """Sums of products of conj(x) and y over ``dim``."""
    same_dtype(x, y, "linalg.vecdot", "xy")
    _prepared(x, None, "vecdot")
    x, y = jnp.broadcast_arrays(x, y)
    x = lax.conj(x) if is_complex(x) else x
    return jnp.sum(x * y, wrap_dim(dim, x.ndim))


# ----- old names ---------------------------------------------------------------------


@overloaded(method=False, out=True)
def nuclear_norm(input, dim=(-2, -1), keepdim=False):
    """The sum of singular values."""
    if isinstance(dim, bool):  # nuclear_norm(input, keepdim)
        dim, keepdim = (-2, -1), dim
    pair = (dim, dim) if isinstance(dim, int) else dim
    return matrix_norm(input, "nuc", pair, keepdim)


@overloaded(method=False, out=True)
def frobenius_norm(input, dim, keepdim=False):
    """The 2-norm of one or two dimensions."""
    axes = (dim,) if isinstance(dim, int) else tuple(dim)
    if len(axes) > 2:
        raise RuntimeError(
            f"Expected at most 2 dimensions, but got {len(axes)} dimensions instead."
        )
    return vector_norm(input, 2, axes or None, keepdim)


@overloaded(method=False)
def norm_except_dim(v, pow=2, dim=0):
    """The norm over all dimensions but one (-1: none excepted)."""
    rank = _rank(v)
    kept = wrap_dim(dim, rank) if dim != -1 else -1
    axes = tuple(i for i in range(rank) if i != kept)
    return vector_norm(v, pow, axes, dim != -1)
