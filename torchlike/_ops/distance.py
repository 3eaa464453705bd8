"""Distances and norms, with PyTorch's derivatives where they are 0."""

from __future__ import annotations

import math

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._errors import broadcast_shapes, wrap_dim
from ._compute import absolute, as_float, dtype_name, widen
from ._op import Array, Ints, composite, op
from ._write import into


def p_norm(x, p: float, axes, keepdims: bool = False):
    """The p-norm over ``axes``; its derivative is 0 where it is 0."""
    size = jnp.abs(x) if jnp.iscomplexobj(x) else absolute(x)
    if math.isinf(p):
        pick = jnp.max if p > 0 else jnp.min
        return pick(size, axes, keepdims=keepdims)
    if p == 0:
        return jnp.sum((size != 0).astype(size.dtype), axes, keepdims=keepdims)
    if p == 1:
        return jnp.sum(size, axes, keepdims=keepdims)
    return _root(jnp.sum(_power(size, p), axes, keepdims=keepdims), p)


def _power(size, p: float):
    if p == 2:
        return jnp.square(size)
    # The derivative must not meet 0 to a negative power.
    zero = size == 0
    return jnp.where(zero, 0, jnp.where(zero, 1, size) ** p)


def _root(total, p: float):
    zero = total == 0
    total = jnp.where(zero, 1, total)
    return jnp.where(zero, 0, jnp.sqrt(total) if p == 2 else total ** (1 / p))


@op(scope=None, method=False, backward="DivBackward0")
def _normalize(input: Array, p: float, dim: Ints, eps: float) -> Array:
    if not jnp.issubdtype(input.dtype, jnp.inexact):
        raise RuntimeError(
            "linalg.vector_norm: Expected a floating point or complex tensor as input. "
            f"Got {dtype_name(input)}"
        )
    dim = tuple(wrap_dim(d, input.ndim) for d in dim)
    x = jnp.atleast_1d(widen(input))
    norm = p_norm(x, p, dim, keepdims=True)
    made = x / jnp.where(norm >= eps, norm, eps)
    return made.reshape(input.shape).astype(input.dtype)


@composite(scope="nn.functional")
def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    """Divide by the p-norm over ``dim``, or by ``eps`` where that is larger."""
    result = _normalize(input, p, dim, eps)
    return result if out is None else into(out, result)


@op(
    scope="torch nn.functional",
    method=False,
    promote="x1 x2",
    opmath=True,
    broadcasts=True,
    backward="SumBackward1",
)
def cosine_similarity(x1: Array, x2: Array, dim: int = 1, eps: float = 1e-8) -> Array:
    """x1 · x2 / (max(|x1|, eps) · max(|x2|, eps)) over ``dim``."""
    if not jnp.issubdtype(x1.dtype, jnp.floating):
        raise RuntimeError(
            "expected common dtype to be floating point, yet common dtype is "
            f"{dtype_name(x1)}"
        )
    shape = broadcast_shapes(x1.shape, x2.shape)
    dim = wrap_dim(dim, len(shape))
    x1, x2 = (jnp.atleast_1d(jnp.broadcast_to(x, shape)) for x in (x1, x2))
    return jnp.sum(_unit(x1, dim, eps) * _unit(x2, dim, eps), dim)


def _unit(x, dim: int, eps: float):
    norm = p_norm(x, 2.0, dim, keepdims=True)
    # As in PyTorch, the floor does not stop the derivative of the norm.
    return x / (norm + lax.stop_gradient(jnp.maximum(norm, eps) - norm))


def pairwise(x1, x2, p: float, eps: float, keepdim: bool = False):
    """The p-norm of x1 - x2 + eps over the last dimension."""
    return p_norm(as_float(x1 - x2) + eps, p, -1, keepdim)


@op(
    scope="torch nn.functional",
    method=False,
    promote="x1 x2",
    opmath=True,
    broadcasts=True,
    backward="NormBackward1",
)
def pairwise_distance(
    x1: Array, x2: Array, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Array:
    """The p-norm of x1 - x2 + eps over the last dimension."""
    return pairwise(x1, x2, p, eps, keepdim)


def _by_product(p: float, compute_mode: str, rows: int, columns: int) -> bool:
    """Whether PyTorch takes Euclidean distances by a matrix product."""
    many = rows > 25 or columns > 25
    return p == 2 and (
        compute_mode == "use_mm_for_euclid_dist"
        or (many and compute_mode != "donot_use_mm_for_euclid_dist")
    )


def _cdist_node(static: dict, plan) -> str:
    rows, columns = (a.shape[-2] for a in plan.signature[:2])
    product = _by_product(static["p"], static["compute_mode"], rows, columns)
    return "ViewBackward0" if product else "CdistBackward0"


@op(method=False, backward=_cdist_node)
def cdist(
    x1: Array,
    x2: Array,
    p: float = 2.0,
    compute_mode: str = "use_mm_for_euclid_dist_if_necessary",
) -> Array:
    """The distances of all pairs of rows.

    **Shape** x1 (…, P, M), x2 (…, R, M), result (…, P, R).
    """
    _check_cdist(x1, x2, p)
    if _by_product(p, compute_mode, x1.shape[-2], x2.shape[-2]):
        return _euclid_by_product(x1, x2)
    return p_norm(x1[..., :, None, :] - x2[..., None, :, :], p, -1)


def _check_cdist(x1, x2, p: float) -> None:
    for i, x in enumerate((x1, x2), 1):
        if not jnp.issubdtype(x.dtype, jnp.floating):
            raise RuntimeError(
                f"cdist only supports floating-point dtypes, X{i} got: {dtype_name(x)}"
            )
        if x.ndim < 2:
            raise RuntimeError(
                f"cdist only supports at least 2D tensors, X{i} got: {x.ndim}D"
            )
    if x1.shape[-1] != x2.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {x1.shape[-1]} "
            f"X2: {x2.shape[-1]}"
        )
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    broadcast_shapes(x1.shape[:-2], x2.shape[:-2])


def _euclid_by_product(x1, x2):
    """√(|a|² + |b|² - 2ab), as PyTorch does for many rows."""
    a = jnp.sum(jnp.square(x1), -1)[..., :, None]
    b = jnp.sum(jnp.square(x2), -1)[..., None, :]
    squared = a + b - 2 * (x1 @ jnp.swapaxes(x2, -1, -2))
    return _root(jnp.where(squared > 0, squared, 0), 2.0)


@op(scope="torch nn.functional", method=False)
def pdist(input: Array, p: float = 2.0) -> Array:
    """The distances of all pairs of different rows, upper triangle row by row.

    **Shape** input (N, M), result (N · (N - 1) / 2).
    """
    if input.ndim != 2:
        raise RuntimeError(f"pdist only supports 2D tensors, got: {input.ndim}D")
    if not jnp.issubdtype(input.dtype, jnp.floating):
        raise RuntimeError("pdist only supports floating-point dtypes")
    if p < 0:
        raise RuntimeError("pdist only supports non-negative p values")
    rows, columns = np.triu_indices(input.shape[0], 1)
    return p_norm(input[rows] - input[columns], p, -1)
