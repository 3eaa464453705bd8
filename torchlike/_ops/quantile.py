"""Order statistics: median, quantile, mode; and covariances."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from .._errors import wrap_dim
from ..autograd.variable import TensorBase
from ._check import (
    is_bool,
    is_complex,
    is_float,
    is_inexact,
    not_implemented,
    scalar_name,
)
from ._compute import widen
from ._forms import overloaded
from ._look import look
from ._op import Array, Scalar, op
from .sort import order, sorted_along


def _middle(x, dim: int, skip_nan: bool):
    """Index of the lower median along ``dim``; of a NaN, unless they are skipped."""
    where = order(x, dim)
    n = x.shape[dim]
    missing = jnp.sum(x != x, dim, keepdims=True)
    if skip_nan:
        place = jnp.maximum((n - missing - 1) // 2, 0)
    else:
        place = jnp.where(missing > 0, n - missing, (n - 1) // 2)
    return jnp.take_along_axis(where, place, dim)


def _shared(x, value):
    """``value`` with its gradient shared evenly among the elements equal to it."""
    equal = (x == value) | ((x != x) & (value != value))
    chosen = jnp.where(equal, x, 0) / jnp.maximum(jnp.sum(equal), 1)
    total = jnp.sum(jnp.where(x == x, chosen, 0))
    return value + (total - lax.stop_gradient(total)).astype(value.dtype)


@op(name="median", scope=None, method=False)
def _median(input: Array, skip_nan: bool) -> Array:
    if is_complex(input):
        raise not_implemented("median_out", input)
    x = input.reshape(-1)
    if not x.size:
        return jnp.full((), jnp.nan, x.dtype)
    value = lax.stop_gradient(x)[_middle(x, 0, skip_nan)[0]]
    return _shared(x, value) if is_float(x) else value


@op(name="median", scope=None, method=False, returns=("values", "indices"))
def _median_along(input: Array, dim: int, keepdim: bool) -> tuple:
    return _medians(input, dim, keepdim, False)


@op(name="nanmedian", scope=None, method=False, returns=("values", "indices"))
def _nanmedian_along(input: Array, dim: int, keepdim: bool) -> tuple:
    return _medians(input, dim, keepdim, True)


def _medians(input, dim: int, keepdim: bool, skip_nan: bool):
    dim = wrap_dim(dim, input.ndim)
    x = jnp.atleast_1d(input)
    if not x.shape[dim]:
        raise IndexError(
            f"median(): Expected reduction dim {dim} to have non-zero size."
        )
    where = _middle(x, dim, skip_nan)
    values = jnp.take_along_axis(x, where, dim)
    if keepdim and input.ndim:
        return values, where
    return values.squeeze(dim), where.squeeze(dim)


@overloaded(out=True)
def median(input, dim=None, keepdim=False):
    """The lower of the middle values; with ``dim`` also its index."""
    if dim is None:
        return _median(input, False)
    return _median_along(input, dim, bool(keepdim))


@overloaded(out=True)
def nanmedian(input, dim=None, keepdim=False):
    """The median of what is not NaN; with ``dim`` also its index."""
    if dim is None:
        return _median(input, True)
    return _nanmedian_along(input, dim, bool(keepdim))


@op(returns=("values", "indices"), out=True)
def mode(input: Array, dim: int = -1, keepdim: bool = False) -> tuple:
    """The most frequent value (the smallest of them) and its last index."""
    dim = wrap_dim(dim, input.ndim)
    x = jnp.moveaxis(jnp.atleast_1d(input), dim, -1)
    ordered, where = sorted_along(lax.stop_gradient(x), x.ndim - 1)
    n = x.shape[-1]
    change = ordered[..., 1:] != ordered[..., :-1]
    fresh = jnp.ones(x.shape, bool).at[..., 1:].set(change)
    places = jnp.arange(n)
    starts = lax.cummax(jnp.where(fresh, places, 0), x.ndim - 1)
    best = jnp.argmax(places - starts, -1, keepdims=True)
    where = jnp.take_along_axis(where, best, -1)
    values = jnp.take_along_axis(x, where, -1)
    if keepdim and input.ndim:
        return jnp.moveaxis(values, -1, dim), jnp.moveaxis(where, -1, dim)
    return values.squeeze(-1), where.squeeze(-1)


# ----- quantiles ---------------------------------------------------------------------

_MODES = ("linear", "lower", "higher", "midpoint", "nearest")


def _between(x, rank, interpolation: str):
    """Elements of sorted ``x`` (…, n) at fractional places ``rank`` (…, m)."""

    def at(place):
        return jnp.take_along_axis(x, place.astype(jnp.int64), -1)

    if interpolation == "lower":
        return at(jnp.floor(rank))
    if interpolation == "higher":
        return at(jnp.ceil(rank))
    if interpolation == "nearest":
        return at(jnp.round(rank))
    below, above = at(jnp.floor(rank)), at(jnp.ceil(rank))
    weight = rank - jnp.floor(rank) if interpolation == "linear" else 0.5
    step = above - below
    near = below + weight * step
    return jnp.where(weight < 0.5, near, above - step * (1 - weight))


@op(name="quantile", scope=None, method=False)
def _quantile(
    input: Array,
    q: Scalar,
    dim: int | None,
    keepdim: bool,
    interpolation: str,
    skip_nan: bool,
) -> Array:
    if input.dtype not in (jnp.float32, jnp.float64):
        raise RuntimeError(
            "quantile() input tensor must be either float or double dtype"
        )
    if not input.size:
        raise RuntimeError("quantile() input tensor must be non-empty")
    if q.ndim > 1:
        raise RuntimeError("quantile() q must be a scalar or 1D tensor")
    x, axis = input.reshape(-1), 0
    if dim is not None:
        x, axis = jnp.atleast_1d(input), wrap_dim(dim, input.ndim)
    x, _ = sorted_along(jnp.moveaxis(x, axis, -1), x.ndim - 1)
    missing = jnp.sum(x != x, -1, keepdims=True)
    count = x.shape[-1] - (missing if skip_nan else 0)
    rank = q.reshape(-1).astype(x.dtype) * jnp.maximum(count - 1, 0)
    made = _between(x, jnp.broadcast_to(rank, (*x.shape[:-1], q.size)), interpolation)
    if not skip_nan:
        made = jnp.where(missing > 0, jnp.nan, made)
    made = jnp.moveaxis(made, -1, 0)
    if keepdim:
        shape = [1] * input.ndim if dim is None else list(input.shape)
        if dim is not None and input.ndim:
            shape[axis] = 1
        made = made.reshape(q.size, *shape)
    return made if q.ndim else made[0]


def _checked(input, q, dim, keepdim, interpolation, skip_nan):
    if interpolation not in _MODES:
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint "
            f"or nearest, but got {interpolation}"
        )
    if not isinstance(q, TensorBase):
        if not 0 <= q <= 1:
            raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q}")
        q = float(q)
    elif q._value().aval.dtype is not input._value().aval.dtype:
        raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
    return _quantile(input, q, dim, bool(keepdim), interpolation, skip_nan)


@overloaded(out=True)
def quantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The q-th quantiles of all elements or along ``dim``."""
    return _checked(input, q, dim, keepdim, interpolation, False)


@overloaded(out=True)
def nanquantile(input, q, dim=None, keepdim=False, *, interpolation="linear"):
    """The q-th quantiles of what is not NaN."""
    return _checked(input, q, dim, keepdim, interpolation, True)


# ----- covariances -------------------------------------------------------------------


def _weights_guard(operands, static) -> None:
    """PyTorch reads the weights; so does this."""
    for name, weights in zip(("fweights", "aweights"), operands[1:], strict=True):
        if isinstance(weights, TensorBase):
            seen = look(weights, "cov")
            if seen is not None and seen.size and seen.dtype.kind != "c":
                if seen.min() < 0:
                    raise RuntimeError(f"cov(): {name} cannot be negative")


@op(guard=_weights_guard)
def cov(
    input: Array,
    *,
    correction: int = 1,
    fweights: Array | None = None,
    aweights: Array | None = None,
) -> Array:
    """Covariances of the rows (variables) over the columns (observations)."""
    if input.ndim > 2:
        raise RuntimeError(
            "cov(): expected input to have two or fewer dimensions but got an input "
            f"with {input.ndim} dimensions"
        )
    if is_bool(input):
        raise RuntimeError("cov(): bool dtype is not supported for input")
    count = input.shape[-1] if input.ndim else 1
    _check_weights("fweights", fweights, count, "integral")
    _check_weights("aweights", aweights, count, "floating point")
    made = _covariance(widen(input), correction, fweights, aweights)
    kind = _dtypes.from_numpy(_result_dtype(input))
    if aweights is not None:
        kind = _dtypes.result_type([kind, _dtypes.from_numpy(aweights.dtype)], [], [])
    return made.astype(kind.numpy_dtype)


def _check_weights(name: str, weights, count: int, kind: str) -> None:
    if weights is None:
        return
    if weights.ndim > 1:
        raise RuntimeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} "
            f"with {weights.ndim} dimensions"
        )
    if is_float(weights) != (kind == "floating point") or is_bool(weights):
        raise RuntimeError(
            f"cov(): expected {name} to have {kind} dtype but got {name} with "
            f"{scalar_name(weights)} dtype"
        )
    if weights.size != count:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations "
            f"in the input but got {weights.size} != {count}"
        )


def _result_dtype(x):
    """Integers give the default float."""
    return x.dtype if is_inexact(x) else _dtypes.get_default_dtype().numpy_dtype


def _covariance(x, correction: int, fweights, aweights):
    rows = jnp.atleast_2d(x)
    weights = fweights
    if aweights is not None:
        weights = aweights if fweights is None else fweights * aweights
    if weights is None:
        mean, total = rows.mean(1, keepdims=True), rows.shape[1]
        scaled = rows = rows - mean
    else:
        total = weights.sum()
        rows = rows - (rows * weights).sum(1, keepdims=True) / total
        scaled = rows * weights
    norm = total - correction
    if aweights is not None:
        norm = total - correction * (weights * aweights).sum() / total
    return jnp.squeeze(scaled @ jnp.conj(rows).T / jnp.maximum(norm, 0))


@op
def corrcoef(input: Array) -> Array:
    """Correlations of the rows (variables) over the columns (observations)."""
    c = _covariance(widen(input), 1, None, None)
    if not c.ndim:
        return (c / c).astype(_result_dtype(input))
    spread = jnp.sqrt(jnp.diag(c).real)
    c = c / spread[:, None] / spread[None, :]
    if is_complex(c):
        return lax.complex(jnp.clip(c.real, -1, 1), jnp.clip(c.imag, -1, 1))
    return jnp.clip(c, -1, 1).astype(_result_dtype(input))
