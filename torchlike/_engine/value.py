"""Values: immutable results, concrete or still a slot of the trace being recorded."""

from __future__ import annotations

import weakref

import jax
import numpy as np

from .. import _dtypes
from .._devices import CPU, device, jax_device
from . import host, launch
from .gate import gate


class Aval:
    """Shape and dtype of a value; interned, so compared and hashed by identity."""

    __slots__ = ("shape", "dtype", "nbytes", "row", "__weakref__")

    def __init__(self, shape: tuple[int, ...], dtype: _dtypes.dtype):
        self.shape = shape
        self.dtype = dtype
        size = dtype.itemsize
        for n in shape:
            size *= n
        self.nbytes = size
        self.row: Aval | None = None  # once it is known (see row_of)

    def __repr__(self) -> str:
        return f"{self.dtype.name}{list(self.shape)}"

    def struct(self) -> jax.ShapeDtypeStruct:
        """The same for JAX."""
        return jax.ShapeDtypeStruct(self.shape, self.dtype.numpy_dtype)


_avals: weakref.WeakValueDictionary[tuple, Aval] = weakref.WeakValueDictionary()


def aval(shape: tuple[int, ...], dtype: _dtypes.dtype) -> Aval:
    """The one ``Aval`` of this shape and dtype."""
    found = _avals.get((shape, dtype))
    if found is None:
        found = _avals.setdefault((shape, dtype), Aval(shape, dtype))
    return found


def row_of(whole: Aval) -> Aval:
    """That of one element along the first dimension."""
    return aval(whole.shape[1:], whole.dtype)


class Value:
    """One immutable result.

    ``array`` is None while the value is pending in ``trace`` at output ``slot``. A
    concrete value that the current trace already takes as an input has ``trace`` and
    a negative ``slot`` too. ``exposed`` arrays are known outside of the engine and
    are never donated; ``pinned`` ones belong to parameters (see ``segment``).
    ``unread`` tells of what to compute a value that its program has left out.
    """

    __slots__ = (
        "aval",
        "array",
        "device",
        "trace",
        "slot",
        "exposed",
        "pinned",
        "passes",
        "unread",
        "__weakref__",
    )

    def __init__(self, aval: Aval, device: device, array=None, trace=None, slot=0):
        self.aval = aval
        self.device = device
        self.array = array
        self.trace = trace
        self.slot = slot
        self.exposed = False
        self.pinned = False
        self.passes = 0
        self.unread: tuple | None = None  # an Unread, and the slot it knows

    def __repr__(self) -> str:
        state = "pending" if self.array is None else "concrete"
        return f"<Value {self.aval} {state}>"


def from_host(array: np.ndarray, place: device = CPU) -> Value:
    """Wrap a NumPy array nobody else will change; it reaches the device when used."""
    kind = _dtypes.from_numpy(array.dtype)
    return Value(aval(array.shape, kind), place, array)


def from_jax(array: jax.Array, place: device = CPU) -> Value:
    """Wrap an array from outside (a tracer too) without a copy."""
    value = Value(aval(array.shape, _dtypes.from_numpy(array.dtype)), place, array)
    value.exposed = True
    return value


def meta(shape_dtype: Aval, place: device) -> Value:
    """A value without contents."""
    return Value(shape_dtype, place)


def to_device(array, place: device, renewed: bool = False) -> jax.Array:
    """The array on ``place``; nobody will change it.

    One that is ``renewed`` at every step gets memory of its own, which programs can
    take over: they cannot that of a host array, where that came to lie such that it
    is used as it is.
    """
    if host.active:
        return host.place(array, place.type)
    if place.type == "cpu" and array.__class__ is np.ndarray:
        with gate:
            return launch.place(array, True, renewed)
    # Also while JAX traces a function around us this is an array, no part of that.
    with gate, jax.ensure_compile_time_eval():
        return jax.device_put(array, jax_device(place))
