"""Running sums, products and extremes; differences and integrals along a dimension."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from .._errors import wrap_dim
from ..autograd.variable import TensorBase
from . import binary
from ._check import is_bool, is_complex, is_inexact, not_implemented
from ._compute import widen
from ._op import Array, Dtype, composite, op


def _running(x, dim: int, dtype, function):
    """A running sum or product: integers in int64, half precision in float32."""
    dim = wrap_dim(dim, x.ndim)
    if dtype is not None:
        x = x.astype(dtype.numpy_dtype)
    elif not is_inexact(x):
        x = x.astype(jnp.int64)
    if not x.ndim:
        return x
    return function(widen(x), dim).astype(x.dtype)


@op(out=True, inplace=True)
def cumsum(input: Array, dim: int, *, dtype: Dtype | None = None) -> Array:
    """Running sums along ``dim``."""
    return _running(input, dim, dtype, lax.cumsum)


@op(out=True, inplace=True)
def cumprod(input: Array, dim: int, *, dtype: Dtype | None = None) -> Array:
    """Running products along ``dim``; zeros have PyTorch's gradient too."""
    return _running(input, dim, dtype, lax.cumprod)


@op(out=True, promote="input", opmath=True)
def logcumsumexp(input: Array, dim: int) -> Array:
    """log of the running sums of exp(input), without overflow."""
    if not is_inexact(input):
        raise not_implemented("logcumsumexp_out_cpu", input)
    dim = wrap_dim(dim, input.ndim)
    if not input.ndim or not input.size:
        return input
    if is_complex(input):
        return _complex_logcumsumexp(input, dim)
    return lax.cumlogsumexp(input, dim)


def _complex_logcumsumexp(x, dim: int):
    """One by one: the imaginary part depends on the order of the sums."""

    def add(total, item):
        total = binary.complex_logaddexp(item, total)
        return total, total

    x = jnp.moveaxis(x, dim, 0)
    rest = lax.scan(add, x[0], x[1:])[1]
    return jnp.moveaxis(jnp.concatenate([x[:1], rest]), 0, dim)


def _last_extreme(x, dim: int, better):
    """Index of the last extreme so far; NaN is the extreme once it came."""
    where = lax.broadcasted_iota(jnp.int64, x.shape, dim)

    def later(a, b):
        (first, i), (second, j) = a, b
        take = (second != second) | ((first == first) & better(second, first))
        return jnp.where(take, second, first), jnp.where(take, j, i)

    return lax.associative_scan(later, (x, where), axis=dim)[1]


def _extremes(x, dim: int, name: str, better):
    if is_complex(x):
        raise not_implemented(f"{name}_cpu", x)
    dim = wrap_dim(dim, x.ndim)
    if not x.ndim:
        return x, jnp.zeros((), jnp.int64)
    where = _last_extreme(lax.stop_gradient(x), dim, better)
    return jnp.take_along_axis(x, where, dim), where


@op(out=True, returns=("values", "indices"))
def cummax(input: Array, dim: int) -> tuple:
    """Running maxima and the last index of each."""
    return _extremes(input, dim, "cummax", jnp.greater_equal)


@op(out=True, returns=("values", "indices"))
def cummin(input: Array, dim: int) -> tuple:
    """Running minima and the last index of each."""
    return _extremes(input, dim, "cummin", jnp.less_equal)


# ----- differences and integrals -----------------------------------------------------


@op(out=True)
def diff(
    input: Array,
    n: int = 1,
    dim: int = -1,
    prepend: Array | None = None,
    append: Array | None = None,
) -> Array:
    """The n-th differences along ``dim``."""
    if not input.ndim:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    dim = wrap_dim(dim, input.ndim)
    parts = [x for x in (prepend, input, append) if x is not None]
    x = jnp.concatenate(parts, dim) if len(parts) > 1 else input
    for _ in range(min(n, x.shape[dim])):
        first = lax.slice_in_dim(x, 0, x.shape[dim] - 1, axis=dim)
        second = lax.slice_in_dim(x, 1, x.shape[dim], axis=dim)
        x = first ^ second if is_bool(x) else second - first
    return x


def _ends(y, dim: int, name: str):
    """``y`` with ``dim`` last, and the sums of its neighbours, in its own dtype."""
    if is_bool(y):
        raise RuntimeError(
            f"{name}: received a bool input for `x` or `y`, but bool is not supported"
        )
    y = jnp.moveaxis(y, dim, -1)
    return y, y[..., 1:] + y[..., :-1]


def _areas(y, x, dim: int, name: str):
    """Twice the areas of the trapezoids; integers wrap round as PyTorch's do."""
    x = x if x.ndim == 1 else jnp.moveaxis(x, dim, -1)
    areas = _ends(y, dim, name)[1] * (x[..., 1:] - x[..., :-1])
    return areas if is_inexact(areas) else areas.astype(jnp.int64)


def _floating(y):
    return y if is_inexact(y) else y.astype(jnp.float32)


@op(method=False, aliases=("trapz",))
def trapezoid(
    y: Array, x: Array | None = None, *, dx: float | None = None, dim: int = -1
) -> Array:
    """The integral of y over x (or a step of ``dx``) by trapezoids."""
    dim = wrap_dim(dim, y.ndim)
    if x is not None:
        return _floating(_areas(y, x, dim, "trapezoid").sum(-1)) / 2
    y, heights = _ends(y, dim, "trapezoid")
    if is_inexact(y) or not y.shape[-1]:
        return _floating(heights).sum(-1) * ((1 if dx is None else dx) / 2)
    total = y.sum(-1, dtype=jnp.int64).astype(jnp.float32)
    ends = (y[..., 0] + y[..., -1]).astype(jnp.float32)
    return (total - ends / 2) * (1 if dx is None else dx)


@op(method=False)
def cumulative_trapezoid(
    y: Array, x: Array | None = None, *, dx: float | None = None, dim: int = -1
) -> Array:
    """Running integrals of y over x by trapezoids."""
    dim = wrap_dim(dim, y.ndim)
    if x is None:
        heights = _ends(y, dim, "cumulative_trapezoid")[1]
        steps = _floating(heights) * ((1 if dx is None else dx) / 2)
        sums = jnp.cumsum(steps, -1)
    else:
        areas = _areas(y, x, dim, "cumulative_trapezoid")
        sums = _floating(jnp.cumsum(areas, -1)) / 2
    return jnp.moveaxis(sums, -1, dim)


# ----- gradient of samples -----------------------------------------------------------


def _slopes(y, steps, dim: int, edge_order: int):
    """Second-order differences inside, of ``edge_order`` at the edges."""
    y = jnp.moveaxis(y, dim, 0)
    steps = steps.reshape((-1,) + (1,) * (y.ndim - 1))
    before, after = steps[:-1], steps[1:]
    left, right = (y[1:-1] - y[:-2]) / before, (y[2:] - y[1:-1]) / after
    inside = (left * after + right * before) / (before + after)
    first, last = (y[1] - y[0]) / steps[0], (y[-1] - y[-2]) / steps[-1]
    if edge_order == 2:
        first = first + (left[0] - right[0]) * steps[0] / (steps[0] + steps[1])
        last = last + (right[-1] - left[-1]) * steps[-1] / (steps[-1] + steps[-2])
    return jnp.moveaxis(jnp.concatenate([first[None], inside, last[None]]), 0, dim)


@op(name="gradient", scope=None, method=False)
def _gradient(
    input: Array, coordinates: Array | None, step: float, dim: int, edge_order: int
) -> Array:
    n = input.shape[dim]
    if n < edge_order + 1:
        raise RuntimeError(
            "torch.gradient expected each dimension size to be at least edge_order+1"
        )
    x = _floating(input)
    if coordinates is None:
        steps = jnp.full(n - 1, step, x.dtype)
    else:
        steps = jnp.diff(coordinates).astype(x.dtype)
    return _slopes(x, steps, dim, edge_order)


def _check_dims(dims, edge_order: int) -> None:
    for i, d in enumerate(dims):
        if d in dims[:i]:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    if edge_order not in (1, 2):
        raise RuntimeError(
            "torch.gradient only supports edge_order=1 and edge_order=2."
        )


def _check_places(input, spacing) -> None:
    for x in spacing:
        if isinstance(x, TensorBase) and x.device != input.device:
            raise RuntimeError(
                "torch.gradient expected each tensor to be on the same device, but got "
                f"devices {input.device} and {x.device}!"
            )


@composite
def gradient(input, *, spacing=None, dim=None, edge_order=1):
    """Estimates of the derivatives of samples along each of ``dim``, a tuple."""
    if input._value().aval.dtype is _dtypes.uint8:
        raise RuntimeError("torch.gradient does not support uint8 input.")
    rank = len(input._value().aval.shape)
    dims = range(rank) if dim is None else (dim,) if isinstance(dim, int) else dim
    dims = [wrap_dim(d, rank) for d in dims]
    _check_dims(dims, edge_order)
    if not isinstance(spacing, (tuple, list)):
        spacing = [1 if spacing is None else spacing] * len(dims)
    if len(spacing) != len(dims):
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar, or a list of "
            f"length {len(dims)}, but got a list of length {len(spacing)}"
        )
    _check_places(input, spacing)
    made = []
    for d, step in zip(dims, spacing, strict=True):
        place = step if isinstance(step, TensorBase) else None
        number = 1.0 if place is not None else float(step)
        made.append(_gradient(input, place, number, d, edge_order))
    return tuple(made)
