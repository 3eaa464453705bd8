"""Views: ops that show the same elements in another arrangement, and their writes."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from .._errors import wrap_dim, wrap_dims
from ..autograd.graph import edge_of
from ..autograd.variable import TensorBase
from . import geometry as geo
from ._op import Array, Dtype, Index, Ints, composite, op, view_op
from .copies import reshape_copy
from .geometry import Geometry

# ----- reshaping ---------------------------------------------------------------------


def _numel(shape) -> int:
    n = 1
    for size in shape:
        n *= size
    return n


def _write_reshaped(base, new, *_, **__):
    return new.reshape(base.shape)


@view_op(_write_reshaped, strides=geo.viewed, name="view", scope=None, method=False)
def view_as_shape(input: Array, size: Ints) -> Array:
    return input.reshape(geo.infer_size(size, input.size))


def _size(shape) -> tuple[int, ...]:
    if len(shape) == 1 and not hasattr(shape[0], "__index__"):
        shape = tuple(shape[0])
    return tuple([int(n) for n in shape])


@composite(scope=None, method=True)
def view(self, *shape, dtype=None):
    """The same elements in another shape (or reinterpreted as another dtype)."""
    if dtype is not None or not _is_size(shape):
        return view_dtype(self, dtype if dtype is not None else shape[0])
    size = _size(shape)
    if self._view is not None:
        where = geo.geometry(self)
        if where is None or geo.viewed(where, size) is None:
            raise RuntimeError(
                "view size is not compatible with input tensor's size and stride (at "
                "least one dimension spans across two contiguous subspaces). Use "
                ".reshape(...) instead."
            )
    return view_as_shape(self, size)


def _is_size(shape) -> bool:
    first = shape[0] if shape else ()
    return isinstance(first, (tuple, list)) or hasattr(first, "__index__")


@view_op(None, name="view_dtype", scope=None, method=False)
def _view_dtype(input: Array, dtype: Dtype) -> Array:
    old, new = input.dtype.itemsize, dtype.itemsize
    if input.dtype == jnp.bool_ or dtype.numpy_dtype == jnp.bool_:
        if old != new:
            raise RuntimeError("view: bool can only be viewed as a type of one byte")
    target = dtype.numpy_dtype
    if new > old:
        input = input.reshape(*input.shape[:-1], -1, new // old)
    out = lax.bitcast_convert_type(input, target)
    return out.reshape(*out.shape[:-2], -1) if new < old else out


def view_dtype(tensor, dtype):
    """Reinterpret the bytes of ``tensor`` as ``dtype``."""
    return _view_dtype(tensor, dtype)


def _is_dense(tensor, size) -> bool:
    if tensor._view is None:
        return True
    where = geo.geometry(tensor)
    return where is not None and geo.viewed(where, size) is not None


@composite(scope="torch")
def reshape(input, shape):
    """A view where the strides allow it, else a copy."""
    size = _size(tuple(shape) if isinstance(shape, (tuple, list)) else (shape,))
    made = view_as_shape if _is_dense(input, size) else reshape_copy
    return made(input, size)


@composite(name="reshape", scope=None, method=True)
def reshape_method(self, *shape, **named):
    """A view where the strides allow it, else a copy."""
    if named:
        shape = (named["shape"],)
    return reshape(self, _size(shape))


# ----- dimensions --------------------------------------------------------------------


def _permuted(where: Geometry, dims) -> Geometry:
    dims = wrap_dims(dims, len(where.shape))
    return Geometry(
        tuple(where.shape[d] for d in dims),
        tuple(where.strides[d] for d in dims),
        where.offset,
    )


def _write_permuted(base, new, dims):
    dims = wrap_dims(dims, base.ndim)
    return new.transpose(tuple(dims.index(i) for i in range(base.ndim)))


@view_op(_write_permuted, strides=_permuted, varargs="dims")
def permute(input: Array, dims: Ints) -> Array:
    """Reorder the dimensions."""
    if len(dims) != input.ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not "
            f"match the length of the desired ordering of dimensions i.e. input.dim() "
            f"= {input.ndim} is not equal to len(dims) = {len(dims)}"
        )
    return input.transpose(wrap_dims(dims, input.ndim))


def _swap(ndim: int, dim0: int, dim1: int) -> tuple[int, ...]:
    dims = list(range(ndim))
    a, b = wrap_dim(dim0, ndim), wrap_dim(dim1, ndim)
    if dims:
        dims[a], dims[b] = dims[b], dims[a]
    return tuple(dims)


def _write_transposed(base, new, dim0, dim1):
    return new.transpose(_swap(base.ndim, dim0, dim1))


@view_op(
    _write_transposed,
    strides=lambda w, a, b: _permuted(w, _swap(len(w.shape), a, b)),
    aliases=("swapaxes", "swapdims"),
)
def transpose(input: Array, dim0: int, dim1: int) -> Array:
    """Swap two dimensions."""
    return input.transpose(_swap(input.ndim, dim0, dim1))


def _flip(ndim: int) -> tuple[int, ...]:
    return tuple(reversed(range(ndim)))


@view_op(
    lambda base, new: new.transpose(_flip(base.ndim)),
    strides=lambda w: _permuted(w, _flip(len(w.shape))),
)
def t(input: Array) -> Array:
    """Transpose a matrix; a vector stays as it is."""
    if input.ndim > 2:
        raise RuntimeError(
            f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D"
        )
    return input.transpose(_flip(input.ndim))


@composite(method=True, aliases=("moveaxis",))
def movedim(input, source, destination):
    """Move dimensions to new places."""
    source = (source,) if isinstance(source, int) else tuple(source)
    destination = (destination,) if isinstance(destination, int) else destination
    ndim = len(input._value().aval.shape)
    destination = tuple(destination)
    if len(source) != len(destination):
        raise RuntimeError(
            "movedim: Invalid source or destination dims: source "
            f"({list(source)} dims) should contain the same number of dims as "
            f"destination ({list(destination)} dims)"
        )
    for name, dims in (("source", source), ("destination", destination)):
        if len({wrap_dim(d, ndim) for d in dims}) < len(dims):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({list(dims)})")
    source, destination = wrap_dims(source, ndim), wrap_dims(destination, ndim)
    rest = iter(d for d in range(ndim) if d not in source)
    places = dict(zip(destination, source, strict=True))
    return permute(
        input,
        tuple(places.get(i, None) if i in places else next(rest) for i in range(ndim)),
    )


def _unsqueezed(where: Geometry, dim: int) -> Geometry:
    dim = wrap_dim(dim, len(where.shape) + 1)
    inner = where.shape[dim] * where.strides[dim] if dim < len(where.shape) else 1
    return Geometry(
        where.shape[:dim] + (1,) + where.shape[dim:],
        where.strides[:dim] + (inner,) + where.strides[dim:],
        where.offset,
    )


@view_op(_write_reshaped, strides=_unsqueezed)
def unsqueeze(input: Array, dim: int) -> Array:
    """Insert a dimension of size 1."""
    return jnp.expand_dims(input, wrap_dim(dim, input.ndim + 1))


def _kept(shape, dim) -> list[int]:
    drop = range(len(shape)) if dim is None else wrap_dims(dim, len(shape))
    return [i for i, n in enumerate(shape) if not (i in drop and n == 1)]


def _squeezed(where: Geometry, dim=None) -> Geometry:
    keep = _kept(where.shape, dim)
    return Geometry(
        tuple(where.shape[i] for i in keep),
        tuple(where.strides[i] for i in keep),
        where.offset,
    )


@view_op(_write_reshaped, strides=_squeezed)
def squeeze(input: Array, dim: Ints | None = None) -> Array:
    """Drop dimensions of size 1."""
    return input.reshape([input.shape[i] for i in _kept(input.shape, dim)])


def _expanded_shape(shape, size) -> tuple[int, ...]:
    extra = len(size) - len(shape)
    if extra < 0:
        raise RuntimeError(
            f"The expanded size of the tensor ({size[0] if size else 0}) must match: "
            f"the number of sizes provided ({len(size)}) must be greater or equal to "
            f"the number of dimensions in the tensor ({len(shape)})"
        )
    result = []
    for i, n in enumerate(size):
        have = shape[i - extra] if i >= extra else 1
        if n == -1:
            if i < extra:
                raise RuntimeError(
                    f"The expanded size of the tensor ({n}) isn't allowed in a "
                    f"leading, non-existing dimension {i}"
                )
            n = have
        elif have not in (1, n):
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size "
                f"({have}) at non-singleton dimension {i}.  Target sizes: "
                f"{list(size)}.  Tensor sizes: {list(shape)}"
            )
        result.append(n)
    return tuple(result)


def _expanded(where: Geometry, size) -> Geometry:
    shape = _expanded_shape(where.shape, size)
    extra = len(shape) - len(where.shape)
    strides = [0] * extra + [
        s if n == m else 0
        for n, m, s in zip(where.shape, shape[extra:], where.strides, strict=True)
    ]
    return Geometry(shape, tuple(strides), where.offset)


def _write_expanded(base, new, size):
    if new.shape != base.shape and new.size != base.size:
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor "
            "refers to a single memory location. Please clone() the tensor before "
            "performing the operation."
        )
    return new.reshape(base.shape)


@view_op(_write_expanded, strides=_expanded, scope=None, varargs="size")
def expand(input: Array, size: Ints) -> Array:
    """Broadcast to ``size`` (-1 keeps a size)."""
    if len(size) < input.ndim:
        kind = _dtypes.scalar_type_name(_dtypes.from_numpy(input.dtype))
        raise RuntimeError(
            f"expand(torch.{kind}Tensor{{{list(input.shape)}}}, size={list(size)}): "
            f"the number of sizes provided ({len(size)}) must be greater or equal to "
            f"the number of dimensions in the tensor ({input.ndim})"
        )
    return jnp.broadcast_to(input, _expanded_shape(input.shape, size))


@composite(method=True)
def broadcast_to(input, size):
    """Broadcast to ``size``."""
    return expand(input, tuple(size))


# ----- parts -------------------------------------------------------------------------


def _selected(where: Geometry, dim: int, index: int) -> Geometry:
    dim = wrap_dim(dim, len(where.shape))
    return Geometry(
        where.shape[:dim] + where.shape[dim + 1 :],
        where.strides[:dim] + where.strides[dim + 1 :],
        where.offset + index * where.strides[dim],
    )


def _write_selected(base: Array, new: Array, dim: int, index: Index) -> Array:
    dim = wrap_dim(dim, base.ndim)
    return lax.dynamic_update_index_in_dim(base, new, _front(index, base, dim), dim)


def _front(index, base, dim):
    """A traced index counted from the front."""
    index = jnp.asarray(index)
    return jnp.where(index < 0, index + base.shape[dim], index)


@view_op(_write_selected, strides=_selected, name="select", scope=None, method=False)
def select_index(input: Array, dim: int, index: Index) -> Array:
    dim = wrap_dim(dim, input.ndim)
    place = _front(index, input, dim)
    return lax.dynamic_index_in_dim(input, place, dim, keepdims=False)


def _selected_on_host(array, dim: int, index):
    return array[index] if dim == 0 else array[(slice(None),) * dim + (index,)]


select_index.op.on_host = _selected_on_host


def _write_fixed(base: Array, new: Array, dim: int, index: int) -> Array:
    return _write_selected(base, new, dim, index)


@view_op(_write_fixed, strides=_selected, name="select", scope=None, method=False)
def select_fixed(input: Array, dim: int, index: int) -> Array:
    return lax.index_in_dim(input, index, wrap_dim(dim, input.ndim), keepdims=False)


@composite(method=True)
def select(input, dim, index):
    """The slice at ``index`` along ``dim``, one dimension less."""
    shape = input._value().aval.shape
    if not shape:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    dim = wrap_dim(dim, len(shape))
    if not -shape[dim] <= index < shape[dim]:
        raise IndexError(
            f"select(): index {index} out of range for tensor of size {list(shape)} "
            f"at dimension {dim}"
        )
    return select_index(input, dim, index % shape[dim])


def _sliced(where: Geometry, dim, length, step, start) -> Geometry:
    strides = list(where.strides)
    offset = where.offset + start * strides[dim]
    strides[dim] *= step
    shape = where.shape[:dim] + (length,) + where.shape[dim + 1 :]
    return Geometry(shape, tuple(strides), offset)


def _span(length: int, step: int) -> int:
    return (length - 1) * step + 1 if length else 0


def _write_sliced(
    base: Array, new: Array, dim: int, length: int, step: int, start: Index
) -> Array:
    if step > 1:
        span = lax.dynamic_slice_in_dim(base, start, _span(length, step), dim)
        where = (slice(None),) * dim + (slice(None, None, step),)
        new = span.at[where].set(new)
    return lax.dynamic_update_slice_in_dim(base, new, start, dim)


@view_op(_write_sliced, strides=_sliced, name="slice", scope=None, method=False)
def slice_from(input: Array, dim: int, length: int, step: int, start: Index) -> Array:
    part = lax.dynamic_slice_in_dim(input, start, _span(length, step), dim)
    return part if step == 1 else lax.slice_in_dim(part, 0, None, step, dim)


def _write_part(
    base: Array, new: Array, dim: int, length: int, step: int, start: int
) -> Array:
    where = (slice(None),) * dim + (slice(start, start + _span(length, step), step),)
    return base.at[where].set(new)


@view_op(_write_part, strides=_sliced, name="slice", scope=None, method=False)
def slice_fixed(input: Array, dim: int, length: int, step: int, start: int) -> Array:
    return lax.slice_in_dim(input, start, start + _span(length, step), step, dim)


@composite(method=True)
def narrow(input, dim, start, length):
    """``length`` entries along ``dim`` from ``start``."""
    shape = input._value().aval.shape
    if not shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    dim = wrap_dim(dim, len(shape))
    if isinstance(start, TensorBase):
        kind = start._value().aval
        if kind.shape or kind.dtype.category != 1:
            raise RuntimeError("start must be an 0-dim integral Tensor.")
    start = int(start)
    if length < 0:
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -shape[dim] <= start <= shape[dim]:
        raise IndexError(
            f"start out of range (expected to be in range of [-{shape[dim]}, "
            f"{shape[dim]}], but got {start})"
        )
    start = start + shape[dim] if start < 0 else start
    if start + length > shape[dim]:
        raise RuntimeError(
            f"start ({start}) + length ({length}) exceeds dimension size "
            f"({shape[dim]})."
        )
    return slice_from(input, dim, length, 1, start)


def _diagonal_size(shape, offset, dim1, dim2) -> int:
    a, b = shape[dim1], shape[dim2]
    return max(min(a, b - offset) if offset >= 0 else min(a + offset, b), 0)


def _diagonalised(where: Geometry, offset=0, dim1=0, dim2=1) -> Geometry:
    ndim = len(where.shape)
    dim1, dim2 = wrap_dim(dim1, ndim), wrap_dim(dim2, ndim)
    keep = [i for i in range(ndim) if i not in (dim1, dim2)]
    n = _diagonal_size(where.shape, offset, dim1, dim2)
    start = (
        offset * where.strides[dim2] if offset >= 0 else -offset * where.strides[dim1]
    )
    return Geometry(
        tuple(where.shape[i] for i in keep) + (n,),
        tuple(where.strides[i] for i in keep)
        + (where.strides[dim1] + where.strides[dim2],),
        where.offset + (start if n else 0),
    )


def _diagonal_index(shape, offset, dim1, dim2):
    rows = jnp.arange(_diagonal_size(shape, offset, dim1, dim2))
    return (rows, rows + offset) if offset >= 0 else (rows - offset, rows)


def _write_diagonal(base, new, offset=0, dim1=0, dim2=1):
    dim1, dim2 = wrap_dim(dim1, base.ndim), wrap_dim(dim2, base.ndim)
    front = jnp.moveaxis(base, (dim1, dim2), (0, 1))
    rows, columns = _diagonal_index(base.shape, offset, dim1, dim2)
    front = front.at[rows, columns].set(jnp.moveaxis(new, -1, 0))
    return jnp.moveaxis(front, (0, 1), (dim1, dim2))


@view_op(_write_diagonal, strides=_diagonalised)
def diagonal(input: Array, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Array:
    """The diagonal of two dimensions, as a last dimension."""
    dim1, dim2 = wrap_dim(dim1, input.ndim), wrap_dim(dim2, input.ndim)
    if dim1 == dim2:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return jnp.diagonal(input, offset, dim1, dim2)


# ----- windows and raw strides -------------------------------------------------------


def _offsets(where: Geometry):
    """Indices into the flat base of every element of a geometry."""
    index = jnp.full((), where.offset, jnp.int64)
    for n, s in zip(where.shape, where.strides, strict=True):
        index = index[..., None] + jnp.arange(n, dtype=jnp.int64) * s
    return index.reshape(where.shape)


def _unfolded(where: Geometry, dimension, size, step) -> Geometry:
    d = wrap_dim(dimension, len(where.shape))
    if not where.shape:
        return Geometry((size,), (1,), where.offset)
    n = (where.shape[d] - size) // step + 1
    strides = list(where.strides) + [where.strides[d]]
    strides[d] *= step
    shape = where.shape[:d] + (n,) + where.shape[d + 1 :] + (size,)
    return Geometry(shape, tuple(strides), where.offset)


def _write_windows(base, new, dimension, size, step):
    where = Geometry(base.shape, geo.dense_strides(base.shape))
    index = _offsets(_unfolded(where, dimension, size, step))
    return base.reshape(-1).at[index].set(new).reshape(base.shape)


@view_op(_write_windows, strides=_unfolded, scope=None)
def unfold(input: Array, dimension: int, size: int, step: int) -> Array:
    """Sliding windows along a dimension, as a last dimension."""
    d = wrap_dim(dimension, input.ndim)
    length = input.shape[d] if input.ndim else 1
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > length:
        raise RuntimeError(
            f"maximum size for tensor at dimension {d} is {length} but size is {size}"
        )
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    if not input.ndim:
        return input.reshape(1)[:size]
    where = Geometry(input.shape, geo.dense_strides(input.shape))
    return input.reshape(-1)[_offsets(_unfolded(where, d, size, step))]


def _strided(_, size, stride, storage_offset) -> Geometry:
    return Geometry(size, stride, storage_offset)


def _write_strided(base, new, size, stride, storage_offset):
    index = _offsets(Geometry(size, stride, storage_offset))
    return base.reshape(-1).at[index].set(new).reshape(base.shape)


@view_op(
    _write_strided,
    strides=_strided,
    name="as_strided",
    scope=None,
    method=False,
)
def as_strided_base(
    input: Array, size: Ints, stride: Ints, storage_offset: int
) -> Array:
    return input.reshape(-1)[_offsets(Geometry(size, stride, storage_offset))]


@op(name="as_strided", scope=None, method=False)
def _strided_of_leaf(
    base: Array, input: Array, where: Geometry, wanted: Geometry
) -> Array:
    """Of ``base`` with ``input`` in its place: what is shared has a gradient."""
    whole = base.reshape(-1).at[_offsets(where)].set(input)
    return whole[_offsets(wanted)]


@composite(method=True)
def as_strided(input, size, stride, storage_offset=None):
    """A view of the storage with any sizes and strides."""
    if len(size) != len(stride):
        raise RuntimeError("mismatch in length of strides and shape")
    if any(s < 0 for s in stride):
        raise RuntimeError(
            "as_strided: Negative strides are not supported at the moment, got "
            f"strides: {list(stride)}"
        )
    base = input if input._view is None else input._view.base
    where = geo.geometry(input)
    if storage_offset is None:
        storage_offset = where.offset if where is not None else 0
    numel = _numel(base._value().aval.shape)
    last = storage_offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    if 0 not in tuple(size) and last >= numel:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset "
            f"{storage_offset} reach beyond a storage of {numel} elements"
        )
    wanted = tuple(size), tuple(stride), int(storage_offset)
    if base is not input and edge_of(input) is not None and edge_of(base) is None:
        return _strided_of_leaf(base, input, where, Geometry(*wanted))
    return as_strided_base(base, *wanted)


# Those that may show one element in several places.
for _view in (expand, unfold, as_strided_base):
    _view.op.overlaps = True


# ----- complex parts -----------------------------------------------------------------


def _pairs(where: Geometry) -> Geometry:
    strides = tuple(2 * s for s in where.strides)
    return Geometry(where.shape + (2,), strides + (1,), 2 * where.offset)


@view_op(
    lambda base, new: lax.complex(new[..., 0], new[..., 1]),
    strides=_pairs,
    method=False,
)
def view_as_real(input: Array) -> Array:
    """A complex tensor as real pairs in a last dimension of 2."""
    if not jnp.iscomplexobj(input):
        raise RuntimeError("view_as_real is only supported for complex tensors")
    return jnp.stack([input.real, input.imag], -1)


@view_op(lambda base, new: jnp.stack([new.real, new.imag], -1), method=False)
def view_as_complex(input: Array) -> Array:
    """Real pairs in a last dimension of 2 as a complex tensor."""
    if not input.ndim or input.shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")
    return lax.complex(input[..., 0], input[..., 1])


@view_op(
    lambda base, new: lax.complex(new, base.imag), name="real", scope=None, method=False
)
def real_part(input: Array) -> Array:
    """The real part of a complex tensor."""
    return input.real


@view_op(
    lambda base, new: lax.complex(base.real, new), name="imag", scope=None, method=False
)
def imag_part(input: Array) -> Array:
    """The imaginary part of a complex tensor."""
    return input.imag
