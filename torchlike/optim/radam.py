"""RAdam: Adam with a rectified rate."""

from __future__ import annotations

import optax

from .._ops._op import Array, Arrays
from .._tensor import Tensor
from . import _rule
from ._adam_transforms import RAdamState, scale_by_radam
from ._checks import check_betas, check_lr, check_not_negative
from ._recorded import RecordedOptimizer, present


@_rule.step_op
def _radam(
    params: Arrays,
    grads: Arrays,
    step: Array,
    exp_avg: Arrays,
    exp_avg_sq: Arrays,
    hyper: Arrays,
    *,
    slots: object,
    uniform: bool,
    maximize: bool,
    decays: bool,
    decoupled: bool,
):
    lr, beta1, beta2, eps, weight_decay = _rule.doubles(hyper)

    def rule(to):
        decay = optax.add_decayed_weights(to(weight_decay)) if decays else None
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            None if decoupled else decay,
            scale_by_radam(beta1, beta2, eps),
            decay if decoupled else None,
            optax.scale_by_learning_rate(to(lr)),
        )

    state = RAdamState(step, exp_avg, exp_avg_sq)
    return _rule.run(rule, params, grads, state, slots, uniform)


class RAdam(RecordedOptimizer):
    """Adam whose adaptive rate begins once its variance can be estimated.

    State: ``step``, ``exp_avg``, ``exp_avg_sq``.

    **Source** https://arxiv.org/abs/1908.03265
    **Differs** ``foreach`` and ``capturable`` change nothing: a step is one program.
    """

    op = _radam
    _fields = ("exp_avg", "exp_avg_sq")
    _older_defaults = RecordedOptimizer._older_defaults | {
        "decoupled_weight_decay": False
    }

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
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
            maximize=maximize,
            foreach=foreach,
            capturable=capturable,
            decoupled_weight_decay=decoupled_weight_decay,
            differentiable=differentiable,
        )
        super().__init__(params, defaults)

    def _hyper(self, group):
        return group["lr"], *group["betas"], group["eps"], group["weight_decay"]

    def _flags(self, group):
        decays = present(group["weight_decay"])
        return group["maximize"], decays, group["decoupled_weight_decay"]
