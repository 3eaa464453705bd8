"""Making sparse tensors, taking them apart, and turning them dense and back.

Patterns (which elements are there) are read on the host; values stay on the device
and on the autograd graph.
"""

from __future__ import annotations

import numpy as np

from .. import _dtypes
from .._devices import normalise
from .._engine import Lifted
from ..autograd.apply import apply
from ..autograd.function import Function
from ..autograd.variable import TensorBase, wrap
from . import copies, from_data, join
from ._host import read
from ._op import Array, composite, op
from ._sparse_checks import check_compressed
from .nested import is_nested
from .sparse_values import (
    COO,
    CSC,
    CSR,
    Parts,
    dense_value,
    host_int64,
    is_sparse,
    merge,
    merged,
    row_numbers,
)


@op(name="take_at", scope=None, method=False)
def _take(input: Array, indices: Array) -> Array:
    """The elements at ``indices`` (D, N)."""
    return input[tuple(indices)] if indices.shape[0] else input[None]


def parts_of(tensor) -> Parts:
    """What a sparse tensor holds."""
    return tensor._value().content


# ----- values on the autograd graph --------------------------------------------------


class SparseCooTensorWithDimsAndTensors(Function):
    """Values become a sparse tensor; gradients come back to the values."""

    node_name = "SparseCooTensorWithDimsAndTensorsBackward0"

    @staticmethod
    def forward(ctx, values, level, parts, shape):
        parts = Parts(parts.indices, values._value(), parts.coalesced, parts.compressed)
        ctx.indices = parts.indices
        return wrap(level.hold(parts, shape))

    @staticmethod
    def backward(ctx, grad):
        return _values_at(grad, ctx.indices), None, None, None


class _Values(Function):
    """The values of a sparse tensor; its gradient has the same pattern."""

    @staticmethod
    def forward(ctx, tensor):
        value = tensor._value()
        ctx.like = value
        return wrap(value.content.values)

    @staticmethod
    def backward(ctx, grad):
        return _with_values(ctx.like, grad)


class ToDense(Function):
    """A sparse tensor as a dense one; its gradient has the same pattern."""

    @staticmethod
    def forward(ctx, tensor):
        ctx.like = tensor._value()
        return wrap(dense_value(ctx.like))

    @staticmethod
    def backward(ctx, grad):
        return _with_values(ctx.like, _values_at(grad, ctx.like.content.indices))


def _with_values(like: Lifted, values):
    """A tensor of the pattern of ``like`` on the graph of ``values``."""
    old = like.content
    parts = Parts(old.indices, values._value(), old.coalesced, old.compressed)
    return from_parts(like.level, parts, like.aval.shape, values)


def _values_at(grad, indices):
    """The elements of a gradient (sparse or dense) at ``indices``."""
    value = grad._value()
    if is_sparse(value):
        if value.content.indices is indices:
            return values_of(grad) if grad.requires_grad else wrap(value.content.values)
        grad = to_dense(grad)
    return apply(_take.op, (), (grad, wrap(indices)))[0]


def from_parts(level, parts: Parts, shape, values=None):
    """A sparse tensor; ``values`` (a tensor) carries the graph."""
    if values is None or not values.requires_grad:
        return wrap(level.hold(parts, shape))
    return SparseCooTensorWithDimsAndTensors.apply(values, level, parts, tuple(shape))


def values_of(tensor):
    """The values of a sparse tensor, on the graph."""
    return _Values.apply(tensor)


def with_values(tensor, values):
    """A sparse tensor of the same pattern with other values."""
    value, old = tensor._value(), tensor._value().content
    parts = Parts(old.indices, values._value(), old.coalesced, old.compressed)
    sparse = value.aval.shape[: old.indices.aval.shape[0]]
    shape = (*sparse, *values._value().aval.shape[1:])
    return from_parts(value.level, parts, shape, values)


# ----- factories ---------------------------------------------------------------------


def _as_tensor(data, dtype, device):
    if isinstance(data, TensorBase):
        if dtype is not None:
            data = copies.cast(data, _dtypes.as_dtype(dtype))
        return data if device is None else copies.to_device(data, normalise(device))
    return from_data.tensor(data, dtype=dtype, device=device)


def _inferred(where: np.ndarray, dense) -> tuple[int, ...]:
    sizes = where.max(1) + 1 if where.size else np.zeros(where.shape[0], int)
    return (*(int(n) for n in sizes), *dense)


@composite(method=False)
def sparse_coo_tensor(
    indices=None,
    values=None,
    size=None,
    *,
    dtype=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
    check_invariants=None,
    is_coalesced=None,
):
    """A tensor of ``size`` with ``values`` (N, …) at ``indices`` (D, N), else zero.

    ``sparse_coo_tensor(size)`` has no elements. Values at equal indices add up.

    **Source** https://pytorch.org/docs/stable/generated/torch.sparse_coo_tensor.html
    """
    if values is None:
        size = indices if size is None else size
        return _empty(tuple(size), dtype, device, requires_grad)
    values = _as_tensor(values, dtype, device)
    place = values._value().device
    indices = _as_tensor(indices, _dtypes.int64, None)
    rank, n = _pattern_shape(indices, values)
    if size is None:
        size = _inferred(read(indices, "sizes of a sparse tensor"), values.shape[1:])
    size = tuple(int(k) for k in size)
    if len(size) != rank + values.dim() - 1:
        raise RuntimeError(
            "number of dimensions must be sparse_dim "
            f"({rank}) + dense_dim ({values.dim() - 1}), but got {len(size)}"
        )
    if check_invariants:
        _check_bounds(read(indices, "sparse invariants"), size)
    parts = Parts(
        copies.to_device(indices, place)._value(), values._value(), bool(is_coalesced)
    )
    made = from_parts(COO, parts, size, values)
    return made.requires_grad_() if requires_grad and not made.requires_grad else made


def _pattern_shape(indices, values) -> tuple[int, int]:
    if indices.dim() != 2:
        raise RuntimeError(
            f"indices must be sparse_dim x nnz, but got: {list(indices.shape)}"
        )
    rank, n = indices.shape
    if not values.dim() or values.shape[0] != n:
        found = values.shape[0] if values.dim() else 1
        raise RuntimeError(
            "indices and values must have same nnz, but got nnz from indices: "
            f"{n}, nnz from values: {found}"
        )
    return rank, n


def _check_bounds(where: np.ndarray, size) -> None:
    for d, row in enumerate(where):
        if row.size and row.min() < 0:
            raise RuntimeError(f"found negative index {row.min()} for dim {d}")
        if row.size and row.max() >= size[d]:
            raise RuntimeError(
                f"size is inconsistent with indices: for dim {d}, size is {size[d]} "
                f"but found index {row.max()}"
            )


def _empty(size, dtype, device, requires_grad=False, dense: int = 0):
    dtype = _dtypes.as_dtype(dtype) if dtype else _dtypes.get_default_dtype()
    rank = len(size) - dense
    indices = from_data.tensor(np.zeros((rank, 0), np.int64), device=device)
    kept = (0, *size[rank:])
    values = from_data.tensor(
        np.zeros(kept, dtype.numpy_dtype), dtype=dtype, device=device
    )
    made = from_parts(COO, Parts(indices._value(), values._value(), True), size)
    return made.requires_grad_() if requires_grad else made


def _compressed(level, crow, column, values, size, options):
    dtype, device, requires_grad, checked = options
    values = _as_tensor(values, dtype, device)
    crow = _as_tensor(crow, None, device)
    column = _as_tensor(column, None, device)
    n = column.shape[-1]
    if size is None:
        wide = read(column, "sizes of a sparse tensor")
        size = [crow.shape[-1] - 1, int(wide.max()) + 1 if wide.size else 0]
        size = size if level is CSR else size[::-1]
    if values.shape[0] != n:
        raise RuntimeError(
            "number of elements in values and in plain indices must be the same, but "
            f"got {values.shape[0]} and {n}"
        )
    if checked:
        outer, inner = (read(t, "check_invariants") for t in (crow, column))
        check_compressed(outer, inner, n, tuple(size), level is CSR)
    made = _from_compressed(level, crow, column, values, tuple(size))
    return made.requires_grad_() if requires_grad and not made.requires_grad else made


@op(name="stack_rows", scope=None, method=False, differentiable=False)
def _pair(first: Array, second: Array) -> Array:
    return first[None].repeat(2, 0).at[1].set(second)


def _from_compressed(level, crow, column, values, size):
    long = [copies.cast(t, _dtypes.int64) for t in (crow, column)]
    if len(crow.shape) != 1:
        raise NotImplementedError("torchlike: batches of compressed sparse matrices")
    rows = row_numbers(long[0], column.shape[-1])
    pair = (rows, long[1]) if level is CSR else (long[1], rows)
    indices = _pair(*pair)._value()
    parts = Parts(indices, values._value(), True, (crow._value(), column._value()))
    return from_parts(level, parts, size, values)


@composite(method=False)
def sparse_csr_tensor(
    crow_indices,
    col_indices,
    values,
    size=None,
    *,
    dtype=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
    check_invariants=None,
):
    """A matrix by rows: ``crow_indices`` says where each row begins."""
    options = (dtype, device, requires_grad, check_invariants)
    return _compressed(CSR, crow_indices, col_indices, values, size, options)


@composite(method=False)
def sparse_csc_tensor(
    ccol_indices,
    row_indices,
    values,
    size=None,
    *,
    dtype=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
    check_invariants=None,
):
    """A matrix by columns: ``ccol_indices`` says where each column begins."""
    options = (dtype, device, requires_grad, check_invariants)
    return _compressed(CSC, ccol_indices, row_indices, values, size, options)


@composite(method=False)
def sparse_compressed_tensor(
    compressed_indices, plain_indices, values, size=None, *, layout=None, **options
):
    """``sparse_csr_tensor`` or ``sparse_csc_tensor``, by ``layout``."""
    makers = {
        _dtypes.sparse_csr: sparse_csr_tensor,
        _dtypes.sparse_csc: sparse_csc_tensor,
    }
    if layout not in makers:
        raise NotImplementedError(f"torchlike: sparse tensors of layout {layout}")
    return makers[layout](compressed_indices, plain_indices, values, size, **options)


# ----- conversions -------------------------------------------------------------------


@composite(scope=None, method=True)
def to_dense(self, dtype=None, *, masked_grad=None):
    """The dense tensor; itself if it is one."""
    made = ToDense.apply(self) if is_sparse(self._value()) else self
    return made if dtype is None else copies.cast(made, _dtypes.as_dtype(dtype))


def _from_dense(tensor, rank: int):
    """A coalesced tensor of the elements that are not zero (read on the host)."""
    array = read(tensor, "to_sparse")
    kept = (
        array.reshape(*array.shape[:rank], -1).any(-1) if rank < array.ndim else array
    )
    where = np.array(np.nonzero(kept)) if rank else np.zeros((0, int(bool(kept))))
    indices = host_int64(where.reshape(rank, where.shape[1]), tensor._value().device)
    values = apply(_take.op, (), (tensor, wrap(indices)))[0]
    parts = Parts(indices, values._value(), True)
    return from_parts(COO, parts, array.shape, values)


@composite(scope=None, method=True)
def to_sparse(self, sparse_dim=None, *, layout=None, blocksize=None, dense_dim=None):
    """A sparse tensor of the elements that are not zero (COO, unless ``layout``)."""
    if isinstance(sparse_dim, _dtypes.layout):
        sparse_dim, layout = None, sparse_dim
    if blocksize is not None or layout in (_dtypes.sparse_bsr, _dtypes.sparse_bsc):
        raise NotImplementedError("torchlike: block sparse layouts")
    if layout in (_dtypes.sparse_csr, _dtypes.sparse_csc):
        return _to_compressed(self, CSR if layout is _dtypes.sparse_csr else CSC)
    value = self._value()
    if is_sparse(value):
        if value.level is COO:
            return self
        parts = Parts(value.content.indices, value.content.values, value.level is CSR)
        made = from_parts(COO, parts, value.aval.shape, values_of(self))
        return made if value.level is CSR else coalesce(made)
    n = len(value.aval.shape)
    if sparse_dim is None:
        sparse_dim = n - (dense_dim or 0)
    if not 0 <= sparse_dim <= n:
        raise RuntimeError(
            f"sparse_dim must be in [0, {n}], but got {sparse_dim}"
            if sparse_dim
            else "sparse_dim must be positive"
        )
    return _from_dense(self, sparse_dim)


@composite(scope=None, method=True)
def to_sparse_coo(self):
    """A COO tensor of the elements that are not zero."""
    return to_sparse(self)


def _to_compressed(tensor, level):
    value = tensor._value()
    if is_sparse(value) and value.level is level:
        return tensor
    if len(value.aval.shape) != 2:
        raise NotImplementedError("torchlike: compressed tensors have two dimensions")
    coo = to_sparse(tensor)
    if level is CSC:
        coo = coalesce(coo.t())
    coo = coalesce(coo)
    rows, columns = read(wrap(parts_of(coo).indices), "to_sparse_csr")
    n = coo.shape[0]
    crow = np.searchsorted(rows, np.arange(n + 1))
    place = value.device
    made = wrap(host_int64(crow, place)), wrap(host_int64(columns, place))
    return _from_compressed(level, *made, values_of(coo), value.aval.shape)


@composite(scope=None, method=True)
def to_sparse_csr(self, dense_dim=None):
    """The matrix compressed by rows."""
    return _to_compressed(self, CSR)


@composite(scope=None, method=True)
def to_sparse_csc(self, dense_dim=None):
    """The matrix compressed by columns."""
    return _to_compressed(self, CSC)


def _needs(tensor, name: str, level, layout: str):
    value = tensor._value()
    if not is_sparse(value) or value.level is not level:
        names = {_dtypes.sparse_coo: "Sparse", _dtypes.sparse_csr: "SparseCsr"}
        names[_dtypes.sparse_csc] = "SparseCsc"
        got = names[value.level.layout] if is_sparse(value) else "Strided"
        raise RuntimeError(f"{name} expected {layout} tensor layout but got {got}")
    return value.content


@composite(scope=None, method=True)
def coalesce(self):
    """The same tensor with sorted indices, each once."""
    parts = _needs(self, "coalesce", COO, "sparse coordinate")
    if parts.coalesced:
        return self
    shape, place = self._value().aval.shape, self._value().device
    where, inverse = merged(parts, shape)
    inverse = wrap(host_int64(inverse, place))
    n = where.shape[1]
    values = apply(merge.op, (n,), (values_of(self), inverse))[0]
    made = Parts(host_int64(where, place), values._value(), True)
    return from_parts(COO, made, shape, values)


@composite(scope=None, method=True)
def is_coalesced(self):
    """Whether the indices are sorted and each there once."""
    return _needs(self, "is_coalesced", COO, "sparse coordinate").coalesced


@composite(scope=None, method=True)
def indices(self):
    """The indices (D, N) of a coalesced tensor."""
    parts = _needs(self, "indices", COO, "sparse coordinate")
    if not parts.coalesced:
        raise RuntimeError(
            "Cannot get indices on an uncoalesced tensor, please call .coalesce() first"
        )
    return wrap(parts.indices)


@composite(scope=None, method=True)
def values(self):
    """The values (N, …) of a coalesced (or the rows of a nested) tensor."""
    value = self._value()
    if is_nested(value):
        return join.cat(value.content)
    if not is_sparse(value):
        raise RuntimeError("values expected sparse tensor layout but got Strided")
    if value.level is COO and not value.content.coalesced:
        raise RuntimeError(
            "Cannot get values on an uncoalesced tensor, please call .coalesce() first"
        )
    return values_of(self)


@composite(scope=None, method=True)
def _indices(self):
    """The indices, coalesced or not."""
    return wrap(_needs(self, "_indices", COO, "sparse coordinate").indices)


@composite(scope=None, method=True)
def _values(self):
    """The values, coalesced or not, off the graph."""
    return wrap(_needs(self, "_values", COO, "sparse coordinate").values)


def _compressed_part(name: str, level, layout: str, i: int):
    def part(self):
        return wrap(_needs(self, name, level, layout).compressed[i])

    part.__name__ = name
    part.__doc__ = f"``{name}`` of a compressed matrix."
    composite(part, name=name, scope=None, method=True)


_ROW, _COLUMN = "sparse row compressed", "sparse column compressed"
_compressed_part("crow_indices", CSR, _ROW, 0)
_compressed_part("col_indices", CSR, _ROW, 1)
_compressed_part("ccol_indices", CSC, _COLUMN, 0)
_compressed_part("row_indices", CSC, _COLUMN, 1)


@composite(scope=None, method=True)
def _nnz(self):
    """How many elements are stored."""
    value = self._value()
    if not is_sparse(value):
        raise NotImplementedError(
            "Could not run 'aten::_nnz' with arguments from the 'CPU' backend."
        )
    return value.content.indices.aval.shape[1]


@composite(scope=None, method=True)
def sparse_dim(self):
    """How many dimensions are sparse."""
    value = self._value()
    return value.content.indices.aval.shape[0] if is_sparse(value) else 0


@composite(scope=None, method=True)
def dense_dim(self):
    """How many dimensions are dense."""
    return len(self._value().aval.shape) - sparse_dim(self)


@composite(scope=None, method=True)
def sparse_mask(self, mask):
    """The elements of ``self`` at the indices of a sparse tensor."""
    like = mask._value()
    if not is_sparse(like):
        raise RuntimeError(
            "sparse_mask: expected mask to be a sparse tensor, but got Strided"
        )
    values = apply(_take.op, (), (to_dense(self), wrap(like.content.indices)))[0]
    old = like.content
    parts = Parts(old.indices, values._value(), old.coalesced, old.compressed)
    return from_parts(like.level, parts, like.aval.shape, values)


def text_parts(value: Lifted) -> list[tuple[str, object]]:
    """What a sparse tensor prints: names and tensors."""
    parts = value.content
    if value.level is COO:
        return [("indices", wrap(parts.indices)), ("values", wrap(parts.values))]
    names = ("crow_indices", "col_indices")
    names = names if value.level is CSR else ("ccol_indices", "row_indices")
    pairs = [(n, wrap(v)) for n, v in zip(names, parts.compressed, strict=True)]
    return [*pairs, ("values", wrap(parts.values))]
