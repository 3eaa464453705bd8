"""Shape inference: what an op returns, found once per op and operand signature.

The *signature* of a call has, for each operand, its ``Aval``, the Python type of a
number, a ``Constant``, ``None`` (absent) or ``...`` (the parameter's default).
"""

from __future__ import annotations

import collections

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr

from .. import _dtypes, _warnings
from . import ahead, facts
from .gate import gate
from .state import Constant
from .value import Aval, Value, aval

_MAX_ENTRIES = 20_000
_NUMBERS = {float: 1.0, int: 1, complex: 1j}
_BY_NAME = {d.name: d for d in _dtypes.ALL}
_shapes: dict[tuple, tuple[Aval, ...]] = {}
# The jaxprs of the calls traced last, for whoever would trace them again.
_traced: collections.OrderedDict[tuple, ClosedJaxpr] = collections.OrderedDict()
_MAX_TRACED = 512
_keep_traced = False


class Number:
    """A Python number as an op meets it: its kind, and a 0-d array holding it."""

    __slots__ = ("kind", "array")

    def __init__(self, kind: type, array):
        self.kind = kind
        self.array = array


def signature(operands) -> tuple:
    """The signature of a call's operands."""
    return tuple([o.aval if isinstance(o, Value) else kind_of(o) for o in operands])


def kind_of(number):
    """The signature entry of an operand that is no value."""
    kind = type(number)
    if kind is float or kind is complex or number is None or number is ...:
        return kind if number is not None and number is not ... else number
    if kind is int:
        return int if -(2**63) <= number < 2**63 else Constant(number)
    if kind is bool:
        return Constant(number)
    if isinstance(number, np.generic) and number.dtype.kind in "biufc":
        return kind_of(number.item())
    raise UnsupportedOperand(number)


class UnsupportedOperand(TypeError):
    """An operand is neither a tensor nor a number; the op's name is added above."""


def infer(op, static, sig: tuple) -> tuple[Aval, ...]:
    """The avals of the results; errors of the op are raised here."""
    key = (op, static, sig, _dtypes.get_default_dtype())
    found = _shapes.get(key)
    if found is None:
        if len(_shapes) >= _MAX_ENTRIES:
            _shapes.clear()
        with gate:
            found = _shapes[key] = _known(op, static, sig)
    return found


def _known(op, static, sig) -> tuple[Aval, ...]:
    """From an earlier process, or by tracing."""
    ahead.note()
    name = facts.name_of("results", op, static, sig)
    fact = facts.calls.find(name)
    if fact is not None:
        return tuple(aval(shape, _BY_NAME[kind]) for kind, shape in fact)
    before = _warnings.given
    found = _evaluate(op, static, sig)
    if _warnings.given == before:
        facts.calls.keep(name, tuple((a.dtype.name, a.shape) for a in found))
    return found


def _evaluate(op, static, sig):
    try:
        closed = traced(op, static, sig)
    except Exception as error:
        raise _as_pytorch(error, op) from None
    if _keep_traced:
        _traced[op, static, sig] = closed
        if len(_traced) > _MAX_TRACED:
            _traced.popitem(last=False)
    return avals_of(closed)


def traced(op, static, sig) -> ClosedJaxpr:
    """The jaxpr of a call."""

    def call(*arrays):
        return op.run(fill(sig, iter(arrays)), static)

    found = _traced.pop((op, static, sig), None)
    return jax.make_jaxpr(call)(*structs(sig)) if found is None else found


def keep_traced(keep: bool) -> None:
    """Whether somebody else is likely to trace new calls again (see ``cold``)."""
    global _keep_traced
    _keep_traced = keep
    if not keep:
        _traced.clear()


def avals_of(closed: ClosedJaxpr) -> tuple[Aval, ...]:
    """The avals of its results."""
    return tuple(aval(o.shape, _dtypes.from_numpy(o.dtype)) for o in closed.out_avals)


def _as_pytorch(error: Exception, op) -> Exception:
    """The op's own error without JAX's remarks; one of JAX itself as RuntimeError."""
    last = error.__traceback__
    while last.tb_next is not None:
        last = last.tb_next
    if isinstance(error, OverflowError):
        return OverflowError("int too big to convert")
    module = last.tb_frame.f_globals.get("__name__", "")
    if module.split(".")[0] in ("jax", "jaxlib") and not isinstance(
        error, NotImplementedError
    ):
        return RuntimeError(f"{op.name}: {str(error).splitlines()[0]}")
    error.__notes__ = []
    return error


def _number_struct(kind: type) -> jax.ShapeDtypeStruct:
    """Numbers travel in 64 bits (128 for complex)."""
    return jax.ShapeDtypeStruct((), _dtypes.as_dtype(kind).numpy_dtype)


def structs(sig) -> list[jax.ShapeDtypeStruct]:
    """Shapes and dtypes of the arrays that ``fill`` takes."""
    return [
        s.struct() if isinstance(s, Aval) else _number_struct(s)
        for s in sig
        if isinstance(s, Aval) or s in _NUMBERS
    ]


def fill(sig, arrays) -> list:
    """Put ``arrays`` where the signature has avals and numbers."""
    operands = []
    for s in sig:
        if isinstance(s, Aval):
            operands.append(next(arrays))
        elif s in _NUMBERS:
            operands.append(Number(s, next(arrays)))
        elif isinstance(s, Constant):
            operands.append(s.value)
        else:
            operands.append(s)
    return operands
