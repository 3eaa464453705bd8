"""Norms of vectors and matrices (torch.norm, torch.linalg.*norm), and trace."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import lax

from .._errors import wrap_dim, wrap_dims
from ._check import is_bool, is_complex, is_inexact, scalar_name
from ._compute import widen
from ._forms import overloaded
from ._op import Array, Dtype, Ints, op
from .distance import p_norm


def _prepared(x, dtype, name: str):
    if dtype is not None:
        x = x.astype(dtype.numpy_dtype)
    if not is_inexact(x):
        raise RuntimeError(
            f"linalg.{name}: Expected a floating point or complex tensor as input. Got "
            f"{scalar_name(x)}"
        )
    return x


def _real_dtype(x):
    return jnp.finfo(x.dtype).dtype


def _empty_extreme(x, axes) -> bool:
    return any(x.shape[a] == 0 for a in axes)


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
    if math.isinf(ord) and _empty_extreme(x, axes):
        raise RuntimeError(
            f"linalg.vector_norm cannot compute the {ord} norm on an empty tensor "
            "because the operation does not have an identity"
        )
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
    made = {"max": values.max, "min": values.min, "sum": values.sum}[kind](-1)
    return jnp.expand_dims(made, tuple(sorted(sides))) if keepdim else made


@op(scope=None, method=False, name="linalg_matrix_norm")
def _by_columns(A: Array, ord: float, dim: Ints, keepdim: bool) -> Array:
    """±1: sums of columns, ±∞: sums of rows."""
    first, second = _sides(A.shape, dim)
    A = _prepared(A, None, "matrix_norm")
    along, over = (second, first) if math.isinf(ord) else (first, second)
    sums = p_norm(A, 1.0, along, keepdims=True)
    made = (jnp.max if ord > 0 else jnp.min)(sums, over, keepdims=True)
    return made if keepdim else made.squeeze((first, second))


def _cast(A, dtype):
    return A if dtype is None else A.to(dtype)


@overloaded(scope="linalg", method=False, out=True)
def matrix_norm(A, ord="fro", dim=(-2, -1), keepdim=False, *, dtype=None):
    """The norm of matrices: "fro", "nuc", ±1, ±2 or ±inf."""
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
        raise RuntimeError(f"norm(): unknown norm {p}")
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


@op(scope="linalg", method=False, out=True, promote="x y", broadcasts=True)
def vecdot(x: Array, y: Array, *, dim: int = -1) -> Array:
    """Sums of products of conj(x) and y over ``dim``."""
    x, y = jnp.broadcast_arrays(x, y)
    x = lax.conj(x) if is_complex(x) else x
    return jnp.sum(x * y, wrap_dim(dim, x.ndim))
