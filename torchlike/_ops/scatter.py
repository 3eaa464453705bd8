"""Gather and scatter along a dimension, with an index of the same rank.

**Differs** from PyTorch: an index out of range is an error only where its values are
known (see ``_bounds``); otherwise it is clipped (gather) or dropped (scatter).
"""

from __future__ import annotations

import jax.numpy as jnp

from .._errors import wrap_dim
from ..autograd.variable import TensorBase
from . import _bounds, _out
from . import _reduce_at as reduce_at
from ._check import is_inexact, scalar_name
from ._forms import overloaded
from ._op import Array, Scalar, op

_known_in_range = _bounds.along(RuntimeError)


def _IN_RANGE(operands, static) -> None:
    """Known indices are in range; where the shapes do not fit, the op says so."""
    ranks = {max(t.ndim, 1) for t in operands if isinstance(t, TensorBase)}
    if len(ranks) == 1:
        _known_in_range(operands, static)


def _gathered_in_range(operands, static) -> None:
    """Of an index that fits beside the other dimensions; else the op says so."""
    input, index = operands[:2]
    if isinstance(input, TensorBase) and isinstance(index, TensorBase):
        x, i = input.shape or (1,), index.shape or (1,)
        if len(x) != len(i):
            return
        along = static[0] % len(x)
        if any(m > n for k, (n, m) in enumerate(zip(x, i, strict=True)) if k != along):
            return
    _known_in_range(operands, static)


def _check_index(name: str, x, index, what: str) -> None:
    if index.size and index.dtype not in (jnp.int32, jnp.int64):
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index")
    if max(index.ndim, 1) != max(x.ndim, 1) and index.size:
        raise RuntimeError(
            f"Index tensor must have the same number of dimensions as {what} tensor"
        )


def positions(index, dim: int) -> tuple:
    """The full index arrays of all dimensions, ``index`` standing for ``dim``."""
    shape = index.shape
    grids = [
        jnp.arange(n).reshape([-1 if i == k else 1 for k in range(len(shape))])
        for i, n in enumerate(shape)
    ]
    return tuple(index if i == dim else grids[i] for i in range(len(shape)))


@overloaded(out=(_out.exact, _out.apart))
@op(scope=None, method=False, guard=_gathered_in_range)
def gather(input: Array, dim: int, index: Array, *, sparse_grad: bool = False) -> Array:
    """out[i][j] = input[index[i][j]][j] for ``dim`` 0, and so on."""
    _check_index("gather", input, index, "input")
    dim = wrap_dim(dim, input.ndim)
    if not index.size:
        return jnp.zeros(index.shape, input.dtype)
    x, i = jnp.atleast_1d(input), jnp.atleast_1d(index)
    for k, (n, m) in enumerate(zip(i.shape, x.shape, strict=True)):
        if k != dim and n > m:
            raise RuntimeError(
                f"Size does not match at dimension {k} expected index "
                f"{list(index.shape)} to be no larger than self {list(input.shape)} "
                f"apart from dimension {dim}"
            )
    return x.at[positions(i, dim)].get(mode="clip").reshape(index.shape)


# ----- scatter -----------------------------------------------------------------------


def _prepared(name: str, input, dim: int, index, src=None):
    """Checked, at least 1-d arrays: input, positions, the part of src that is used."""
    if src is not None and src.dtype != input.dtype:
        raise RuntimeError(f"{name}(): Expected self.dtype to be equal to src.dtype")
    _check_index(name, input, index, "self")
    if src is not None and index.size and max(src.ndim, 1) != max(index.ndim, 1):
        raise RuntimeError(
            "Index tensor must have the same number of dimensions as src tensor"
        )
    dim = wrap_dim(dim, input.ndim)
    x, i = jnp.atleast_1d(input), jnp.atleast_1d(index)
    if not index.size:
        i = jnp.zeros((0,) * x.ndim, jnp.int64)
    s = None if src is None else jnp.atleast_1d(src)
    _check_sizes(x, i, s, dim)
    if s is not None:
        s = s[tuple(slice(n) for n in i.shape)]
    return x, positions(i, dim), s


def _pairs(a, b):
    return zip(a.shape, b.shape, strict=False)


def _check_sizes(x, i, s, dim: int) -> None:
    fits = all(n <= m for k, (n, m) in enumerate(_pairs(i, x)) if k != dim)
    if s is None:
        if not fits:
            raise RuntimeError(
                f"Expected index {list(i.shape)} to be no larger than self "
                f"{list(x.shape)} apart from dimension {dim}"
            )
    elif not fits or any(n > m for n, m in _pairs(i, s)):
        raise RuntimeError(
            f"Expected index {list(i.shape)} to be no larger than self "
            f"{list(x.shape)} apart from dimension {dim} and to be no larger size than "
            f"src {list(s.shape)}"
        )


@op(name="scatter", scope=None, method=False, guard=_IN_RANGE)
def _scatter(input: Array, dim: int, index: Array, src: Array) -> Array:
    x, where, s = _prepared("scatter", input, dim, index, src)
    return x.at[where].set(s).reshape(input.shape)


@op(name="scatter", scope=None, method=False, guard=_IN_RANGE)
def _scatter_value(input: Array, dim: int, index: Array, value: Scalar) -> Array:
    x, where, _ = _prepared("scatter", input, dim, index)
    return x.at[where].set(jnp.asarray(value).astype(x.dtype)).reshape(input.shape)


@op(name="scatter", scope=None, method=False, guard=_IN_RANGE)
def _scatter_reduced(
    input: Array, dim: int, index: Array, src: Array, reduce: str
) -> Array:
    x, where, s = _prepared("scatter", input, dim, index, src)
    made = reduce_at.sums(x, where, s)
    if reduce != "add":
        made = reduce_at.product(x, where, s)
    return made.reshape(input.shape)


@op(name="scatter", scope=None, method=False, guard=_IN_RANGE)
def _scatter_value_reduced(
    input: Array, dim: int, index: Array, value: Scalar, reduce: str
) -> Array:
    x, where, _ = _prepared("scatter", input, dim, index)
    v = jnp.broadcast_to(jnp.asarray(value).astype(x.dtype), index.shape)
    made = reduce_at.sums(x, where, v)
    if reduce != "add":
        made = reduce_at.product(x, where, v)
    return made.reshape(input.shape)


@overloaded(inplace=True, out=True)
def scatter(input, dim, index, src=None, *, value=None, reduce=None):
    """A copy of ``input`` with ``src`` (or a number) written at ``index``.

    ``reduce`` may be "add" or "multiply". Of values at the same index one wins.
    """
    if src is None:
        src = value
    if reduce is None:
        chosen = _scatter if isinstance(src, TensorBase) else _scatter_value
        return chosen(input, dim, index, src)
    if reduce not in ("add", "multiply"):
        raise RuntimeError("reduce argument must be either add or multiply.")
    if isinstance(src, TensorBase):
        return _scatter_reduced(input, dim, index, src, reduce)
    return _scatter_value_reduced(input, dim, index, src, reduce)


@op(inplace=True, out=True, guard=_IN_RANGE)
def scatter_add(input: Array, dim: int, index: Array, src: Array) -> Array:
    """``input`` plus the values of ``src`` at ``index``."""
    x, where, s = _prepared("scatter", input, dim, index, src)
    return reduce_at.sums(x, where, s).reshape(input.shape)


_REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


@op(inplace=True, out=True, guard=_IN_RANGE)
def scatter_reduce(
    input: Array,
    dim: int,
    index: Array,
    src: Array,
    reduce: str,
    *,
    include_self: bool = True,
) -> Array:
    """Values of ``src`` at the same index reduced by sum, prod, mean, amax or amin."""
    if reduce not in _REDUCTIONS:
        raise RuntimeError(
            "reduce argument must be either sum, prod, mean, amax or amin, got "
            f"{reduce}"
        )
    x, where, s = _prepared("scatter", input, dim, index, src)
    return reduce_at.reduced(x, where, s, reduce, include_self).reshape(input.shape)


@op(inplace=True, out=True, guard=_bounds.along(IndexError, _bounds.in_self))
def index_reduce(
    input: Array,
    dim: int,
    index: Array,
    source: Array,
    reduce: str,
    *,
    include_self: bool = True,
) -> Array:
    """Slices of ``source`` reduced into those of ``input`` that ``index`` names."""
    if reduce not in _REDUCTIONS[1:]:
        raise RuntimeError(
            "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but "
            f"got {reduce}."
        )
    dim = wrap_dim(dim, input.ndim)
    check_slices("index_reduce", input, dim, index, source)
    if reduce == "mean" and not is_inexact(input):
        reduce = "floor_mean"
    x, source = jnp.atleast_1d(input), jnp.atleast_1d(source)
    where = (slice(None),) * dim + (jnp.atleast_1d(index),)
    made = reduce_at.reduced(x, where, source, reduce, include_self)
    return made.reshape(input.shape)


def check_slices(name: str, x, dim: int, index, source) -> None:
    """The conditions of index_add and index_reduce on index and source."""
    kind = scalar_name(index)
    if index.ndim > 1:
        raise IndexError(
            f"{name}_(): Index is supposed to be a vector, but got dim: {index.ndim} "
            f"with type: {kind} and size: {list(index.shape)}"
        )
    if index.dtype not in (jnp.int32, jnp.int64):
        raise RuntimeError(
            f"{name}_(): Expected dtype int32/int64 for index but got: {kind}"
        )
    if source.dtype != x.dtype:
        raise RuntimeError(
            f"{name}_(): self ({scalar_name(x)}) and source ({scalar_name(source)}) "
            "must have the same scalar type"
        )
    n = source.shape[dim] if source.ndim else 1
    if n != index.size:
        raise RuntimeError(
            f"{name}_(): Number of indices ({index.size}) should be equal to "
            f"source.size(dim): ({n}), for dim: {dim}"
        )
    rest = [s.shape[:dim] + s.shape[dim + 1 :] for s in (x, source)]
    if rest[0] != rest[1] or x.ndim != source.ndim:
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified "
            f"dimension. Got self.shape = {list(x.shape)} source.shape = "
            f"{list(source.shape)}"
        )
