"""Running the steps of a trace one by one by NumPy, without a compile.

Each operation is a NumPy function of its own, which is written once for its shapes: a
model of many layers has few. It is kept on disk, so that a further process need not
trace the operation. What is not read any more is freed on the way.
"""

from __future__ import annotations

import dataclasses
import pickle
from collections import Counter
from collections.abc import Callable

import numpy as np

from ..._quiet import quietly
from .. import facts
from ..form import reads_left
from ..infer import traced
from ..state import Scalar, State
from ..value import Aval
from . import eager, own
from .plan import Written, write

# Seconds: what an operation of NumPy and a byte of a step's results take longer than in
# a program, and what a compile and each step of it take.
_CALL, _BYTE = 8e-6, 2e-9
_COMPILE, _COMPILE_STEP = 0.1, 8e-3

_MAX_WRITTEN = 4096
_written: dict[tuple, tuple[Callable, int]] = {}  # by ops and shapes: with its calls
_without_rule: set[frozenset] = set()  # names of ops


@dataclasses.dataclass(frozen=True)
class Plan:
    """Steps in their order, each with its function."""

    steps: list[State]
    functions: tuple[Callable, ...]

    def how(self) -> str:
        """What to tell of it."""
        return "by NumPy"

    def run(self, trace, live) -> dict[int, object]:
        """The arrays of the slots ``live``, each with memory of its own."""
        arrays = [value.array for value in trace.inputs]
        inputs = {a for step in self.steps for a in step.reads() if a < 0}
        found = {a: np.asarray(arrays[~a]) for a in inputs}
        quietly(self._run, trace.scalars, found, reads_left(self.steps, live))
        return dict(zip(live, own([found[slot] for slot in live], arrays), strict=True))

    def _run(self, scalars: dict[type, list], found: dict, left: Counter) -> None:
        for step, function in zip(self.steps, self.functions, strict=True):
            operands = []
            for a in step.args:
                if type(a) is int:
                    operands.append(found[a])
                elif isinstance(a, Scalar):
                    operands.append(eager.NUMBERS[a.kind](scalars[a.kind][a.index]))
            for slot, array in zip(step.makes(), function(operands), strict=True):
                if left[slot]:
                    found[slot] = array
            for a in step.reads():
                left[a] -= 1
                if not left[a]:
                    del found[a]


def plan_for(steps: list[State], avals: dict, settings, times: int) -> Plan | None:
    """How to run the steps, whose ops read the ``settings``; None where a compile takes
    less than to run them so many times, and where NumPy has no rule or only a slow one.
    """
    names = frozenset(step.op.name for step in steps)
    if names in _without_rule or any(_is_slow(step.op) for step in steps):
        return None
    compiling = _COMPILE + _COMPILE_STEP * len(steps)
    size = sum(aval.nbytes for step in steps for aval in step.outs)
    if times * size * _BYTE > compiling:
        return None
    try:
        written = [_function_of(step, avals, settings) for step in steps]
    except NotImplementedError:
        _without_rule.add(names)
        return None
    functions, calls = zip(*written, strict=True)
    if times * (size * _BYTE + sum(calls) * _CALL) > compiling:
        return None
    return Plan(steps, functions)


def _is_slow(op) -> bool:
    """Whether NumPy takes far longer than a program, as the op says of itself or of
    what is derived from it."""
    while (base := getattr(op, "base", None)) is not None:
        op = base
    return getattr(op, "slow_by_numpy", False)


def _function_of(step: State, avals: dict[int, Aval], settings) -> tuple:
    """The function of an operation, and about how many operations of NumPy it is."""
    sig = tuple([_sign(a, avals) for a in step.args])
    key = settings, step.op, step.static, sig
    found = _written.get(key)
    if found is None:
        if len(_written) >= _MAX_WRITTEN:
            _written.clear()
        made = _write(step.op, step.static, sig)
        found = _written[key] = made.function(), made.calls
    return found


def _write(op, static, sig) -> Written:
    """From an earlier process, or by tracing."""
    name = facts.name_of("numpy", op, static, sig)
    fact = facts.plans.find(name)
    if fact is not None:
        return pickle.loads(fact)
    closed = traced(op, static, sig)
    made = write(closed.jaxpr, closed.consts)
    try:
        facts.plans.keep(name, pickle.dumps(made))
    except (pickle.PicklingError, TypeError, AttributeError):  # the body of a loop
        pass
    return made


def _sign(a, avals: dict[int, Aval]):
    if type(a) is int:
        return avals[a]
    return a.kind if isinstance(a, Scalar) else a
