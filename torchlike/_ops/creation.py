"""New tensors: filled, ranges, identity; and the ``*_like`` and ``new_*`` forms."""

from __future__ import annotations

import math
import operator

import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _dtypes
from .._devices import default_place, normalise
from .._engine import from_host
from .._errors import wrap_dim
from .._size import Size
from ..autograd.apply import apply
from ..autograd.variable import TensorBase, wrap
from . import _write, views
from ._check import is_float, scalar_name
from ._compute import rounding
from ._forms import overloaded
from ._op import Array, Dtype, Ints, Scalar, op

# ----- filled ------------------------------------------------------------------------


@op(name="full", scope=None, method=False, differentiable=False)
def _full(fill_value: Scalar, size: Ints, dtype: Dtype) -> Array:
    value = jnp.asarray(fill_value)
    if jnp.iscomplexobj(value) and not dtype.is_complex:
        raise RuntimeError("value cannot be converted to a real type without overflow")
    return jnp.full(size, value.astype(dtype.numpy_dtype))


@op(name="full", scope=None, method=False, differentiable=False)
def _constant(size: Ints, dtype: Dtype, value: int) -> Array:
    return jnp.full(size, value, dtype.numpy_dtype)


def check_size(args, size=None, name: str = "zeros") -> tuple[int, ...]:
    """Sizes given as ``(2, 3)`` or ``((2, 3),)``; PyTorch's error for negative ones."""
    if size is not None:
        args = (size,)
    if len(args) == 1 and isinstance(args[0], (tuple, list)):
        args = tuple(args[0])
    sizes = tuple([operator.index(n) for n in args])
    for n in sizes:
        if n < 0:
            raise RuntimeError(f"{name}: Dimension size must be non-negative.")
    return sizes


def place_of(device):
    """The device of a factory's ``device`` argument."""
    return default_place() if device is None else normalise(device)


def finish(tensor, out, requires_grad: bool):
    """Write into ``out`` or set ``requires_grad``, as factories do."""
    if out is not None:
        return _write.into(out, tensor)
    return tensor.requires_grad_(True) if requires_grad else tensor


def filled(size, value, dtype, device):
    """A tensor of ``size`` full of a number; 0 and 1 are constants of the program."""
    place = place_of(device)
    if type(value) is int and value in (0, 1):
        return apply(_constant.op, (size, dtype, value), (), place)[0]
    return apply(_full.op, (size, dtype), (value,), place)[0]


def _factory(name: str, value: int, text: str):
    def function(
        *size,
        out=None,
        dtype=None,
        layout=None,
        device=None,
        pin_memory=False,
        requires_grad=False,
        memory_format=None,
        **named,
    ):
        size = check_size(size, named.pop("size", None), name)
        if named:
            raise TypeError(
                f"{name}() got an unexpected keyword argument '{next(iter(named))}'"
            )
        if dtype is None:
            dtype = (
                out._value().aval.dtype
                if out is not None
                else _dtypes.get_default_dtype()
            )
        made = filled(size, value, _dtypes.as_dtype(dtype), device)
        return finish(made, out, requires_grad)

    function.__name__, function.__doc__ = name, text
    return overloaded(function, name=name, method=False)


zeros = _factory("zeros", 0, "A tensor of zeros.")
ones = _factory("ones", 1, "A tensor of ones.")
empty = _factory("empty", 0, "A tensor; its elements are zeros here.")


@overloaded(method=False)
def full(
    size,
    fill_value,
    *,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """A tensor full of a number, whose kind decides the dtype."""
    if isinstance(fill_value, np.generic):
        fill_value = fill_value.item()
    if dtype is None:
        dtype = (
            fill_value._value().aval.dtype
            if isinstance(fill_value, TensorBase)
            else _dtypes.default_for_kind(type(fill_value))
        )
    made = filled(check_size((size,)), fill_value, _dtypes.as_dtype(dtype), device)
    return finish(made, out, requires_grad)


def _like(name: str, make, text: str):
    def function(
        input,
        *,
        dtype=None,
        layout=None,
        device=None,
        pin_memory=False,
        requires_grad=False,
        memory_format=None,
    ):
        value = input._value()
        dtype = value.aval.dtype if dtype is None else _dtypes.as_dtype(dtype)
        made = filled(
            value.aval.shape, make, dtype, value.device if device is None else device
        )
        return finish(made, None, requires_grad)

    function.__name__, function.__doc__ = name, text
    return overloaded(function, name=name, method=False)


zeros_like = _like("zeros_like", 0, "Zeros in the shape of ``input``.")
ones_like = _like("ones_like", 1, "Ones in the shape of ``input``.")
empty_like = _like("empty_like", 0, "A tensor in the shape of ``input``.")


@overloaded(method=False)
def full_like(
    input,
    fill_value,
    *,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
    memory_format=None,
):
    """A tensor full of a number in the shape of ``input``."""
    value = input._value()
    dtype = value.aval.dtype if dtype is None else _dtypes.as_dtype(dtype)
    place = value.device if device is None else device
    return finish(
        filled(value.aval.shape, fill_value, dtype, place), None, requires_grad
    )


def _new(name: str, value: int):
    def method(self, *size, dtype=None, device=None, requires_grad=False, **unused):
        size = check_size(size, unused.get("size"))
        own = self._value()
        dtype = own.aval.dtype if dtype is None else _dtypes.as_dtype(dtype)
        made = filled(size, value, dtype, own.device if device is None else device)
        return finish(made, None, requires_grad)

    method.__name__ = name
    method.__doc__ = "A new tensor with this tensor's dtype and device."
    overloaded(method, name=name, scope=None)


_new("new_zeros", 0)
_new("new_ones", 1)
_new("new_empty", 0)


@overloaded(scope=None)
def new_full(
    self,
    size,
    fill_value,
    *,
    dtype=None,
    device=None,
    requires_grad=False,
    layout=None,
    pin_memory=False,
):
    """A new tensor full of a number, with this tensor's dtype and device."""
    own = self._value()
    dtype = own.aval.dtype if dtype is None else _dtypes.as_dtype(dtype)
    place = own.device if device is None else device
    return finish(
        filled(check_size((size,)), fill_value, dtype, place), None, requires_grad
    )


@overloaded(method=False)
def empty_strided(
    size,
    stride,
    *,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    """A tensor of ``size``; strides are not kept."""
    return empty(size, dtype=dtype, device=device, requires_grad=requires_grad)


# ----- ranges ------------------------------------------------------------------------


@op(name="arange", scope=None, method=False, differentiable=False)
def _arange(start: Scalar, step: Scalar, length: int, dtype: Dtype) -> Array:
    exact = dtype.category < 2
    count = jnp.arange(length, dtype=jnp.int64 if exact else jnp.float64)
    wide = jnp.int64 if exact else jnp.float64
    start, step = jnp.asarray(start).astype(wide), jnp.asarray(step).astype(wide)
    return (start + count * step).astype(dtype.numpy_dtype)


@op(name="arange", scope=None, method=False, differentiable=False)
def _count(length: int, dtype: Dtype) -> Array:
    return jnp.arange(length, dtype=dtype.numpy_dtype)


def _number(x):
    return x.item() if isinstance(x, TensorBase) else x


@overloaded(method=False)
def arange(
    start=None,
    end=None,
    step=1,
    *,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """Numbers from ``start`` (included) to ``end`` (excluded) in steps of ``step``."""
    if end is None:
        start, end = 0, start
    start, end, step = _number(start), _number(end), _number(step)
    numbers = (start, end, step)
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    if dtype is None and out is not None:
        dtype = out._value().aval.dtype
    elif dtype is None:
        floating = any(isinstance(x, float) for x in numbers)
        dtype = _dtypes.get_default_dtype() if floating else _dtypes.int64
    dtype = _dtypes.as_dtype(dtype)
    if dtype.category < 2:  # PyTorch's kernel reads the numbers as integers
        start, end, step = numbers = tuple(map(int, numbers))
        if step == 0:
            raise ValueError("step must be nonzero")
    if all(isinstance(x, int) for x in numbers):
        length = -((start - end) // step)
    else:
        length = math.ceil((end - start) / step)
    place = place_of(device)
    if start == 0 and step == 1:
        made = apply(_count.op, (length, dtype), (), place)[0]
    else:
        made = apply(_arange.op, (length, dtype), (start, step), place)[0]
    return finish(made, out, requires_grad)


@overloaded(method=False, name="range")
def range_(start=0, end=None, step=1, **options):
    """``arange`` with the end included (deprecated in PyTorch too)."""
    if end is None:
        start, end = 0, start
    options.setdefault("dtype", _dtypes.get_default_dtype())
    length = math.floor((end - start) / step) + 1
    return arange(start, start + length * step, step, **options)


def _steps(steps) -> int:
    steps = int(_number(steps))
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    return steps


def _fused(start, step, i):
    """start + step · i rounded once, as processors do by one instruction."""
    if start.dtype == jnp.float32:
        exact = start.astype(jnp.float64) + step.astype(jnp.float64) * i
        return exact.astype(jnp.float32)
    high = lax.reduce_precision(step, 11, 26)
    part, rest = high * i, (step - high) * i  # both exact
    total = start + part
    back = total - start
    lost = (start - (total - back)) + (part - back)
    return total + (lost + rest)


def ramp(start, end, steps: int, dtype):
    """``steps`` numbers, counted from the nearer end and rounded as PyTorch does."""
    if dtype.is_complex:
        ends = [jnp.asarray(x).astype(dtype.numpy_dtype) for x in (start, end)]
        part = dtype.to_real()
        parts = [[f(x) for x in ends] for f in (jnp.real, jnp.imag)]
        return lax.complex(*(ramp(*x, steps, part) for x in parts))
    half = dtype.is_floating_point and dtype.itemsize == 2
    wide = jnp.float32 if half or dtype is _dtypes.float32 else jnp.float64
    near = rounding(dtype.numpy_dtype if half else wide, wide)
    start, end = near(start), near(end)
    if dtype.category < 2:
        start, end = jnp.trunc(start), jnp.trunc(end)
    if steps == 1:
        return start.reshape(1)
    # By a constant XLA would not divide: it would multiply by the rounded reciprocal.
    step = near(near(end - start) / lax.optimization_barrier(near(steps - 1)))
    i = jnp.arange(steps)
    nearer = i < steps // 2
    start, count = jnp.where(nearer, start, end), jnp.where(nearer, i, i - (steps - 1))
    if half:
        return near(start + near(step * near(count)))
    return _fused(start, step, count.astype(wide))


@op(name="linspace", scope=None, method=False, differentiable=False)
def _linspace(start: Scalar, end: Scalar, steps: int, dtype: Dtype) -> Array:
    made = ramp(start, end, steps, dtype)
    return made.astype(dtype.numpy_dtype)


@op(name="logspace", scope=None, method=False, differentiable=False)
def _logspace(
    start: Scalar, end: Scalar, base: Scalar, steps: int, dtype: Dtype
) -> Array:
    if dtype.category < 2:
        start, end = jnp.trunc(start), jnp.trunc(end)
    made = ramp(start, end, steps, _dtypes.float64)
    return jnp.power(jnp.asarray(base).astype(jnp.float64), made).astype(
        dtype.numpy_dtype
    )


def _check_ramp(name: str, start, end, steps) -> None:
    if isinstance(steps, float):
        given = ", ".join(type(x).__name__ for x in (start, end, steps))
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got ({given}), "
            "but expected an int as steps"
        )
    ranks = [x.ndim if isinstance(x, TensorBase) else 0 for x in (start, end)]
    if any(ranks):
        raise RuntimeError(
            f"{name} only supports 0-dimensional start and end tensors, but got start "
            f"with {ranks[0]} dimension(s) and end with {ranks[1]} dimension(s)."
        )


def _ramp_dtype(dtype, *ends) -> _dtypes.dtype:
    if dtype is not None:
        return _dtypes.as_dtype(dtype)
    default = _dtypes.get_default_dtype()
    return (
        default.to_complex() if any(isinstance(e, complex) for e in ends) else default
    )


@overloaded(method=False)
def linspace(
    start,
    end,
    steps,
    *,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """``steps`` evenly spaced numbers, both ends included."""
    _check_ramp("linspace", start, end, steps)
    start, end = _number(start), _number(end)
    static = (_steps(steps), _ramp_dtype(dtype, start, end))
    made = apply(_linspace.op, static, (start, end), place_of(device))[0]
    return finish(made, out, requires_grad)


@overloaded(method=False)
def logspace(
    start,
    end,
    steps,
    base=10.0,
    *,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """``base`` to the power of evenly spaced exponents."""
    _check_ramp("logspace", start, end, steps)
    start, end = _number(start), _number(end)
    static = (_steps(steps), _ramp_dtype(dtype, start, end))
    made = apply(_logspace.op, static, (start, end, float(base)), place_of(device))[0]
    return finish(made, out, requires_grad)


# ----- matrices ----------------------------------------------------------------------


@op(name="eye", scope=None, method=False, differentiable=False)
def _eye(n: int, m: int, dtype: Dtype) -> Array:
    return jnp.eye(n, m, dtype=dtype.numpy_dtype)


@overloaded(method=False)
def eye(
    n,
    m=None,
    *,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    pin_memory=False,
    requires_grad=False,
):
    """Ones on the diagonal, zeros elsewhere."""
    dtype = _dtypes.get_default_dtype() if dtype is None else _dtypes.as_dtype(dtype)
    for name, size in (("n", n), ("m", m)):
        if size is not None and size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    n, m = check_size((n, n if m is None else m))
    made = apply(_eye.op, (n, m, dtype), (), place_of(device))[0]
    return finish(made, out, requires_grad)


@op(out=True, inplace=True)
def tril(input: Array, diagonal: int = 0) -> Array:
    """The lower triangle of matrices."""
    _matrices("tril", input)
    return jnp.tril(input, diagonal)


@op(out=True, inplace=True)
def triu(input: Array, diagonal: int = 0) -> Array:
    """The upper triangle of matrices."""
    _matrices("triu", input)
    return jnp.triu(input, diagonal)


def _matrices(name: str, x) -> None:
    if x.ndim < 2:
        raise RuntimeError(f"{name}: input tensor must have at least 2 dimensions")


def _triangle_indices(name: str, pick):
    def function(row, col, offset=0, *, dtype=None, device=None, layout=None):
        dtype = _dtypes.int64 if dtype is None else dtype
        found = np.stack(pick(row, offset, col)).astype(dtype.numpy_dtype)
        return wrap(from_host(found, place_of(device)))

    function.__name__ = name
    function.__doc__ = "The row and column indices of a triangle, as a 2 × n tensor."
    overloaded(function, name=name, method=False)


_triangle_indices("tril_indices", np.tril_indices)
_triangle_indices("triu_indices", np.triu_indices)


@op(out=True)
def diag(input: Array, diagonal: int = 0) -> Array:
    """A vector on the diagonal of a matrix, or the diagonal of a matrix."""
    if input.ndim not in (1, 2):
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {input.ndim}D")
    return jnp.diag(input, diagonal)


@op
def diag_embed(input: Array, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Array:
    """Last dimensions as diagonals of matrices."""
    rank = input.ndim + 1
    dim1, dim2 = wrap_dim(dim1, rank), wrap_dim(dim2, rank)
    if dim1 == dim2:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    n = input.shape[-1] + abs(offset)
    rows = jnp.arange(input.shape[-1]) + max(-offset, 0)
    columns = jnp.arange(input.shape[-1]) + max(offset, 0)
    made = jnp.zeros((*input.shape[:-1], n, n), input.dtype)
    made = made.at[..., rows, columns].set(input)
    return jnp.moveaxis(made, (-2, -1), (dim1, dim2))


@op
def diagflat(input: Array, offset: int = 0) -> Array:
    """All elements on the diagonal of a matrix."""
    return jnp.diag(input.reshape(-1), offset)


@overloaded(method=False)
def meshgrid(*tensors, indexing=None):
    """Coordinate grids of vectors, ``indexing`` ``"ij"`` or ``"xy"``."""
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(
            'torch.meshgrid: indexing must be one of "xy" or "ij", but received: '
            f"{indexing}"
        )
    for t in tensors:
        if t.dim() > 1:
            raise RuntimeError(
                "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: "
                f"{t}"
            )
    swap = indexing == "xy" and len(tensors) > 1
    order = [1, 0, *range(2, len(tensors))] if swap else list(range(len(tensors)))
    sizes = Size(t.numel() for t in tensors)
    shape = tuple(sizes[i] for i in order)
    grids = []
    for i, t in enumerate(tensors):
        place = order.index(i)
        ones = tuple(sizes[i] if k == place else 1 for k in range(len(tensors)))
        grids.append(views.expand(views.reshape(t, ones), shape))
    return tuple(grids)


def _parts_dtype(out, result, inputs) -> None:
    want, got = (t._value().aval.dtype for t in (result, out))
    if want is not got:
        raise RuntimeError(
            f"Expected object of scalar type {_dtypes.scalar_type_name(want)} but got "
            f"scalar type {_dtypes.scalar_type_name(got)} for argument 'out'"
        )


@overloaded(name="complex", method=False, out=(_parts_dtype,))
@op(name="complex", scope=None, method=False)
def complex_(real: Array, imag: Array) -> Array:
    """A complex tensor of its parts."""
    if not (is_float(real) and is_float(imag)):
        raise RuntimeError(
            "Expected both inputs to be Half, Float or Double tensors but got "
            f"{scalar_name(real)} and {scalar_name(imag)}"
        )
    if real.dtype != imag.dtype:
        raise RuntimeError(
            f"Expected object of scalar type {scalar_name(real)} but got scalar type "
            f"{scalar_name(imag)} for second argument"
        )
    return lax.complex(*jnp.broadcast_arrays(real, imag))


@op(method=False, out=True)
def polar(abs: Array, angle: Array) -> Array:
    """A complex tensor of absolute value and angle."""
    abs, angle = jnp.broadcast_arrays(abs, angle)
    return lax.complex(abs * jnp.cos(angle), abs * jnp.sin(angle))


@op(method=False, out=False)
def vander(x: Array, N: int | None = None, increasing: bool = False) -> Array:
    """Powers of a vector as columns."""
    if x.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    n = x.shape[-1] if N is None else N
    powers = jnp.arange(n) if increasing else jnp.arange(n - 1, -1, -1)
    return x[..., None] ** powers
