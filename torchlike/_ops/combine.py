"""Combinations of elements, and questions about shapes and dtypes."""

from __future__ import annotations

import itertools

import jax.numpy as jnp
import numpy as np

from .. import _dtypes
from .._size import Size
from ..autograd.variable import TensorBase
from ..autograd.views import check_inplace
from . import _write
from ._op import Array, Arrays, Ints, Scalar, composite, op


@op(scope=None, method=False, name="cartesian_prod")
def _product(tensors: Arrays) -> Array:
    for x in tensors:
        if x.ndim != 1:
            raise RuntimeError(f"Expect a 1D vector, but got shape {list(x.shape)}")
    if len(tensors) == 1:
        return tensors[0]
    grids = jnp.meshgrid(*tensors, indexing="ij")
    return jnp.stack([g.reshape(-1) for g in grids], 1)


@composite
def cartesian_prod(*tensors):
    """All tuples of elements of several vectors, as rows."""
    return _product(tensors)


@op
def combinations(input: Array, r: int = 2, with_replacement: bool = False) -> Array:
    """All choices of r elements of a vector, as rows."""
    if input.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(input.shape)}")
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    choose = itertools.combinations
    if with_replacement:
        choose = itertools.combinations_with_replacement
    rows = np.array(list(choose(range(input.size), r)), np.int64).reshape(-1, r)
    return input[rows]


@op(scope=None, method=False, name="unravel_index", returns=(), differentiable=False)
def _unravel(indices: Array, shape: Ints) -> tuple:
    parts = []
    for n in reversed(shape):
        parts.append(indices % n)
        indices = indices // n
    return tuple(reversed(parts))


@composite
def unravel_index(indices, shape):
    """Flat indices as one index tensor for each dimension of ``shape``."""
    if indices._value().aval.dtype.category != 1:
        raise TypeError(
            f"expected 'indices' to be integer dtype, but got {indices.dtype}"
        )
    indices = indices.long()
    return _unravel(indices, (shape,) if isinstance(shape, int) else tuple(shape))


# ----- diagonals, sums to a shape ----------------------------------------------------


@op(scope=None, method=False, name="fill_diagonal")
def _fill_diagonal(input: Array, fill_value: Scalar, wrap: bool) -> Array:
    if input.ndim < 2:
        raise RuntimeError("dimensions must larger than 1")
    if input.ndim > 2 and len(set(input.shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    step = sum(int(np.prod(input.shape[i + 1 :])) for i in range(input.ndim))
    stop = input.size
    if input.ndim == 2 and not wrap:
        stop = min(stop, input.shape[1] * input.shape[1])
    value = jnp.asarray(fill_value).astype(input.dtype)
    return input.reshape(-1).at[:stop:step].set(value).reshape(input.shape)


@composite(scope=None, method=True)
def fill_diagonal_(self, fill_value, wrap=False):
    """Fill the main diagonal with a number; ``wrap`` goes on in tall matrices."""
    check_inplace(self)
    _write.overwrite(self, _fill_diagonal(self, fill_value, bool(wrap)))
    return self


@op(scope=None, varargs="size")
def sum_to_size(input: Array, size: Ints) -> Array:
    """Summed over the dimensions that broadcasting from ``size`` would expand."""
    extra = input.ndim - len(size)
    pairs = list(zip(size, input.shape[max(extra, 0) :], strict=False))
    fits = extra >= 0 and all(n in (1, m) for n, m in pairs)
    if not fits:
        raise RuntimeError(
            f"size {{{list(size)}}} is not expandable to size {{{list(input.shape)}}}."
        )
    narrow = [extra + i for i, (n, m) in enumerate(pairs) if n != m]
    summed = (*range(extra), *narrow)
    if not summed and size:  # to () PyTorch sums even one element: int64
        return input
    integers = not jnp.issubdtype(input.dtype, jnp.inexact)
    kind = jnp.int64 if integers else input.dtype
    return input.sum(summed, dtype=kind).reshape(size)


# ----- questions ---------------------------------------------------------------------


@composite
def broadcast_shapes(*shapes):
    """The shape that several shapes broadcast to."""
    shapes = [(s,) if isinstance(s, int) else tuple(s) for s in shapes]
    result = [1] * max((len(s) for s in shapes), default=0)
    for index, shape in enumerate(shapes):
        for i in range(-1, -1 - len(shape), -1):
            if shape[i] == 1 or shape[i] == result[i]:
                continue
            if result[i] != 1:
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {shape[i]} at {i}! "
                    f"Mismatching argument at index {index} had {shape}; but expected "
                    f"shape should be broadcastable to {result}"
                )
            result[i] = shape[i]
    return Size(result)


@composite
def result_type(tensor1, tensor2):
    """The dtype of an arithmetic result of two tensors or numbers."""
    dimensioned, zero_dim, numbers = [], [], []
    for x in (tensor1, tensor2):
        if isinstance(x, TensorBase):
            aval = x._value().aval
            (dimensioned if aval.shape else zero_dim).append(aval.dtype)
        else:
            numbers.append(type(x))
    return _dtypes.result_type(dimensioned, zero_dim, numbers)


@composite
def can_cast(from_, to):
    """Whether an in-place result of one dtype may be stored in another."""
    return from_.category <= to.category and not (
        from_.category == 1 and from_.is_signed and to is _dtypes.uint8
    )


@composite
def numel(input):
    """The number of elements."""
    return input.numel()


@composite(method=True)
def is_same_size(input, other):
    """Whether two tensors have the same shape."""
    return input._value().aval.shape == other._value().aval.shape


@composite(method=True)
def is_conj(input):
    """False: conjugates are always computed."""
    return False


@composite(method=True)
def is_neg(input):
    """False: negations are always computed."""
    return False


@composite(method=True)
def is_nonzero(input):
    """Whether a tensor of one element is not 0 (reads the value)."""
    n = input.numel()
    if n != 1:
        what = "no values" if n == 0 else "more than one value"
        raise RuntimeError(f"Boolean value of Tensor with {what} is ambiguous")
    return bool(input)
