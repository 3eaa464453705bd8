"""Adagrad."""

from __future__ import annotations

import optax

from .._ops._op import Array, Arrays
from .._tensor import Tensor
from . import _rule
from ._checks import check_flags, check_lr, check_not_negative
from ._counters import filled
from ._recorded import RecordedOptimizer, present
from ._transforms import AdagradState, scale_by_adagrad


@_rule.step_op
def _adagrad(
    params: Arrays,
    grads: Arrays,
    step: Array,
    sum: Arrays,
    hyper: Arrays,
    *,
    slots: object,
    uniform: bool,
    maximize: bool,
    decays: bool,
):
    lr, lr_decay, weight_decay, eps = _rule.doubles(hyper)

    def rule(to):
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            optax.add_decayed_weights(to(weight_decay)) if decays else None,
            scale_by_adagrad(eps, lr_decay),
            optax.scale_by_learning_rate(to(lr)),
        )

    state = AdagradState(step, sum)
    return _rule.run(rule, params, grads, state, slots, uniform)


class Adagrad(RecordedOptimizer):
    """Steps over the root of the sum of all squared gradients.

    State, from the construction on: ``step``, ``sum``.

    **Source** https://jmlr.org/papers/v12/duchi11a.html
    **Differs** ``foreach`` and ``fused`` change nothing: a step is one program.
    """

    op = _adagrad
    _fields = ("sum",)
    _older_defaults = {
        "foreach": None,
        "maximize": False,
        "differentiable": False,
        "fused": None,
    }

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ):
        check_lr(lr)
        check_not_negative("lr_decay value", lr_decay)
        check_not_negative("weight_decay value", weight_decay)
        check_not_negative("initial_accumulator_value value", initial_accumulator_value)
        check_not_negative("epsilon value", eps)
        defaults = dict(
            lr=lr,
            lr_decay=lr_decay,
            eps=eps,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            foreach=foreach,
            maximize=maximize,
            differentiable=differentiable,
            fused=fused,
        )
        super().__init__(params, defaults)
        check_flags(fused, foreach, differentiable)
        for i, group in enumerate(self.param_groups):
            self._states(i, group, group["params"], None)

    def _new_entry(self, group, name, param):
        return filled(param, self.defaults["initial_accumulator_value"])

    def _hyper(self, group):
        names = ("lr", "lr_decay", "weight_decay", "eps")
        return [group[name] for name in names]

    def _flags(self, group):
        return group["maximize"], present(group["weight_decay"])

    def share_memory(self) -> None:
        """Nothing to do: arrays are shared between processes by copy."""
        for state in self.state.values():
            state["sum"].share_memory_()
