"""Reductions: sums, means, products, variances, truth and norms."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from .. import _dtypes
from .._errors import wrap_dims
from ._check import is_complex, is_inexact
from ._forms import overloaded
from ._op import Array, Dtype, Ints, op


def axes(dim, ndim: int) -> tuple[int, ...]:
    """The dimensions a reduction goes over: none or ``()`` means all."""
    if dim is None or dim == ():
        return tuple(range(ndim))
    dims = wrap_dims(dim, ndim)
    return dims if ndim else ()


def _by_dim(name: str):
    """PyTorch's node names tell the full reduction from the one over dimensions."""

    def rule(static: dict, plan) -> str:
        return f"{name}Backward{0 if static['dim'] is None else 1}"

    return rule


def _wide(x):
    """Half precision accumulates in float32."""
    return x.astype(jnp.float32) if x.dtype in (jnp.float16, jnp.bfloat16) else x


def _sum_input(x, dtype):
    if dtype is not None:
        return x.astype(dtype.numpy_dtype)
    return x if is_inexact(x) else x.astype(jnp.int64)


def _reduce_sum(x, dims, keepdim: bool):
    total = jnp.sum(_wide(x), axis=dims, keepdims=keepdim, dtype=_wide(x).dtype)
    return total.astype(x.dtype)


@op(out=True, backward=_by_dim("Sum"))
def sum(
    input: Array,
    dim: Ints | None = None,
    keepdim: bool = False,
    *,
    dtype: Dtype | None = None,
) -> Array:
    """The sum over all or some dimensions; integers give int64."""
    x = _sum_input(input, dtype)
    return _reduce_sum(x, axes(dim, x.ndim), keepdim)


@op(out=True)
def nansum(
    input: Array,
    dim: Ints | None = None,
    keepdim: bool = False,
    *,
    dtype: Dtype | None = None,
) -> Array:
    """The sum, with NaN counted as zero."""
    x = _sum_input(jnp.where(jnp.isnan(input), 0, input), dtype)
    return _reduce_sum(x, axes(dim, x.ndim), keepdim)


def _mean_input(x, dtype):
    if dtype is not None:
        x = x.astype(dtype.numpy_dtype)
    if not is_inexact(x):
        got = _dtypes.scalar_type_name(_dtypes.from_numpy(x.dtype))
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a "
            f"floating point or complex dtype. Got: {got}"
        )
    return x


@op(out=True, backward=_by_dim("Mean"))
def mean(
    input: Array,
    dim: Ints | None = None,
    keepdim: bool = False,
    *,
    dtype: Dtype | None = None,
) -> Array:
    """The mean over all or some dimensions."""
    x = _mean_input(input, dtype)
    return jnp.mean(_wide(x), axis=axes(dim, x.ndim), keepdims=keepdim).astype(x.dtype)


@op(out=True)
def nanmean(
    input: Array,
    dim: Ints | None = None,
    keepdim: bool = False,
    *,
    dtype: Dtype | None = None,
) -> Array:
    """The mean of what is not NaN."""
    x = _mean_input(input, dtype)
    dims = axes(dim, x.ndim)
    valid = ~jnp.isnan(x)
    count = jnp.sum(valid, axis=dims, keepdims=keepdim).astype(_wide(x).dtype)
    total = jnp.sum(_wide(jnp.where(valid, x, 0)), axis=dims, keepdims=keepdim)
    return (total / count).astype(x.dtype)


def _one_dim(dim, ndim: int) -> tuple[int, ...]:
    return axes(None if dim is None else (dim,), ndim)


def _exclusive_products(x, axis: int):
    """For each element the product of the others along ``axis``, without division."""
    ones = jnp.ones_like(jax.lax.slice_in_dim(x, 0, 1, axis=axis))
    n = x.shape[axis]
    before = jnp.concatenate([ones, jax.lax.slice_in_dim(x, 0, n - 1, axis=axis)], axis)
    after = jnp.concatenate([jax.lax.slice_in_dim(x, 1, n, axis=axis), ones], axis)
    left = jax.lax.associative_scan(jnp.multiply, before, axis=axis)
    right = jax.lax.associative_scan(jnp.multiply, after, axis=axis, reverse=True)
    return left * right


@jax.custom_jvp
def _product(x):
    """The product over the last dimension, differentiable where elements are zero."""
    return jnp.prod(x, axis=-1)


@_product.defjvp
def _product_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    if x.shape[-1] == 0:
        return _product(x), jnp.zeros_like(x[..., :0].sum(-1))
    return _product(x), jnp.sum(_exclusive_products(x, x.ndim - 1) * dx, -1)


@op(out=True)
def prod(
    input: Array,
    dim: int | None = None,
    keepdim: bool = False,
    *,
    dtype: Dtype | None = None,
) -> Array:
    """The product over all or one dimension; integers give int64."""
    x = _sum_input(input, dtype)
    if not is_inexact(x):
        return jnp.prod(x, axis=_one_dim(dim, x.ndim), keepdims=keepdim, dtype=x.dtype)
    wide = _wide(x)
    if dim is None:
        made = _product(wide.reshape(-1))
    elif x.ndim == 0:
        made = wide
    else:
        (d,) = _one_dim(dim, x.ndim)
        made = _product(jnp.moveaxis(wide, d, -1))
        made = jnp.expand_dims(made, d) if keepdim else made
    return made.astype(x.dtype)


# ----- spread ------------------------------------------------------------------------


def _variance(x, dim, correction, keepdim: bool):
    dims = axes(dim, x.ndim)
    if not is_inexact(x):
        raise RuntimeError("std and var only support floating point and complex dtypes")
    wide = _wide(x)
    n = 1
    for d in dims:
        n *= x.shape[d]
    centre = jnp.mean(wide, axis=dims, keepdims=True)
    away = wide - centre
    squares = (away * jnp.conj(away)).real if is_complex(x) else away * away
    total = jnp.sum(squares, axis=dims, keepdims=keepdim)
    mean = centre if keepdim else jnp.squeeze(centre, dims)
    return total / jnp.maximum(n - correction, 0), mean


def _result(x, like):
    """Back to the input's dtype (the real one of a complex input)."""
    if is_complex(x):
        return x
    target = like.dtype if not is_complex(like) else x.dtype
    return x.astype(target)


@jax.custom_jvp
def _root(x):
    """The square root, with gradient 0 at 0 as PyTorch has it for ``std``."""
    return jnp.sqrt(x)


@_root.defjvp
def _root_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    y = _root(x)
    zero = y == 0
    return y, dx * jnp.where(zero, 0, 0.5 / jnp.where(zero, 1, y))


def _correction(correction, unbiased):
    if unbiased is not None:
        return float(unbiased)
    return 1.0 if correction is None else float(correction)


def _spread_arguments(dim, unbiased, correction):
    """Sort out ``var(unbiased)``, ``var(dim, unbiased)`` and ``correction=``."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    return dim, _correction(correction, unbiased)


@op(name="var", scope=None, method=False)
def _var(input: Array, dim: Ints | None, correction: float, keepdim: bool) -> Array:
    return _result(_variance(input, dim, correction, keepdim)[0], input)


@op(name="std", scope=None, method=False)
def _std(input: Array, dim: Ints | None, correction: float, keepdim: bool) -> Array:
    return _result(_root(_variance(input, dim, correction, keepdim)[0]), input)


@op(name="var_mean", scope=None, method=False, returns=())
def _var_mean(
    input: Array, dim: Ints | None, correction: float, keepdim: bool
) -> tuple:
    var, mean = _variance(input, dim, correction, keepdim)
    return _result(var, input), _result(mean, input)


@op(name="std_mean", scope=None, method=False, returns=())
def _std_mean(
    input: Array, dim: Ints | None, correction: float, keepdim: bool
) -> tuple:
    var, mean = _variance(input, dim, correction, keepdim)
    return _result(_root(var), input), _result(mean, input)


def _publish_spread(name: str, recorded, method: bool, text: str):
    def function(input, dim=None, unbiased=None, keepdim=False, *, correction=None):
        dim, correction = _spread_arguments(dim, unbiased, correction)
        return recorded(input, dim, correction, keepdim)

    function.__name__, function.__doc__ = name, text
    overloaded(function, name=name, method=method, out=method)


_publish_spread("var", _var, True, "The variance over all or some dimensions.")
_publish_spread("std", _std, True, "The standard deviation over dimensions.")
_publish_spread("var_mean", _var_mean, False, "The variance and the mean.")
_publish_spread("std_mean", _std_mean, False, "The standard deviation and the mean.")


# ----- truth and counts --------------------------------------------------------------


def _truth(x, like):
    # PyTorch keeps uint8 for all() and any() of uint8.
    return x.astype(jnp.uint8) if like.dtype == jnp.uint8 else x


@op(name="all", out=True, differentiable=False)
def all_(input: Array, dim: Ints | None = None, keepdim: bool = False) -> Array:
    """Whether all elements are nonzero."""
    found = jnp.all(input != 0, axis=axes(dim, input.ndim), keepdims=keepdim)
    return _truth(found, input)


@op(name="any", out=True, differentiable=False)
def any_(input: Array, dim: Ints | None = None, keepdim: bool = False) -> Array:
    """Whether some element is nonzero."""
    found = jnp.any(input != 0, axis=axes(dim, input.ndim), keepdims=keepdim)
    return _truth(found, input)


@op(differentiable=False)
def count_nonzero(input: Array, dim: Ints | None = None) -> Array:
    """How many elements are not zero."""
    return jnp.sum(input != 0, axis=axes(dim, input.ndim), dtype=jnp.int64)


@op(out=True)
def logsumexp(input: Array, dim: Ints, keepdim: bool = False) -> Array:
    """log of the sum of exponentials, stable."""
    x = (
        input
        if is_inexact(input)
        else input.astype(_dtypes.get_default_dtype().numpy_dtype)
    )
    dims = axes(dim, x.ndim)
    made = jax.scipy.special.logsumexp(_wide(x), axis=dims, keepdims=keepdim)
    return made.astype(x.dtype)
