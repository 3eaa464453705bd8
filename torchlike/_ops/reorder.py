"""Copies of the elements in another order, or several times."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from .. import _dtypes
from .._engine import realise
from .._errors import wrap_dim, wrap_dims
from ..autograd.variable import TensorBase
from ._forms import overloaded
from ._op import Array, Ints, op


@op
def roll(input: Array, shifts: Ints, dims: Ints | None = None) -> Array:
    """Elements shifted along ``dims``, those that fall off come back in front."""
    dims = dims or ()
    if not shifts:
        raise RuntimeError("`shifts` required")
    if dims and not input.ndim:
        raise IndexError(
            f"Dimension specified as {dims[0]} but tensor has no dimensions"
        )
    if not dims and len(shifts) == 1:
        return jnp.roll(input.reshape(-1), shifts[0]).reshape(input.shape)
    if len(dims) != len(shifts):
        raise RuntimeError(
            f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{len(dims)}"
        )
    if not input.ndim:
        raise IndexError(
            f"Dimension specified as {dims[0]} but tensor has no dimensions"
        )
    return jnp.roll(input, shifts, tuple(wrap_dim(d, input.ndim) for d in dims))


@op(varargs="dims")
def flip(input: Array, dims: Ints) -> Array:
    """The order of the elements reversed along ``dims``."""
    dims = wrap_dims(dims, input.ndim)
    return jnp.flip(input, dims) if input.ndim else input


@op
def fliplr(input: Array) -> Array:
    """Columns in reversed order."""
    if input.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return jnp.flip(input, 1)


@op
def flipud(input: Array) -> Array:
    """Rows in reversed order."""
    if input.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return jnp.flip(input, 0)


@op
def rot90(input: Array, k: int = 1, dims: Ints = (0, 1)) -> Array:
    """k quarter turns from the first towards the second of ``dims``."""
    if len(dims) != 2:
        raise RuntimeError(
            f"expected total rotation dims == 2, but got dims = {len(dims)}"
        )
    if input.ndim < 2:
        raise RuntimeError(
            f"expected total dims >= 2, but got total dims = {input.ndim}"
        )
    if dims[0] == dims[1] or abs(dims[0] - dims[1]) == input.ndim:
        raise RuntimeError(
            f"expected rotation dims to be different, but got dim0 = {dims[0]} and "
            f"dim1 = {dims[1]}"
        )
    return jnp.rot90(input, k, tuple(wrap_dim(d, input.ndim) for d in dims))


@op(scope=None, varargs="repeats")
def repeat(input: Array, repeats: Ints) -> Array:
    """The tensor laid out ``repeats`` times along each dimension."""
    if len(repeats) < input.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of "
            "dimensions of tensor"
        )
    shape = (1,) * (len(repeats) - input.ndim) + input.shape
    sizes = [n * r for n, r in zip(shape, repeats, strict=True)]
    if min(sizes, default=0) < 0:
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(sizes)}: {sizes}"
        )
    return jnp.tile(input, repeats)


@op(varargs="dims")
def tile(input: Array, dims: Ints) -> Array:
    """As ``repeat``; missing leading counts are 1."""
    if any(n < 0 for n in dims):
        shape = (1,) * (len(dims) - input.ndim) + input.shape
        dims = (1,) * (len(shape) - len(dims)) + dims
        sizes = [n * r for n, r in zip(shape, dims, strict=True)]
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(sizes)}: {sizes}"
        )
    return jnp.tile(input, dims)


# ----- repeat_interleave -------------------------------------------------------------


@op(name="repeat_interleave", scope=None, method=False)
def _repeat_each(input: Array, repeats: int, dim: int | None) -> Array:
    if repeats < 0:
        raise RuntimeError("Repeats must be non-negative")
    if dim is not None:
        dim = wrap_dim(dim, input.ndim)
    return jnp.repeat(input, repeats, axis=dim)


@op(name="repeat_interleave", scope=None, method=False)
def _repeat_by(input: Array, repeats: Array, dim: int | None, total: int) -> Array:
    if dim is None:
        input, dim = input.reshape(-1), 0
    dim = wrap_dim(dim, input.ndim)
    n = input.shape[dim]
    if repeats.ndim > 1:
        raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
    if repeats.size not in (1, n):
        raise RuntimeError(
            "repeats must have the same size as input along dim, but got "
            f"repeats.size(0) = {repeats.size} and input.size({dim}) = {n}"
        )
    repeats = jnp.broadcast_to(repeats.reshape(-1), (n,))
    return jnp.repeat(input, repeats, axis=dim, total_repeat_length=total)


@op(name="repeat_interleave", scope=None, method=False, differentiable=False)
def _counted(repeats: Array, total: int) -> Array:
    numbers = jnp.arange(repeats.size, dtype=repeats.dtype)
    return jnp.repeat(numbers, repeats, total_repeat_length=total)


def _total(repeats: TensorBase, n: int, output_size) -> int:
    """How long the result is: known, or read from the device."""
    if output_size is not None:
        return int(output_size)
    counts = np.asarray(realise(repeats._value(), "repeat_interleave").array)
    if counts.dtype.kind not in "iu" or counts.dtype.itemsize < 4:
        raise NotImplementedError(
            '"repeat_interleave_cpu" not implemented for '
            f"'{_dtypes.scalar_type_name(repeats._value().aval.dtype)}'"
        )
    if (counts < 0).any():
        raise RuntimeError("repeats can not be negative")
    return int(counts.sum() * (n if counts.size == 1 and n != 1 else 1))


@overloaded
def repeat_interleave(input, repeats=None, dim=None, *, output_size=None):
    """Each element (or slice along ``dim``) several times in a row.

    With counts in a tensor the size depends on values, which are read unless
    ``output_size`` gives it.
    """
    if repeats is None:
        return _counted(input, _total(input, 1, output_size))
    if not isinstance(repeats, TensorBase):
        if isinstance(repeats, (tuple, list)):
            raise TypeError(
                "repeat_interleave(): argument 'repeats' must be Tensor or int"
            )
        return _repeat_each(input, repeats, dim)
    shape = input._value().aval.shape
    n = input.numel() if dim is None else shape[wrap_dim(dim, len(shape))]
    return _repeat_by(input, repeats, dim, _total(repeats, n, output_size))


# ----- parts replaced ----------------------------------------------------------------


@overloaded(out=True)
def select_scatter(input, src, dim, index):
    """A copy of ``input`` with ``src`` in ``input.select(dim, index)``."""
    made = input.clone()
    made.select(dim, index).copy_(_same_shape(src, made.select(dim, index)))
    return made


@overloaded(out=True)
def slice_scatter(input, src, dim=0, start=None, end=None, step=1):
    """A copy of ``input`` with ``src`` in a slice along ``dim``."""
    made = input.clone()
    dim = wrap_dim(dim, input.ndim)
    part = made[(slice(None),) * dim + (slice(start, end, step),)]
    part.copy_(_same_shape(src, part))
    return made


@overloaded(out=True)
def diagonal_scatter(input, src, offset=0, dim1=0, dim2=1):
    """A copy of ``input`` with ``src`` on a diagonal."""
    made = input.clone()
    part = made.diagonal(offset, dim1, dim2)
    part.copy_(_same_shape(src, part))
    return made


def _same_shape(src, part):
    if tuple(src.shape) != tuple(part.shape):
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{list(src.shape)}, slice size = {list(part.shape)}"
        )
    return src
