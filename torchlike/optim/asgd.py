"""ASGD: averaged stochastic gradient descent."""

from __future__ import annotations

import optax

from .._ops._op import Array, Arrays
from .._tensor import Tensor
from . import _rule
from ._checks import check_lr, check_not_negative
from ._recorded import RecordedOptimizer, present
from ._transforms import ASGDState, steps_by_asgd


@_rule.step_op
def _asgd(
    params: Arrays,
    grads: Arrays,
    step: Array,
    eta: Array,
    mu: Array,
    ax: Arrays,
    hyper: Arrays,
    *,
    slots: object,
    uniform: bool,
    maximize: bool,
    decays: bool,
):
    lr, lambd, alpha, t0, weight_decay = _rule.doubles(hyper)

    def rule(to):
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            optax.add_decayed_weights(to(weight_decay)) if decays else None,
            steps_by_asgd(lr, lambd, alpha, t0),
        )

    state = ASGDState(step, eta, mu, ax)
    return _rule.run(rule, params, grads, state, slots, uniform)


class ASGD(RecordedOptimizer):
    """Decaying steps; ``state["ax"]`` averages the parameters from step ``t0`` on.

    State: ``step``, ``eta`` (the rate), ``mu`` (the weight of the average), ``ax``.

    **Source** https://doi.org/10.1137/0330046
    **Differs** ``foreach`` and ``capturable`` change nothing: a step is one program.
    """

    op = _asgd
    _fields = ("ax",)

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ):
        check_lr(lr)
        check_not_negative("weight_decay value", weight_decay)
        defaults = dict(
            lr=lr,
            lambd=lambd,
            alpha=alpha,
            t0=t0,
            weight_decay=weight_decay,
            foreach=foreach,
            maximize=maximize,
            differentiable=differentiable,
            capturable=capturable,
        )
        super().__init__(params, defaults)

    def _numbers(self, group):
        return {"step": 0.0, "eta": float(group["lr"]), "mu": 1.0}

    def _hyper(self, group):
        names = ("lr", "lambd", "alpha", "t0", "weight_decay")
        return [group[name] for name in names]

    def _flags(self, group):
        return group["maximize"], present(group["weight_decay"])
