"""Ops whose result's shape depends on values: NumPy functions on host arrays."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from .._devices import CPU
from .._engine import Value, from_host, move, realise
from .._engine.record import ARRAY_TYPES
from ..autograd.variable import TensorBase, is_deferred, wrap
from ..autograd.views import settled
from . import _registry, _write, views
from .geometry import geometry_after


def read(tensor: TensorBase, why: str) -> np.ndarray:
    """The values of a tensor on the host; whatever is pending is computed."""
    view = tensor._view
    if view is not None and _base_is_nearer(tensor, view):
        base = np.asarray(realise(view.base._value(), why).array)
        array = seen_through(base, view.steps)
        if array is not None:
            return array
    return np.asarray(realise(tensor._value(), why).array)


def known(tensor: TensorBase) -> np.ndarray | None:
    """The values of a CPU tensor off the graph, where none has to be waited for."""
    return read(tensor, "") if settled(tensor) else None


def _base_is_nearer(tensor: TensorBase, view) -> bool:
    """Whether the base of a view is computed, and the view is not."""
    if is_deferred(tensor):
        return True
    if view.version == tensor._storage.version and view.value.array is not None:
        return False
    base = view.base._storage.value
    return base.__class__ is Value and base.array.__class__ in ARRAY_TYPES


def seen_through(base: np.ndarray, steps) -> np.ndarray | None:
    """What the steps of a view show of a base; None where that has no strides."""
    if len(steps) == 1:
        op, static, numbers = steps[0]
        if op is views.select_index.op and static == (0,) and type(numbers[0]) is int:
            return np.asarray(base[numbers[0]])
    where = geometry_after(base.shape, steps)
    if where is None:
        return None
    strides = [s * base.itemsize for s in where.strides]
    offset = where.offset * base.itemsize
    flat = base.reshape(-1)
    return np.ndarray(where.shape, base.dtype, flat, offset, strides)


def host_op(
    function: Callable | None = None,
    *,
    scope: str | None = "torch",
    method: bool | str = True,
    out: bool = False,
):
    """Declare an op that is a function of NumPy arrays, run at once.

    Tensors among the arguments arrive as NumPy arrays, NumPy arrays among the results
    leave as tensors on the device of the first. There is no gradient.
    """

    def decorate(f):
        @functools.wraps(f)
        def call(*args, **kwargs):
            target = kwargs.pop("out", None) if out else None
            places = []

            def host(x):
                if not isinstance(x, TensorBase):
                    return x
                places.append(x._value().device)
                return read(x, f.__name__)

            args = [host(a) for a in args]
            result = f(*args, **{k: host(v) for k, v in kwargs.items()})
            made = _tensors(result, places[0] if places else CPU)
            return made if target is None else _write.into(target, made)

        _registry.add(f.__name__, {"": call}, call, scope=scope, method=method)
        return call

    return decorate if function is None else decorate(function)


def _tensors(result, place):
    if isinstance(result, tuple):
        return tuple(_tensors(r, place) for r in result)
    value = from_host(np.ascontiguousarray(result).reshape(np.shape(result)))
    return wrap(value if place is CPU else move(value, place))
