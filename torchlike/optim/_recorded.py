"""Optimizers whose whole step over a group is one recorded op."""

from __future__ import annotations

from itertools import chain, repeat
from operator import is_

from .._devices import device
from .._engine import record
from .._native import quick
from .._tensor import Tensor
from ..autograd.apply import unify_devices
from ..autograd.grad_mode import enable_grad
from . import _differentiable
from ._counters import Counters, filled
from .optimizer import Optimizer


class RecordedOptimizer(Optimizer):
    """Gathers a group's tensors, records its op, and writes the results back.

    A subclass names ``op``, whose arguments are the parameters, the gradients, one
    vector for each of ``_numbers``, one sequence for each of ``_fields``, the
    ``_hyper`` numbers, and the static ``slots``, ``uniform`` and ``_flags``. It returns
    all but the gradients and the hyperparameters anew.
    """

    op = None
    _fields: tuple[str, ...] = ()

    def _set_up(self) -> None:
        super()._set_up()
        self._counters: dict[int, Counters] = {}

    def __setstate__(self, state: dict) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            for name, value in self._older_defaults.items():
                group.setdefault(name, value)

    _older_defaults = {
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "capturable": False,
    }

    def _numbers(self, group: dict) -> dict[str, float]:
        """The 0-d entries and the numbers they begin with."""
        return {"step": 0.0}

    def _entries(self, group: dict) -> tuple[str, ...]:
        """Those of ``_fields`` that this group has, shaped like their parameter."""
        return self._fields

    def _hyper(self, group: dict) -> tuple:
        """Numbers or one-element tensors; changing them never compiles."""
        raise NotImplementedError

    def _flags(self, group: dict) -> tuple:
        """Static arguments, in the op's order."""
        raise NotImplementedError

    def _new_entry(self, group: dict, name: str, param: Tensor) -> Tensor:
        return filled(param)

    def step(self, closure=None):
        """Update the parameters once; returns the closure's loss, if there is one."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        for i, group in enumerate(self.param_groups):
            self._step_group(i, group)
        return loss

    def _step_group(self, i: int, group: dict) -> None:
        params = group["params"]
        grads = [p._grad for p in params]
        slots = None
        if any(map(is_, grads, repeat(None))):
            slots = tuple([k for k, g in enumerate(grads) if g is not None])
            if not slots:
                return
            params = [params[k] for k in slots]
            grads = [grads[k] for k in slots]
        self._apply(i, group, params, grads, slots)

    def _apply(self, i: int, group: dict, params, grads, slots) -> None:
        """Step these parameters; ``slots``: their places in the group, if not all."""
        states = self._states(i, group, params, slots)
        counters = self._counters[i]
        there = self._entries(group)
        entries = [
            [s[name] for s in states] if name in there else [] for name in self._fields
        ]
        static = (slots, counters.uniform(slots), *self._flags(group))
        hyper = self._hyper(group)
        run = _differentiable.run_step if group.get("differentiable") else run_step
        run(self.op.op, static, params, grads, counters.vectors, entries, hyper)
        counters.stepped()

    def _states(self, i: int, group: dict, params, slots) -> list[dict]:
        """The states of the stepping parameters, complete, with this group's views."""
        state = self.state
        states = [state[p] for p in params]
        counters = self._counters.get(i)
        if not all(states):
            if counters is not None and counters.initial != self._numbers(group):
                counters = None
            self._begin(group, counters, params, states, slots)
        if counters is None or not counters.holds(states, slots):
            everyone = [self.state.get(p, {}) for p in group["params"]]
            self._counters[i] = Counters(
                self._numbers(group), group["params"], everyone
            )
        return states

    def _begin(self, group, counters, params, states, slots) -> None:
        """Fill the states of parameters that have none yet."""
        numbers = self._numbers(group)
        for k, (p, state) in enumerate(zip(params, states, strict=True)):
            if state:
                continue
            if counters is not None:
                counters.put(state, k if slots is None else slots[k])
            else:
                state.update(numbers)
            for name in self._entries(group):
                state[name] = self._new_entry(group, name, p)


def present(number) -> bool:
    """Whether an option is in use; one given as a tensor is, whatever it holds."""
    return isinstance(number, Tensor) or number != 0


def run_step(op, static, params, grads, vectors, entries, hyper) -> None:
    """Record ``op`` on the tensors' values; write its results in their places.

    The op's static arguments end with the lengths of its sequences.
    """
    others = [*vectors, *chain.from_iterable(entries)]
    tensors = [*params, *grads, *others]
    n = len(params)
    static = (*static, n, n, *map(len, entries), len(hyper))
    if quick is not None and quick.step(op, static, tensors, n, tuple(hyper)):
        return
    values = [x._value() for x in tensors]
    place = _place(values)
    values += [x if x.__class__ is float else _number(x) for x in hyper]
    _, outs = record(op, static, values, place or unify_devices(values))
    for target, new in zip([*params, *others], outs, strict=True):
        target._write(new)


def _place(values) -> device | None:
    """The device of all values, if they have one."""
    place = values[0].device
    for v in values:
        if v.device is not place:
            return None
    return place


def _number(x):
    if isinstance(x, Tensor):
        return x._value()
    # One program for lr=1 and lr=0.5.
    return float(x) if x.__class__ is int else x
