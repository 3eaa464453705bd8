"""Running the steps of a trace one by one by NumPy, without a compile.

Each operation is a NumPy function of its own, which is written once for its shapes: a
model of many layers has few. What is not read any more is freed on the way.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable

from ..._quiet import quietly
from ..state import Scalar, State
from ..value import Aval
from . import eager, own, to_numpy

# Seconds: what a step and a byte of its results take longer than in a program, and
# what a compile and each step of it take.
_STEP, _BYTE = 20e-6, 2e-9
_COMPILE, _COMPILE_STEP = 0.05, 5e-3

_MAX_FUNCTIONS = 4096
_functions: dict[tuple, Callable] = {}
_without_rule: set[frozenset] = set()  # of ops


@dataclasses.dataclass(frozen=True)
class Plan:
    """Steps in their order, each with its function."""

    steps: list[State]
    functions: list[Callable]

    def how(self) -> str:
        """What to tell of it."""
        return "by NumPy"

    def run(self, trace, live) -> dict[int, object]:
        """The arrays of the slots ``live``."""
        found = {a: trace.inputs[~a].array for a in self.inputs()}
        left = reads_left(self.steps, live)
        self.run_within(trace.scalars, found, left)
        return given(found, trace.inputs, live)

    def inputs(self) -> set[int]:
        """The slots that it reads and does not make."""
        made = {
            step.first_out + i for step in self.steps for i in range(len(step.outs))
        }
        return {a for step in self.steps for a in step.reads()} - made

    def run_within(self, scalars: dict[type, list], found: dict, left: Counter) -> None:
        """Add the results to what was ``found``, and take from it what is not read any
        more: ``left`` tells how often each will be.

        The results may be views of each other and of what was found.
        """
        for a in self.inputs():
            found[a] = to_numpy(found[a])
        quietly(self._run, scalars, found, left)

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


def reads_left(steps: list[State], live) -> Counter:
    """How often each slot will be read, by the steps and in the end."""
    left = Counter(live)
    for step in steps:
        left.update(step.reads())
    return left


def given(found: dict, inputs, live) -> dict[int, object]:
    """Of what was ``found``, the slots ``live``, each with memory of its own."""
    arrays = [value.array for value in inputs]
    return dict(zip(live, own([found[slot] for slot in live], arrays), strict=True))


def plan_for(steps: list[State], avals: dict, settings, times: int) -> Plan | None:
    """How to run the steps, whose ops read the ``settings``; None where a compile takes
    less than to run them so many times, and where NumPy has no rule or only a slow one.
    """
    ops = frozenset(step.op for step in steps)
    if ops in _without_rule or any("conv" in op.name for op in ops):
        return None
    size = sum(aval.nbytes for step in steps for aval in step.outs)
    longer = times * (_STEP * len(steps) + _BYTE * size)
    if longer > _COMPILE + _COMPILE_STEP * len(steps):
        return None
    try:
        return Plan(steps, [_function(step, avals, settings) for step in steps])
    except NotImplementedError:
        _without_rule.add(ops)
        return None


def _function(step: State, avals: dict[int, Aval], settings) -> Callable:
    sig = tuple([_sign(a, avals) for a in step.args])
    key = settings, step.op, step.static, sig
    found = _functions.get(key)
    if found is None:
        if len(_functions) >= _MAX_FUNCTIONS:
            _functions.clear()
        plan, _ = eager.plan_of_op(step.op, step.static, sig)
        found = _functions[key] = plan.function
    return found


def _sign(a, avals: dict[int, Aval]):
    if type(a) is int:
        return avals[a]
    return a.kind if isinstance(a, Scalar) else a
