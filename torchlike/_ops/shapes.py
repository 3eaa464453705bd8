"""Shape functions made of views: flatten, split, chunk, unbind, T, …"""

from __future__ import annotations

from .. import _dtypes
from .._errors import broadcast_shapes, wrap_dim
from ..autograd.variable import TensorBase, View, bare
from ..autograd.views import check_inplace, deferred_view, settled
from . import views
from ._op import composite
from .nested import nested_parts


def _shape(tensor) -> tuple[int, ...]:
    return tensor._aval().shape


@composite(method=True)
def flatten(input, start_dim=0, end_dim=-1):
    """Merge a range of dimensions into one."""
    shape = _shape(input)
    start, end = wrap_dim(start_dim, len(shape)), wrap_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError(
            "flatten() has invalid args: start_dim cannot come after end_dim"
        )
    if not shape:
        return views.reshape(input, (1,))
    if start == end:
        return input
    n = 1
    for size in shape[start : end + 1]:
        n *= size
    return views.reshape(input, shape[:start] + (n,) + shape[end + 1 :])


@composite(method=True)
def unflatten(input, dim, sizes):
    """Split one dimension into several."""
    shape = _shape(input)
    dim = wrap_dim(dim, len(shape))
    sizes = (sizes,) if isinstance(sizes, int) else tuple(sizes)
    if not sizes:
        raise RuntimeError("unflatten: sizes must be non-empty")
    known = 1
    for n in sizes:
        known *= n if n != -1 else 1
    if -1 in sizes and known and shape[dim] % known == 0:
        sizes = tuple(shape[dim] // known if n == -1 else n for n in sizes)
    elif -1 in sizes or known != shape[dim]:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of "
            f"dim {dim} ({shape[dim]}) in the input tensor"
        )
    return views.reshape(input, shape[:dim] + sizes + shape[dim + 1 :])


@composite(method=True)
def ravel(input):
    """All elements in one dimension."""
    return views.reshape(input, (-1,))


@composite(scope=None, method=True)
def view_as(self, other):
    """A view in the shape of ``other``."""
    return views.view(self, *_shape(other)) if _shape(other) else views.view(self, ())


@composite(scope=None, method=True)
def reshape_as(self, other):
    """Reshape to the shape of ``other``."""
    return views.reshape(self, _shape(other))


@composite(scope=None, method=True)
def expand_as(self, other):
    """Expand to the shape of ``other``."""
    return views.expand(self, _shape(other))


# ----- parts -------------------------------------------------------------------------


def _parts(tensor, dim: int, sizes) -> tuple:
    parts, start = [], 0
    for n in sizes:
        parts.append(views.slice_fixed(tensor, dim, n, 1, start))
        start += n
    return tuple(parts)


@composite(method=False)
def split(tensor, split_size_or_sections, dim=0):
    """Parts of a given size (the last may be smaller) or of given sizes."""
    shape = _shape(tensor)
    if not shape:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    dim = wrap_dim(dim, len(shape))
    if not isinstance(split_size_or_sections, int):
        return split_with_sizes(tensor, split_size_or_sections, dim)
    size, n = split_size_or_sections, shape[dim]
    if size < 0:
        raise RuntimeError(
            f"split expects split_size be non-negative, but got split_size={size}"
        )
    if size == 0 and n:
        raise RuntimeError(
            "split_size can only be 0 if dimension size is 0, but got dimension size "
            f"of {n}"
        )
    if n == 0 or size == 0:
        return (views.slice_fixed(tensor, dim, n, 1, 0),)
    sizes = [size] * (n // size) + ([n % size] if n % size else [])
    return _parts(tensor, dim, sizes)


@composite(name="split", scope=None, method=True)
def _split_method(self, split_size, dim=0):
    return split(self, split_size, dim)


_split_method.__name__ = "split"


@composite(method=True)
def split_with_sizes(input, split_sizes, dim=0):
    """Parts of the given sizes."""
    shape = _shape(input)
    dim, sizes = wrap_dim(dim, len(shape)), [int(n) for n in split_sizes]
    if sum(sizes) != shape[dim] or any(n < 0 for n in sizes):
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {shape[dim]} "
            f"(input tensor's size at dimension {dim}), but got split_sizes={sizes}"
        )
    return _parts(input, dim, sizes)


@composite(method=True)
def chunk(input, chunks, dim=0):
    """At most ``chunks`` parts of equal size (the last may be smaller)."""
    if chunks <= 0:
        raise RuntimeError(
            f"chunk expects `chunks` to be greater than 0, got: {chunks}"
        )
    shape = _shape(input)
    if not shape:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    dim = wrap_dim(dim, len(shape))
    size = -(-shape[dim] // chunks)
    if size == 0:
        return _parts(input, dim, [0] * chunks)
    return split(input, size, dim)


@composite(method=True)
def tensor_split(input, indices_or_sections, dim=0):
    """Parts as ``numpy.array_split`` makes them."""
    if not _shape(input):
        raise RuntimeError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor "
            "with 0 dims"
        )
    n = _shape(input)[wrap_dim(dim, len(_shape(input)))]
    where = indices_or_sections
    if isinstance(where, TensorBase):
        where = _host_sections(where)
    if isinstance(where, int):
        if where <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {where}")
        small, extra = divmod(n, where)
        sizes = [small + 1] * extra + [small] * (where - extra)
        return _parts(input, wrap_dim(dim, len(_shape(input))), sizes)
    bounds = [min(max(i + n if i < 0 else i, 0), n) for i in where]
    starts, ends = [0, *bounds], [*bounds, n]
    return tuple(
        views.slice_fixed(input, wrap_dim(dim, len(_shape(input))), max(e - s, 0), 1, s)
        for s, e in zip(starts, ends, strict=True)
    )


def _host_sections(where):
    aval = where._value().aval
    if len(aval.shape) > 1:
        raise RuntimeError(
            "tensor_split expected tensor_indices_or_sections to be a zero-dimensional "
            f"or one-dimensional tensor, but got a tensor with {len(aval.shape)} dims"
        )
    if aval.dtype is not _dtypes.int64:
        raise RuntimeError(
            "tensor_split expected tensor_indices_or_sections to have dtype of long, "
            f"but got {_dtypes.scalar_type_name(aval.dtype)}"
        )
    return where.tolist()


def _split_dim(name: str, least: int, dim_of):
    def function(input, indices_or_sections):
        if len(_shape(input)) < least:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {least} dimension"
                f"{'s' if least > 1 else ''}, but got a tensor with "
                f"{len(_shape(input))} dimensions!"
            )
        dim, n = dim_of(input), indices_or_sections
        if isinstance(n, (str, float)):
            raise TypeError(
                f"{name}() received an invalid combination of arguments - got (Tensor, "
                f"{type(n).__name__}), but expected an int or a tuple of ints"
            )
        if isinstance(n, int) and (n <= 0 or _shape(input)[dim] % n):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {dim}, but the size "
                f"of the dimension {_shape(input)[dim]} is not divisible by the "
                f"split_size {n}!"
            )
        return tensor_split(input, indices_or_sections, dim)

    function.__doc__ = "Parts along one dimension, as in NumPy."
    function.__name__ = name
    return composite(function, name=name, method=True)


hsplit = _split_dim("hsplit", 1, lambda t: 0 if len(_shape(t)) == 1 else 1)
vsplit = _split_dim("vsplit", 2, lambda t: 0)
dsplit = _split_dim("dsplit", 3, lambda t: 2)


@composite(method=True)
def unbind(input, dim=0):
    """The slices along a dimension."""
    if (parts := nested_parts(input)) is not None:
        return tuple(parts)
    shape = _shape(input)
    if not shape:
        raise IndexError("Dimension specified as 0 but tensor has no dimensions")
    dim = wrap_dim(dim, len(shape))
    if settled(input):
        left = shape[:dim] + shape[dim + 1 :]
        select = views.select_index.op
        return tuple(
            [deferred_view(select, (dim,), input, left, i) for i in range(shape[dim])]
        )
    return tuple(views.select_fixed(input, dim, i) for i in range(shape[dim]))


# ----- at least n dimensions ---------------------------------------------------------


def _each(function, tensors):
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        return tuple(function(t) for t in tensors[0])
    if len(tensors) == 1:
        return function(tensors[0])
    return tuple(function(t) for t in tensors)


@composite
def atleast_1d(*tensors):
    """Tensors of at least one dimension."""
    return _each(lambda t: t if _shape(t) else views.reshape(t, (1,)), tensors)


@composite
def atleast_2d(*tensors):
    """Tensors of at least two dimensions."""

    def widen(t):
        t = atleast_1d(t)
        return views.unsqueeze(t, 0) if len(_shape(t)) == 1 else t

    return _each(widen, tensors)


@composite
def atleast_3d(*tensors):
    """Tensors of at least three dimensions."""

    def widen(t):
        t = atleast_2d(t)
        return views.unsqueeze(t, -1) if len(_shape(t)) == 2 else t

    return _each(widen, tensors)


@composite
def broadcast_tensors(*tensors):
    """Views of the tensors in their common shape."""
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    size = broadcast_shapes(*map(_shape, tensors))
    return tuple(views.expand(t, size) for t in tensors)


# ----- transposes as attributes ------------------------------------------------------


def _matrix_transpose(tensor):
    if len(_shape(tensor)) < 2:
        raise RuntimeError(
            "tensor.mT is only supported on matrices or batches of matrices. Got "
            f"{len(_shape(tensor))}-D tensor."
        )
    return views.transpose(tensor, -2, -1)


def _reversed(tensor):
    rank = len(_shape(tensor))
    return tensor if rank < 2 else views.permute(tensor, tuple(reversed(range(rank))))


@composite(method=True)
def adjoint(input):
    """The conjugate transpose of the last two dimensions."""
    result = _matrix_transpose(input)
    return result.conj() if input.dtype.is_complex else result


def _hermitian(tensor):
    if len(_shape(tensor)) not in (0, 2):
        raise RuntimeError(
            "tensor.H is only supported on matrices (2-D tensors). Got "
            f"{len(_shape(tensor))}-D tensor."
        )
    return adjoint(tensor) if _shape(tensor) else tensor


for _name, _get in {
    "T": _reversed,
    "mT": _matrix_transpose,
    "H": _hermitian,
    "mH": adjoint,
}.items():
    composite(property(_get), name=_name, scope=None, method=True)


# ----- complex parts -----------------------------------------------------------------


@composite
def real(input):
    """The real part as a view; a real tensor itself."""
    return views.real_part(input) if input.dtype.is_complex else input


@composite
def imag(input):
    """The imaginary part as a view."""
    if not input.dtype.is_complex:
        raise RuntimeError(
            "imag is not implemented for tensors with non-complex dtypes."
        )
    return views.imag_part(input)


composite(property(real), name="real", scope=None, method=True)
composite(property(imag), name="imag", scope=None, method=True)


# ----- a tensor that becomes a view of itself ----------------------------------------


def become(tensor, viewed):
    """Make ``tensor`` what ``viewed``, a view of it, is."""
    if viewed is tensor:
        return tensor
    base = viewed._view.base
    if base is tensor:
        base = bare(type(tensor))
        base.__dict__.update(
            {k: v for k, v in vars(tensor).items() if k in TensorBase.__annotations__}
        )
    view = viewed._view
    tensor._view = View(base, view.steps, view.version, view.value, view.tracked)
    tensor._node, tensor._output_nr = viewed._node, viewed._output_nr
    return tensor


def _in_place(name: str, function, scope: str | None = None):
    def method(self, *args, **kwargs):
        check_inplace(self)
        return become(self, function(self, *args, **kwargs))

    method.__name__ = name
    method.__doc__ = f"The in-place form of ``{name[:-1]}``."
    composite(method, name=name, scope=scope, method=True)


for _function in (views.unsqueeze, views.squeeze, views.t, views.transpose):
    _in_place(_function.__name__ + "_", _function)
_in_place("swapaxes_", views.transpose)
_in_place("swapdims_", views.transpose)
_in_place("as_strided_", views.as_strided, "torch")
