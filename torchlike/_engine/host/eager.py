"""Plans of single ops, for running them at once by NumPy.

A sample of a data set goes through a few cheap ops, each sample with its own sizes and
numbers perhaps. Compiling programs for them costs more than it gains. So while samples
are read (``record.here.at_once``) ops on computed tensors on the CPU run by NumPy,
where that gives the same bits as XLA. In a forked child, which cannot compile, all ops
on computed tensors do.
"""

from __future__ import annotations

import jax
import numpy as np

from ... import _dtypes
from .. import host
from ..gate import gate
from ..infer import avals_of, traced
from ..value import Aval, Value
from .plan import Plan

_LIMIT = 1 << 22  # bytes of an operand; beyond them XLA's threads are the quicker
_MAX_ENTRIES = 4096
_EXACT = frozenset(
    "add sub mul div neg abs max min eq ne lt le gt ge and or xor not select_n sign "
    "convert_element_type broadcast_in_dim reshape transpose slice dynamic_slice "
    "dynamic_update_slice squeeze expand_dims concatenate pad rev iota clamp floor "
    "ceil round sqrt copy copy_p gather stop_gradient optimization_barrier is_finite "
    "square reduce_max reduce_min reduce_or reduce_and argmax argmin rem split".split()
)
# What an op raises of a call that is wrong.
_OPS_OWN = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
_DEVICE_ARRAY = type(jax.device_put(np.zeros(())))

NUMBERS = {int: np.int64, float: np.float64, complex: np.complex128}
NONE = ()
# By (op, static, aval or type of number …): a function, the avals of its results and
# whether NumPy may warn; NONE where the op has to be recorded. Cleared when a setting
# changes.
known: dict[tuple, tuple] = {}


def read(value: Value) -> np.ndarray | None:
    """The array of a computed value."""
    array = value.array
    return np.asarray(array) if array.__class__ is _DEVICE_ARRAY else None


def plan_of(key: tuple) -> tuple:
    """Make the entry of ``known`` for a call. An op's own error is not kept: it is
    raised when the call is recorded."""
    if len(known) >= _MAX_ENTRIES:
        known.clear()
    default = _dtypes.get_default_dtype()
    try:
        with gate:
            entry = _make(key)
    except _OPS_OWN:
        return NONE
    if default is _dtypes.get_default_dtype():
        known[key] = entry
    return entry


def _make(key: tuple) -> tuple:
    op, static, sig = key[0], key[1], key[2:]
    arrays = [s for s in sig if isinstance(s, Aval)]
    if not (host.active or op.view) and any(a.nbytes > _LIMIT for a in arrays):
        return NONE
    closed = traced(op, static, sig)
    plan = Plan(closed.jaxpr, closed.consts)
    if not (host.active or plan.primitives <= _EXACT):
        return NONE
    return plan.function, avals_of(closed), plan.loud
