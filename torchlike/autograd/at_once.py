"""Ops run at once by NumPy while samples of a data set are read (see ``host.eager``).

The same place in the way of a call as ``apply`` has, unrolled: a sample's few ops cost
little more than NumPy's own calls. ``_native`` has it in C for one result.
"""

from __future__ import annotations

import numpy as np

from .._devices import CPU
from .._engine import Value
from .._engine.host import eager
from .._quiet import quietly
from . import variable
from .grad_mode import mode
from .variable import Storage

_new = object.__new__


def apply_at_once(op, static: tuple, operands):
    """The results as tensors; None where the op has to be recorded."""
    key, arrays, values = [op, static], [], []
    kinds = eager.NUMBERS
    for x in operands:
        kind = x.__class__
        if kind is variable.tensor_class:
            value = x._storage.value if x._view is None else x._fresh()
            array = value.array
            if array.__class__ is not np.ndarray:
                array = eager.read(value)
            if array is None or value.device is not CPU:
                return None
            if (x._requires_grad or x._node is not None) and mode.enabled:
                return None
            key.append(value.aval)
            arrays.append(array)
            values.append(value)
        elif kind in kinds:
            try:
                arrays.append(kinds[kind](x))
            except OverflowError:
                return None
            key.append(kind)
        elif x is None or x is ...:
            key.append(x)
        else:
            return None
    key = tuple(key)
    found = eager.known.get(key)
    if found is None:
        found = eager.plan_of(key)
    if found is eager.NONE:
        return None
    function, avals, loud = found
    results = quietly(function, arrays) if loud else function(arrays)
    if len(avals) == 1:
        return [_tensor(avals[0], results[0], values)]
    return [_tensor(a, r, values) for a, r in zip(avals, results, strict=True)]


def _tensor(known, array, operands):
    value = _new(Value)
    value.aval = known
    value.array = array
    value.device = CPU
    value.trace = None
    value.slot = 0
    value.exposed = value.pinned = False
    value.passes, value.unread = 0, None
    if array.base is not None:  # memory that others see is never donated
        value.exposed = True
        for operand in operands:
            operand.exposed = True
    storage = _new(Storage)
    storage.value = value
    storage.version = 0
    tensor = _new(variable.tensor_class)
    tensor._storage = storage
    tensor._view = tensor._node = None
    tensor._requires_grad = False
    return tensor
