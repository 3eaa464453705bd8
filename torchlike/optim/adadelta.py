"""Adadelta."""

from __future__ import annotations

import optax

from .._ops._op import Array, Arrays
from .._tensor import Tensor
from . import _rule
from ._checks import check_lr, check_not_negative
from ._recorded import RecordedOptimizer, present
from ._transforms import AdadeltaState, scale_by_adadelta


@_rule.step_op
def _adadelta(
    params: Arrays,
    grads: Arrays,
    step: Array,
    square_avg: Arrays,
    acc_delta: Arrays,
    hyper: Arrays,
    *,
    slots: object,
    uniform: bool,
    maximize: bool,
    decays: bool,
):
    lr, rho, eps, weight_decay = _rule.doubles(hyper)

    def rule(to):
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            optax.add_decayed_weights(to(weight_decay)) if decays else None,
            scale_by_adadelta(rho, eps),
            optax.scale_by_learning_rate(to(lr)),
        )

    state = AdadeltaState(step, square_avg, acc_delta)
    return _rule.run(rule, params, grads, state, slots, uniform)


class Adadelta(RecordedOptimizer):
    """Steps whose size follows the past updates over the past gradients.

    State: ``step``, ``square_avg``, ``acc_delta``.

    **Source** https://arxiv.org/abs/1212.5701
    **Differs** ``foreach`` and ``capturable`` change nothing: a step is one program.
    """

    op = _adadelta
    _fields = ("square_avg", "acc_delta")

    def __init__(
        self,
        params,
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ):
        check_lr(lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        check_not_negative("epsilon value", eps)
        check_not_negative("weight_decay value", weight_decay)
        defaults = dict(
            lr=lr,
            rho=rho,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
            capturable=capturable,
            foreach=foreach,
            differentiable=differentiable,
        )
        super().__init__(params, defaults)

    def _hyper(self, group):
        return group["lr"], group["rho"], group["eps"], group["weight_decay"]

    def _flags(self, group):
        return group["maximize"], present(group["weight_decay"])
