"""Running the steps of a trace one by one by NumPy, without a compile.

Each operation is a NumPy function of its own, which is written once for its shapes: a
model of many layers has few. What is not read any more is freed on the way.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable

import numpy as np

from ..._quiet import quietly
from ..form import reads_left
from ..state import Scalar, State
from ..value import Aval
from . import eager, own
from .plan import Plan as OpPlan

# Seconds: what an operation of NumPy and a byte of a step's results take longer than in
# a program, and what a compile and each step of it take.
_CALL, _BYTE = 8e-6, 2e-9
_COMPILE, _COMPILE_STEP = 0.1, 8e-3

_MAX_PLANS = 4096
_plans: dict[tuple, OpPlan] = {}  # of single ops
_without_rule: set[frozenset] = set()  # names of ops


@dataclasses.dataclass(frozen=True)
class Plan:
    """Steps in their order, each with its function."""

    steps: list[State]
    functions: list[Callable]

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
    if names in _without_rule or any("conv" in name for name in names):
        return None
    compiling = _COMPILE + _COMPILE_STEP * len(steps)
    size = sum(aval.nbytes for step in steps for aval in step.outs)
    if times * size * _BYTE > compiling:
        return None
    try:
        plans = [_plan_of(step, avals, settings) for step in steps]
    except NotImplementedError:
        _without_rule.add(names)
        return None
    if times * (size * _BYTE + sum(p.calls for p in plans) * _CALL) > compiling:
        return None
    return Plan(steps, [plan.function for plan in plans])


def _plan_of(step: State, avals: dict[int, Aval], settings) -> OpPlan:
    sig = tuple([_sign(a, avals) for a in step.args])
    key = settings, step.op, step.static, sig
    found = _plans.get(key)
    if found is None:
        if len(_plans) >= _MAX_PLANS:
            _plans.clear()
        found, _ = eager.plan_of_op(step.op, step.static, sig)
        _plans[key] = found
    return found


def _sign(a, avals: dict[int, Aval]):
    if type(a) is int:
        return avals[a]
    return a.kind if isinstance(a, Scalar) else a
