"""Rprop: resilient backpropagation."""

from __future__ import annotations

import optax

from .._ops._op import Array, Arrays
from .._tensor import Tensor
from . import _rule
from ._checks import check_lr
from ._counters import filled
from ._recorded import RecordedOptimizer
from ._transforms import RpropState, steps_by_rprop


@_rule.step_op
def _rprop(
    params: Arrays,
    grads: Arrays,
    step: Array,
    prev: Arrays,
    step_size: Arrays,
    hyper: Arrays,
    *,
    slots: object,
    uniform: bool,
    maximize: bool,
):
    shrink, grow, least, most = _rule.doubles(hyper)

    def rule(to):
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            steps_by_rprop(shrink, grow, least, most),
        )

    state = RpropState(step, prev, step_size)
    return _rule.run(rule, params, grads, state, slots, uniform)


class Rprop(RecordedOptimizer):
    """A step size for each number, which the sign of its gradient grows or shrinks.

    State: ``step``, ``prev`` (the last gradient), ``step_size``.

    **Source** https://doi.org/10.1109/ICNN.1993.298623
    **Differs** ``foreach`` and ``capturable`` change nothing: a step is one program.
    """

    op = _rprop
    _fields = ("prev", "step_size")

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ):
        check_lr(lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        defaults = dict(
            lr=lr,
            etas=etas,
            step_sizes=step_sizes,
            foreach=foreach,
            maximize=maximize,
            differentiable=differentiable,
            capturable=capturable,
        )
        super().__init__(params, defaults)

    def _new_entry(self, group, name, param):
        return filled(param, float(group["lr"]) if name == "step_size" else 0.0)

    def _hyper(self, group):
        return *group["etas"], *group["step_sizes"]

    def _flags(self, group):
        return (group["maximize"],)
