"""Adamax: Adam with the infinity norm."""

from __future__ import annotations

import optax

from .._ops._op import Array, Arrays
from .._tensor import Tensor
from . import _rule
from ._adam_transforms import AdamaxState, scale_by_adamax
from ._checks import check_betas, check_lr, check_not_negative
from ._recorded import RecordedOptimizer, present


@_rule.step_op
def _adamax(
    params: Arrays,
    grads: Arrays,
    step: Array,
    exp_avg: Arrays,
    exp_inf: Arrays,
    hyper: Arrays,
    *,
    slots: object,
    uniform: bool,
    maximize: bool,
    decays: bool,
):
    lr, beta1, beta2, eps, weight_decay = _rule.doubles(hyper)

    def rule(to):
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            optax.add_decayed_weights(to(weight_decay)) if decays else None,
            scale_by_adamax(beta1, beta2, eps),
            optax.scale_by_learning_rate(to(lr)),
        )

    state = AdamaxState(step, exp_avg, exp_inf)
    return _rule.run(rule, params, grads, state, slots, uniform)


class Adamax(RecordedOptimizer):
    """Adam with the infinity norm in place of the root mean square.

    State: ``step``, ``exp_avg``, ``exp_inf``.

    **Source** https://arxiv.org/abs/1412.6980, section 7.1
    **Differs** ``foreach`` and ``capturable`` change nothing: a step is one program.
    """

    op = _adamax
    _fields = ("exp_avg", "exp_inf")

    def __init__(
        self,
        params,
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ):
        check_lr(lr)
        check_not_negative("epsilon value", eps)
        check_betas(betas)
        check_not_negative("weight_decay value", weight_decay)
        defaults = dict(
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            foreach=foreach,
            maximize=maximize,
            differentiable=differentiable,
            capturable=capturable,
        )
        super().__init__(params, defaults)

    def _hyper(self, group):
        return group["lr"], *group["betas"], group["eps"], group["weight_decay"]

    def _flags(self, group):
        return group["maximize"], present(group["weight_decay"])
