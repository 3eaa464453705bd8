"""``torch.sparse``: mm, addmm, sum, softmax, sampled_addmm, spdiags."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._errors import wrap_dim
from ..autograd.variable import wrap
from . import _reduce_at as reduce_at
from . import _registry, from_data, matmul, reduce
from ._forms import overloaded
from ._host import read
from ._op import Array, Scalar, op
from .sparse_tensors import (
    Parts,
    coalesce,
    from_parts,
    parts_of,
    sparse_coo_tensor,
    sparse_mask,
    to_dense,
    values_of,
    with_values,
)
from .sparse_values import COO, host_int64, is_sparse, spmm


def _is(tensor) -> bool:
    return is_sparse(tensor._value())


def _check_product(first, second) -> None:
    a, b = first._value().aval.shape, second._value().aval.shape
    if len(a) != 2 or len(b) != 2 or a[1] != b[0]:
        raise RuntimeError(
            "mat1 and mat2 shapes cannot be multiplied "
            f"({'x'.join(map(str, a))} and {'x'.join(map(str, b))})"
        )


@overloaded(scope="sparse", method=False)
def mm(mat1, mat2, reduce="sum"):
    """Sparse times dense is dense, sparse times sparse is sparse.

    ``reduce`` ("sum", "mean", "amax", "amin") joins the products of an output element.
    """
    _check_product(mat1, mat2)
    if reduce != "sum":
        return _mm_reduce(mat1, mat2, reduce)
    if _is(mat1) and _is(mat2):
        return _product_of_two(mat1, mat2)
    if _is(mat1):
        rows = mat1._value().aval.shape[0]
        parts = parts_of(mat1)
        return spmm(wrap(parts.indices), values_of(mat1), mat2, rows)
    return to_dense(mat1) @ to_dense(mat2)


def _product_of_two(mat1, mat2):
    a, b = _pattern(mat1), _pattern(mat2)
    kept = (a.astype(np.float32) @ b.astype(np.float32)) > 0
    indices = host_int64(np.array(np.nonzero(kept)), mat1._value().device)
    product = to_dense(mat1) @ to_dense(mat2)
    mask = wrap(COO.hold(Parts(indices, parts_of(mat1).values, True), kept.shape))
    return sparse_mask(product, mask)


def _pattern(tensor) -> np.ndarray:
    where = read(wrap(parts_of(tensor).indices), "sparse.mm")
    made = np.zeros(tensor._value().aval.shape, bool)
    made[tuple(where)] = True
    return made


@op(name="sparse_mm_reduce", scope=None, method=False)
def _reduced(
    indices: Array, values: Array, other: Array, rows: int, reduce: str
) -> Array:
    row, column = indices
    products = values[:, None] * other[column]
    made = jnp.zeros((rows, other.shape[1]), products.dtype)
    made = reduce_at.reduced(made, row, products, reduce, False)
    touched = jnp.zeros(rows, bool).at[row].set(True)
    return jnp.where(touched[:, None], made, lax.stop_gradient(jnp.zeros_like(made)))


def _mm_reduce(mat1, mat2, reduce: str):
    if reduce not in ("mean", "amax", "amin"):
        raise RuntimeError(f"reduce argument must be sum, mean, amax or amin: {reduce}")
    parts, rows = parts_of(mat1), mat1._value().aval.shape[0]
    return _reduced(wrap(parts.indices), values_of(mat1), mat2, rows, reduce)


@overloaded(scope="sparse", method=False)
def addmm(mat, mat1, mat2, *, beta=1.0, alpha=1.0):
    """beta · mat + alpha · (mat1 @ mat2)."""
    return mat * beta + mm(mat1, mat2) * alpha


@op(name="sampled_product", scope=None, method=False)
def _sampled(
    values: Array, indices: Array, mat1: Array, mat2: Array, beta: Scalar, alpha: Scalar
) -> Array:
    row, column = indices
    dots = (mat1[row] * mat2.T[column]).sum(-1)
    return (beta * values + alpha * dots).astype(values.dtype)


@overloaded(scope="sparse", method=False, out=True)
def sampled_addmm(input, mat1, mat2, *, beta=1.0, alpha=1.0):
    """beta · input + alpha · (mat1 @ mat2) where ``input`` (CSR) has elements."""
    if not _is(input):
        raise RuntimeError(
            "sampled_addmm: Expected self to be a Sparse CSR tensor, but got Strided"
        )
    where = wrap(parts_of(input).indices)
    values = _sampled(values_of(input), where, mat1, mat2, beta, alpha)
    return with_values(input, values)


@overloaded(scope="sparse", method=False, name="sum")
def sparse_sum(input, dim=None, dtype=None):
    """The sum of all elements, or over dimensions (sparse where sparse ones stay)."""
    values = values_of(input)
    if dtype is not None:
        values = values.to(dtype)
    if dim is None:
        return reduce.sum(values)
    shape, parts = input._value().aval.shape, parts_of(input)
    rank = parts.indices.aval.shape[0]
    dims = (dim,) if isinstance(dim, int) else dim
    dims = [wrap_dim(d, len(shape)) for d in dims]
    inner = tuple(d - rank + 1 for d in dims if d >= rank)
    values = reduce.sum(values, inner) if inner else values
    kept = [d for d in range(rank) if d not in dims]
    rest = tuple(n for d, n in enumerate(shape) if d not in dims)
    if not kept:
        return reduce.sum(values, 0)
    indices = wrap(parts.indices)[from_data.tensor(kept)]
    made = Parts(indices._value(), values._value())
    return coalesce(from_parts(COO, made, rest, values))


@op(name="sparse_softmax", scope=None, method=False)
def _softmax(values: Array, groups: Array, n: int, log: bool) -> Array:
    """Softmax of the values of each group."""
    low = jnp.full((n, *values.shape[1:]), -jnp.inf, values.dtype)
    top = lax.stop_gradient(low.at[groups].max(values))
    shifted = values - top[groups]
    total = jnp.zeros_like(low).at[groups].add(jnp.exp(shifted))
    if log:
        return shifted - jnp.log(total)[groups]
    return jnp.exp(shifted) / total[groups]


def _grouped(input, dim: int, dtype, log: bool):
    input = coalesce(input)
    shape, parts = input._value().aval.shape, parts_of(input)
    dim = wrap_dim(dim, len(shape))
    values = values_of(input)
    values = values if dtype is None else values.to(dtype)
    rank = parts.indices.aval.shape[0]
    if dim >= rank:
        inner = dim - rank + 1
        made = values.log_softmax(inner) if log else values.softmax(inner)
        return with_values(input, made)
    where = read(wrap(parts.indices), "sparse.softmax")
    where = np.delete(where, dim, 0)
    _, groups = np.unique(where, axis=1, return_inverse=True)
    groups = groups.reshape(-1)
    n = int(groups.max()) + 1 if groups.size else 0
    groups = wrap(host_int64(groups, input._value().device))
    return with_values(input, _softmax(values, groups, n, log))


@overloaded(scope="sparse", method=False)
def softmax(input, dim, *, dtype=None):
    """Softmax along ``dim`` over the stored elements."""
    return _grouped(input, dim, dtype, False)


@overloaded(scope="sparse", method=False)
def log_softmax(input, dim, *, dtype=None):
    """The logarithm of ``softmax``."""
    return _grouped(input, dim, dtype, True)


@overloaded(scope="sparse", method=False)
def spdiags(diagonals, offsets, shape, layout=None):
    """A sparse matrix with the rows of ``diagonals`` on the diagonals ``offsets``."""
    diagonals = diagonals if diagonals.dim() == 2 else diagonals.unsqueeze(0)
    steps = read(offsets, "spdiags").reshape(-1)
    if len(set(steps.tolist())) != len(steps):
        raise RuntimeError("Offset tensor contains duplicate values")
    rows, columns = shape
    found = []
    for k, offset in enumerate(steps.tolist()):
        for j in range(max(0, offset), min(columns, rows + offset, diagonals.shape[1])):
            found.append((j - offset, j, k))
    table = np.array(found, np.int64).reshape(-1, 3)
    values = diagonals[from_data.tensor(table[:, 2]), from_data.tensor(table[:, 1])]
    made = sparse_coo_tensor(from_data.tensor(table[:, :2].T.copy()), values, shape)
    return made if layout is None else made.to_sparse(layout=layout)


@overloaded(method=True)
def smm(input, mat):
    """Sparse times dense as a sparse matrix."""
    return mm(input, mat).to_sparse()


@overloaded(method=False)
def hspmm(mat1, mat2):
    """Sparse times dense as a matrix of sparse rows."""
    return mm(mat1, mat2).to_sparse(1)


@overloaded(method=True)
def sspaddmm(input, mat1, mat2, *, beta=1.0, alpha=1.0):
    """beta · input + alpha · mat1 @ mat2 as a sparse matrix."""
    return addmm(to_dense(input), mat1, mat2, beta=beta, alpha=alpha).to_sparse()


for _name, _function in {
    "spmm": matmul.mm,
    "dsmm": matmul.mm,
    "hsmm": hspmm,
    "saddmm": sspaddmm,
}.items():
    _registry.add(_name, {"": _function}, None, scope="torch", method=False)
