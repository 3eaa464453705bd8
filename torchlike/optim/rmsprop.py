"""RMSprop."""

from __future__ import annotations

import optax

from .._ops._op import Array, Arrays
from .._tensor import Tensor
from . import _rule
from ._checks import check_lr, check_not_negative
from ._recorded import RecordedOptimizer, present
from ._transforms import RMSpropState, scale_by_rmsprop


@_rule.step_op
def _rmsprop(
    params: Arrays,
    grads: Arrays,
    step: Array,
    square_avg: Arrays,
    momentum_buffer: Arrays,
    grad_avg: Arrays,
    hyper: Arrays,
    *,
    slots: object,
    uniform: bool,
    maximize: bool,
    decays: bool,
):
    lr, alpha, eps, weight_decay, momentum = _rule.doubles(hyper)

    def rule(to):
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            optax.add_decayed_weights(to(weight_decay)) if decays else None,
            scale_by_rmsprop(
                alpha, eps, momentum, bool(grad_avg), bool(momentum_buffer)
            ),
            optax.scale_by_learning_rate(to(lr)),
        )

    state = RMSpropState(step, square_avg, momentum_buffer, grad_avg)
    return _rule.run(rule, params, grads, state, slots, uniform)


class RMSprop(RecordedOptimizer):
    """Steps over the root of the mean square, centred and with momentum if wanted.

    State: ``step``, ``square_avg``, with momentum ``momentum_buffer``, centred
    ``grad_avg``.

    **Source** https://arxiv.org/abs/1308.0850 for the centred variant
    **Differs** ``foreach`` and ``capturable`` change nothing: a step is one program.
    """

    op = _rmsprop
    _fields = ("square_avg", "momentum_buffer", "grad_avg")
    _older_defaults = RecordedOptimizer._older_defaults | {
        "momentum": 0,
        "centered": False,
    }

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ):
        check_lr(lr)
        check_not_negative("epsilon value", eps)
        check_not_negative("momentum value", momentum)
        check_not_negative("weight_decay value", weight_decay)
        check_not_negative("alpha value", alpha)
        defaults = dict(
            lr=lr,
            momentum=momentum,
            alpha=alpha,
            eps=eps,
            centered=centered,
            weight_decay=weight_decay,
            capturable=capturable,
            foreach=foreach,
            maximize=maximize,
            differentiable=differentiable,
        )
        super().__init__(params, defaults)

    def _entries(self, group):
        square_avg, momentum_buffer, grad_avg = self._fields
        momentum = (momentum_buffer,) if group["momentum"] > 0 else ()
        return (square_avg, *momentum, *((grad_avg,) if group["centered"] else ()))

    def _hyper(self, group):
        names = ("lr", "alpha", "eps", "weight_decay", "momentum")
        return [group[name] for name in names]

    def _flags(self, group):
        return group["maximize"], present(group["weight_decay"])
