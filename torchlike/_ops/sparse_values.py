"""Sparse values: what ops do with tensors that hold indices and values.

A sparse tensor is an ordinary tensor whose value is ``Lifted``: its content is where
the elements stand and what they are. Ops with a rule here keep it sparse; any other op
sees the dense array. XLA has no sparse kernels: rules gather and scatter.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from .. import _dtypes
from .._devices import CPU
from .._engine import Lifted, Single, Value, aval, from_host, move, realise, record
from ._op import Array, Ints, op


@op(name="to_dense", scope=None, method=False)
def densify(indices: Array, values: Array, shape: Ints) -> Array:
    """An array of ``shape`` with ``values`` added up at ``indices`` (D, N)."""
    dense = jnp.zeros(shape, values.dtype)
    where = tuple(indices)
    if not where:
        total = values.any(0) if values.dtype == jnp.bool_ else values.sum(0)
        return total.astype(values.dtype).reshape(shape)
    if values.dtype == jnp.bool_:
        return dense.at[where].max(values)
    return dense.at[where].add(values)


@op(name="expand_crow", scope=None, method=False, differentiable=False)
def row_numbers(crow: Array, n: int) -> Array:
    """The row of each of ``n`` elements of a compressed matrix (or batch of them)."""
    places = jnp.arange(n)
    flat = crow.reshape(-1, crow.shape[-1])
    rows = (places[None, :, None] >= flat[:, None, 1:]).sum(-1)
    return rows.reshape(*crow.shape[:-1], n).astype(jnp.int64)


@op(name="merge", scope=None, method=False)
def merge(values: Array, inverse: Array, n: int) -> Array:
    """Values (N, …) added up in ``n`` places."""
    made = jnp.zeros((n, *values.shape[1:]), values.dtype)
    if values.dtype == jnp.bool_:
        return made.at[inverse].max(values)
    return made.at[inverse].add(values)


class Parts:
    """What a sparse value holds; ``compressed`` is (crow, col) or (ccol, row)."""

    __slots__ = ("indices", "values", "coalesced", "compressed")

    def __init__(self, indices, values, coalesced=False, compressed=None):
        self.indices: Value = indices  # (sparse dimensions, N), int64
        self.values: Value = values  # (N, *dense dimensions)
        self.coalesced = coalesced
        self.compressed = compressed


class SparseLevel:
    """The level of sparse values of one layout; it is below all transforms."""

    depth = -1
    tensor_class = None

    def __init__(self, layout):
        self.layout = layout

    def hold(self, parts: Parts, shape) -> Lifted:
        """The sparse value of these parts."""
        shape_dtype = aval(tuple(shape), parts.values.aval.dtype)
        return Lifted(shape_dtype, parts.values.device, self, parts)

    def peek(self, value: Lifted):
        return None

    def realise(self, value: Lifted, trigger: str) -> Value:
        return realise(dense_value(value), trigger)

    def refuse_write(self, tensor) -> None:
        """Any tensor may become sparse."""

    def process(self, op, static, operands, place) -> list:
        """Apply the rule of an op, or run it on dense arrays."""
        rule = _RULES.get(op.name)
        if rule is not None:
            result = rule(op, static, operands, place)
            if result is not None:
                return [result]
        return record(op, static, [_dense(x) for x in operands], place)[1]


COO = SparseLevel(_dtypes.sparse_coo)
CSR = SparseLevel(_dtypes.sparse_csr)
CSC = SparseLevel(_dtypes.sparse_csc)


def is_sparse(x) -> bool:
    """Whether a value is sparse."""
    return isinstance(x, Lifted) and isinstance(x.level, SparseLevel)


def dense_value(value: Lifted) -> Value:
    """The dense array of a sparse value, recorded."""
    parts = value.content
    static = (value.aval.shape,)
    operands = (parts.indices, parts.values)
    return record(densify.op, static, operands, value.device)[1][0]


def host_int64(array: np.ndarray, place) -> Value:
    """Indices from the host."""
    value = from_host(np.ascontiguousarray(array, np.int64))
    return value if place is CPU else move(value, place)


def merged(parts: Parts, shape) -> tuple[np.ndarray, np.ndarray]:
    """Sorted indices, each once, and which of them each index is (on the host)."""
    where = np.asarray(realise(parts.indices, "coalesce").array)
    keys = np.zeros(where.shape[1], np.int64)
    for row, n in zip(where, shape, strict=False):
        keys = keys * n + row
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return where[:, first], inverse.reshape(-1)


def _coalesced(value: Lifted) -> Lifted:
    parts, place = value.content, value.device
    if parts.coalesced:
        return value
    where, inverse = merged(parts, value.aval.shape)
    operands = (parts.values, host_int64(inverse, place))
    values = record(merge.op, (where.shape[1],), operands, place)[1][0]
    made = Parts(host_int64(where, place), values, True)
    return value.level.hold(made, value.aval.shape)


def _dense(x):
    return dense_value(x) if is_sparse(x) else x


def _with_values(value: Lifted, values: Value) -> Lifted:
    """A value of the same pattern."""
    old = value.content
    parts = Parts(old.indices, values, old.coalesced, old.compressed)
    return value.level.hold(parts, value.aval.shape)


# ----- rules: the result, or None where the op must see dense arrays -----------------


def _on_values(op, static, operands, place):
    """Functions that map 0 to 0, and products with numbers."""
    first, *others = operands
    if not is_sparse(first) or any(_is_array(x) for x in others):
        return None
    if op.name not in _LINEAR:
        first = _coalesced(first)
    values = record(op, static, [first.content.values, *others], place)[1][0]
    return _with_values(first, values)


def _is_array(x) -> bool:
    return isinstance(x, Value) and bool(x.aval.shape)


def _sum_of_two(op, static, operands, place):
    """Sparse plus sparse is both lists; dense plus sparse adds at the indices."""
    first, second, *alpha = operands
    scale = alpha[0] if alpha else ...
    if not is_sparse(second):
        if op.name == "accumulate":
            return _sum_of_two(op, static, (second, first), place)
        raise RuntimeError(
            "add(sparse, dense) is not supported. Use add(dense, sparse) instead."
        )
    b = second.content
    sign = -1 if op.name == "sub" else 1
    operands = [b.indices, b.values] + ([] if scale is ... else [scale])
    if not is_sparse(first):
        if first.aval.shape != second.aval.shape:
            return None
        return record(_add_at, (sign,), [first, *operands], first.device)[1][0]
    a = first.content
    if first.aval.shape != second.aval.shape:
        raise RuntimeError(
            "add: expected sizes of 'self' and 'other' to match, but "
            f"{list(first.aval.shape)} != {list(second.aval.shape)}"
        )
    if a.indices.aval.shape[0] != b.indices.aval.shape[0]:
        return None
    joined = record(_JOIN, (sign,), [a.indices, a.values, *operands], first.device)
    made = COO.hold(Parts(*joined[1]), first.aval.shape)
    return _coalesced(made) if a.coalesced and b.coalesced else made


class _Join(Single):
    name = "add"
    differentiable = False

    def run(self, operands, static):
        i, v, j, w, *scale = operands
        w = _scaled(w, static[0], scale)
        return [jnp.concatenate([i, j], 1), jnp.concatenate([v, w.astype(v.dtype)])]


class _AddAt(Single):
    name = "add"
    differentiable = False

    def run(self, operands, static):
        x, indices, values, *scale = operands
        values = _scaled(values, static[0], scale)
        dtype = jnp.promote_types(x.dtype, values.dtype)
        return [x.astype(dtype).at[tuple(indices)].add(values.astype(dtype))]


def _scaled(values, sign: int, scale):
    for number in scale:
        values = values * jnp.asarray(number.array).astype(values.dtype)
    return -values if sign < 0 else values


_JOIN, _add_at = _Join(), _AddAt()


def _transposed(op, static, operands, place):
    (x,) = operands
    parts, n = x.content, len(x.aval.shape)
    dims = static if static else (0, 1)
    a, b = (d % max(n, 1) for d in dims)
    depth = parts.indices.aval.shape[0]
    if max(a, b, 0) >= depth or n < 2:
        return x if n < 2 else None
    order = list(range(depth))
    order[a], order[b] = order[b], order[a]
    picked = record(_ROWS, (tuple(order),), [parts.indices], place)[1][0]
    shape = list(x.aval.shape)
    shape[a], shape[b] = shape[b], shape[a]
    if parts.compressed is not None and a != b:  # rows become columns
        made = Parts(picked, parts.values, parts.coalesced, parts.compressed)
        return (CSC if x.level is CSR else CSR).hold(made, shape)
    return COO.hold(Parts(picked, parts.values), shape)


class _Rows(Single):
    name = "rows"
    differentiable = False

    def run(self, operands, static):
        return [operands[0][jnp.asarray(static[0])]]


_ROWS = _Rows()


def _matmul(op, static, operands, place):
    """A sparse matrix times a dense one, row by row of its elements."""
    first, second = operands
    if (
        not is_sparse(first)
        or is_sparse(second)
        or len(second.aval.shape) not in (1, 2)
    ):
        return None
    parts = first.content
    if parts.indices.aval.shape[0] != 2 or len(parts.values.aval.shape) != 1:
        return None
    if first.aval.shape[1] != second.aval.shape[0]:
        return None
    operands = [parts.indices, parts.values, second]
    return record(spmm.op, (first.aval.shape[0],), operands, place)[1][0]


@op(name="sparse_mm", scope=None, method=False, backward="SparseAddmmBackward0")
def spmm(indices: Array, values: Array, other: Array, rows: int) -> Array:
    """(rows, K) · (K, P): indices (2, N), values (N), other (K, P)."""
    row, column = indices
    taken = other[column]
    weights = values.reshape(values.shape + (1,) * (taken.ndim - 1))
    dtype = jnp.promote_types(values.dtype, other.dtype)
    made = jnp.zeros((rows, *other.shape[1:]), dtype)
    return made.at[row].add((weights * taken).astype(dtype))


_LINEAR = frozenset(("neg", "mul", "div", "clone", "alias", "to", "conj"))
_RULES = {name: _on_values for name in _LINEAR}
_RULES |= dict.fromkeys(
    (
        "abs asin asinh atan atanh ceil deg2rad erf erfinv expm1 floor frac isnan "
        "isinf isposinf isneginf log1p positive rad2deg relu round sgn sign signbit "
        "sin sinh sqrt square tan tanh trunc nan_to_num"
    ).split(),
    _on_values,
)
_RULES |= {
    "add": _sum_of_two,
    "sub": _sum_of_two,
    "accumulate": _sum_of_two,
    "transpose": _transposed,
    "t": _transposed,
    "mm": _matmul,
    "matmul": _matmul,
    "mv": _matmul,
}
