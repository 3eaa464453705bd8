"""Tensors from Python data, NumPy arrays and JAX arrays."""

from __future__ import annotations

import warnings

import jax
import numpy as np

from .. import _dtypes
from .._devices import CPU, META, default_place, normalise
from .._engine import Value, from_host, from_jax, move, realise
from ..autograd.variable import TensorBase, of_array, wrap
from . import copies
from ._numbers import check_shape, kind_of, of_numbers, survey
from ._op import composite
from ._place import device_of

_SEQUENCES = frozenset((list, tuple))


def _host_array(data, dtype: _dtypes.dtype | None) -> np.ndarray:
    if type(data) is list or type(data) is tuple:
        regular = survey(data)
        if regular is not None:
            kind, numbers, shape = regular
            dtype = dtype or _dtypes.default_for_kind(kind)
            return of_numbers(numbers, kind, dtype).reshape(shape)
    kind = kind_of(data)
    if kind is None:
        return _mixed(data, dtype)
    if isinstance(data, (list, tuple, range)):
        check_shape(data)
    return of_numbers(data, kind, dtype or _dtypes.default_for_kind(kind))


def _to_dtype(array: np.ndarray, dtype: _dtypes.dtype) -> np.ndarray:
    if array.dtype.kind == "c" and not dtype.is_complex:
        raise RuntimeError("value cannot be converted to type float without overflow")
    return array.astype(dtype.numpy_dtype)


def _mixed(data, dtype):
    """Sequences that hold tensors or arrays, or things that are no numbers."""
    if isinstance(data, (list, tuple)):
        items = [_mixed_item(x) for x in data]
        array = np.stack(items) if items else np.zeros(0)
        if array.dtype == np.float64 and not any(
            isinstance(x, np.ndarray) and x.dtype == np.float64 for x in items
        ):
            array = array.astype(np.float32)
        return array if dtype is None else _to_dtype(array, dtype)
    if hasattr(data, "__array__"):
        array = np.asarray(data)
        return array if dtype is None else _to_dtype(array, dtype)
    if isinstance(data, str):
        raise TypeError("new(): invalid data type 'str'")
    raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")


def _mixed_item(item) -> np.ndarray:
    if isinstance(item, TensorBase):
        return np.asarray(realise(item._value(), "torch.tensor of tensors").array)
    if isinstance(item, np.ndarray) or isinstance(item, np.generic):
        return np.asarray(item)
    return _host_array(item, None)


def _place(device):
    return default_place() if device is None else normalise(device)


def _finish(value: Value, dtype, place, requires_grad: bool):
    if value.device is not place:
        value = Value(value.aval, META) if place is META else move(value, place)
    tensor = wrap(value)
    if dtype is not None and value.aval.dtype is not dtype:
        tensor = copies.cast(tensor, dtype)
    if requires_grad:
        tensor.requires_grad_(True)
    return tensor


@composite
def tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False):
    """A new tensor with a copy of ``data``.

    Python floats get the default dtype, ints int64; NumPy arrays keep theirs.
    """
    dtype = None if dtype is None else _dtypes.as_dtype(dtype)
    if type(data) in _SEQUENCES:  # most often, and quicker to tell than what follows
        array = _host_array(data, dtype)
    elif isinstance(data, TensorBase):
        return _of_tensor(data, dtype, device, requires_grad)
    elif isinstance(data, jax.Array):
        value = from_jax(data, device_of(data))
        place = value.device if device is None else _place(device)
        return _finish(value, dtype, place, requires_grad)
    elif isinstance(data, (np.ndarray, np.generic)):
        array = _of_numpy(data, dtype)
    else:
        array = _host_array(data, dtype)
    place = _place(device)
    if place is CPU and not requires_grad:
        return of_array(array)
    return _finish(from_host(array), dtype, place, requires_grad)


def _of_tensor(data: TensorBase, dtype, device, requires_grad: bool):
    warnings.warn(
        "To copy construct from a tensor, it is recommended to use "
        "sourceTensor.detach().clone() or "
        "sourceTensor.detach().clone().requires_grad_(True), rather than "
        "torch.tensor(sourceTensor).",
        stacklevel=3,
    )
    place = data._value().device if device is None else _place(device)
    return _finish(data._value(), dtype, place, requires_grad)


def _of_numpy(data, dtype) -> np.ndarray:
    """A copy, in the machine's order of bytes."""
    array = np.array(data)
    _dtypes.from_numpy(array.dtype)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return array if dtype is None else _to_dtype(array, dtype)


@composite
def as_tensor(data, dtype=None, device=None):
    """``data`` as a tensor; a tensor is returned as it is where it fits."""
    if isinstance(data, TensorBase):
        if device is not None:
            data = copies.to_device(data, normalise(device))
        return data if dtype is None else copies.cast(data, _dtypes.as_dtype(dtype))
    return tensor(data, dtype=dtype, device=device)


@composite
def asarray(obj, *, dtype=None, device=None, copy=None, requires_grad=False):
    """``obj`` as a tensor, copied if asked for."""
    result = as_tensor(obj, dtype, device)
    result = result.clone() if copy and result is obj else result
    return result.requires_grad_(True) if requires_grad else result


@composite
def from_numpy(ndarray):
    """A tensor with the elements of a NumPy array.

    **Differs** from PyTorch: the elements are copied, not shared.
    """
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(ndarray).__name__})")
    if ndarray.dtype.isnative and default_place() is CPU:  # often one for each sample
        return of_array(np.array(ndarray))
    return tensor(ndarray)


@composite
def scalar_tensor(s, *, dtype=None, device=None, requires_grad=False):
    """A 0-d tensor of the default dtype."""
    dtype = dtype or _dtypes.get_default_dtype()
    return tensor(s, dtype=dtype, device=device, requires_grad=requires_grad)


@composite
def frombuffer(buffer, *, dtype, count=-1, offset=0, requires_grad=False):
    """A 1-d tensor of the bytes of a buffer (copied)."""
    array = np.frombuffer(buffer, dtype.numpy_dtype, count, offset)
    return tensor(array, requires_grad=requires_grad)


@composite
def from_dlpack(ext_tensor):
    """A tensor of any object that speaks DLPack."""
    return wrap(_from_dlpack(ext_tensor))


def _from_dlpack(source) -> Value:
    array = jax.dlpack.from_dlpack(source)
    return from_jax(array, device_of(array))


@composite(scope=None, method=True)
def new_tensor(self, data, *, dtype=None, device=None, requires_grad=False):
    """A new tensor with this tensor's dtype and device."""
    value = self._value()
    return tensor(
        data,
        dtype=dtype or value.aval.dtype,
        device=device or value.device,
        requires_grad=requires_grad,
    )
