"""Copies and casts: clone, copy_, fill_, to, contiguous, detach."""

from __future__ import annotations

import jax.numpy as jnp

from .. import _dtypes
from .._devices import device as Device
from .._devices import normalise
from ..autograd.apply import apply
from ..autograd.function import Move
from ..autograd.primitives import CAST
from ..autograd.variable import TensorBase
from ..autograd.views import assign, check_inplace
from . import geometry as geo
from ._op import Array, Ints, Scalar, composite, op


@op(name="clone", scope=None, method=False)
def _clone(input: Array) -> Array:
    return input


@composite(method=True)
def clone(input, *, memory_format=None):
    """A copy on the graph."""
    return _clone(input)


@op(scope=None, method=False, backward="UnsafeViewBackward0")
def reshape_copy(input: Array, size: Ints) -> Array:
    return input.reshape(geo.infer_size(size, input.size))


@composite(scope=None, method=True)
def contiguous(self, memory_format=None):
    """This tensor if it is contiguous, else a copy."""
    return self if self._view is None or geo.is_contiguous(self) else _clone(self)


@composite(scope=None, method=True)
def is_contiguous(self, memory_format=None):
    """Whether the elements stand in row-major order without gaps."""
    return geo.is_contiguous(self)


# ----- casts and devices -------------------------------------------------------------


def cast(tensor: TensorBase, dtype: _dtypes.dtype):
    """The tensor in another dtype; itself if it has it already."""
    if tensor._value().aval.dtype is dtype:
        return tensor
    return apply(CAST, (dtype,), (tensor,))[0]


def to_device(tensor: TensorBase, place: Device):
    """The tensor on another device; itself if it is there already."""
    value = tensor._value()
    if value.device is place:
        return tensor
    return Move.apply(tensor, place)


@composite(scope=None, method=True)
def to(self, *args, **kwargs):
    """``to(dtype)``, ``to(device, dtype)``, ``to(other)``; a copy only if needed."""
    place, dtype, copy = _to_arguments(*args, **kwargs)
    result = self
    if place is not None:
        result = to_device(result, normalise(place))
    if dtype is not None:
        result = cast(result, dtype)
    return _clone(result) if copy and result is self else result


def _to_arguments(*args, **kwargs):
    names = ("device", "dtype")
    place, dtype = kwargs.pop("device", None), kwargs.pop("dtype", None)
    copy = kwargs.pop("copy", False)
    other = kwargs.pop("other", None)
    for unused in ("non_blocking", "memory_format"):
        kwargs.pop(unused, None)
    if kwargs:
        raise TypeError(f"to() received an invalid keyword argument {list(kwargs)[0]}")
    for i, a in enumerate(args):
        if isinstance(a, TensorBase):
            other = a
        elif isinstance(a, (_dtypes.dtype, type)):
            dtype = _dtypes.as_dtype(a)
        elif isinstance(a, (str, Device)) or (type(a) is int and i == 0):
            place = a
        elif isinstance(a, bool):
            copy = a if i == len(args) - 1 and i > len(names) - 1 else copy
        elif a is not None:
            raise TypeError(
                f"to() received an invalid combination of arguments - got {a!r}"
            )
    if other is not None:
        value = other._value()
        place, dtype = value.device, value.aval.dtype
    return place, dtype, copy


@composite(scope=None, method=True)
def type_as(self, other):
    """This tensor in the dtype of ``other``."""
    return cast(self, other._value().aval.dtype)


def _cast_method(dtype):
    def method(self, memory_format=None):
        return cast(self, dtype)

    return method


for _name, _dtype in {
    **_dtypes.ALIASES,
    "bool": _dtypes.bool_,
    "byte": _dtypes.uint8,
    "char": _dtypes.int8,
    "bfloat16": _dtypes.bfloat16,
}.items():
    composite(_cast_method(_dtype), name=_name, scope=None, method=True)


# ----- writing -----------------------------------------------------------------------


@op(name="copy_", scope=None, method=False, backward="CopyBackwards")
def _copy(input: Array, src: Array) -> Array:
    return fit(src, input)


def fit(src, input):
    """``src`` broadcast to the shape of ``input``, in its dtype."""
    extra = src.ndim - input.ndim
    if extra > 0 and all(n == 1 for n in src.shape[:extra]):
        src = src.reshape(src.shape[extra:])
    for have, want in zip(src.shape[::-1], input.shape[::-1], strict=False):
        if have not in (1, want):
            break
    else:
        if src.ndim <= input.ndim:
            src = convert(src, input.dtype)
            return jnp.broadcast_to(src, input.shape)
    dim = next(
        (
            i
            for i in range(1, min(src.ndim, input.ndim) + 1)
            if src.shape[-i] not in (1, input.shape[-i])
        ),
        min(src.ndim, input.ndim),
    )
    raise RuntimeError(
        f"The expanded size of the tensor ({input.shape[-dim]}) must match the "
        f"existing size ({src.shape[-dim]}) at non-singleton dimension "
        f"{input.ndim - dim}.  Target sizes: {list(input.shape)}.  Tensor sizes: "
        f"{list(src.shape)}"
    )


def convert(x, dtype):
    """``x`` in another dtype; of a complex number the real part."""
    if jnp.issubdtype(x.dtype, jnp.complexfloating) and not jnp.issubdtype(
        dtype, jnp.complexfloating
    ):
        x = x.real
    return x.astype(dtype)


def put(tensor: TensorBase, source: TensorBase) -> None:
    """Copy ``source`` (broadcast, cast, moved) into ``tensor``, on the graph."""
    check_inplace(tensor)
    place = tensor._value().device
    if source._value().device is not place:
        source = to_device(source, place)
    (new,) = apply(_copy.op, (), (tensor, source))
    assign(tensor, new)


@composite(scope=None, method=True)
def copy_(self, src, non_blocking=False):
    """Copy the elements of ``src`` into this tensor."""
    if src is not self:
        put(self, src)
    return self


@op(name="fill", scope=None, method=False)
def _fill(input: Array, value: Scalar) -> Array:
    return jnp.full(input.shape, convert(jnp.asarray(value), input.dtype))


@op(name="fill", scope=None, method=False)
def _fill_fixed(input: Array, value: float) -> Array:
    return jnp.full(input.shape, value, input.dtype)


def fill_value(tensor, value):
    """A tensor like ``tensor`` full of ``value``, with gradient zero to it."""
    if isinstance(value, TensorBase):
        if value._value().aval.shape:
            raise RuntimeError(
                "fill_ only supports 0-dimension value tensor but got tensor with "
                f"{len(value._value().aval.shape)} dimensions."
            )
        return apply(_copy.op, (), (tensor, value))[0]
    if type(value) in (bool, int) and value in (0, 1):
        return _fill_fixed(tensor, value)
    return _fill(tensor, value)


@composite(scope=None, method=True)
def fill_(self, value):
    """Fill with a number."""
    check_inplace(self)
    assign(self, fill_value(self, value))
    return self


@composite(method=False)
def fill(input, value):
    """A copy full of a number."""
    return fill_value(input, value)


@composite(scope="torch", method=True)
def zero_(self):
    """Fill with zeros."""
    return fill_(self, 0)
