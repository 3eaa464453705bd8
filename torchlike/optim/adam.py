"""Adam."""

from __future__ import annotations

import functools

import jax.numpy as jnp
import optax

from .._ops._op import Array, Arrays
from .._tensor import Tensor
from . import _rule
from ._adam_transforms import AdamState, scale_by_adam
from ._checks import (
    check_betas,
    check_flags,
    check_lr,
    check_not_negative,
    check_tensor_betas,
)
from ._primitives import stepper
from ._recorded import RecordedOptimizer, present


def _plain(params, grads, state, doubles, flags):
    lr, beta1, beta2, eps, weight_decay = doubles
    maximize, decays, decoupled, amsgrad = flags

    def rule(to):
        decay = optax.add_decayed_weights(to(weight_decay)) if decays else None
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            None if decoupled else decay,
            scale_by_adam(beta1, beta2, eps, amsgrad),
            decay if decoupled else None,
            optax.scale_by_learning_rate(to(lr)),
        )

    return _rule.by_optax(rule)(params, grads, state)


def _numbers(doubles, state: AdamState, n: int):
    lr, beta1, beta2, eps, weight_decay = doubles
    step = state.step + 1
    own = jnp.stack([lr / (1 - beta1**step), jnp.sqrt(1 - beta2**step)], -1)
    own = jnp.broadcast_to(own, (n, 2)).ravel()
    keep = 1 - lr * weight_decay
    shared = jnp.stack([1 - beta1, beta2, 1 - beta2, eps, weight_decay, keep])
    return state._replace(step=step), jnp.concatenate([shared, own]).astype(jnp.float32)


_step = stepper("adam", _plain, _numbers, worth=1)


@functools.partial(_rule.step_op, at_once="exp_avg")
def _adam(
    params: Arrays,
    grads: Arrays,
    step: Array,
    exp_avg: Arrays,
    exp_avg_sq: Arrays,
    max_exp_avg_sq: Arrays,
    hyper: Arrays,
    *,
    slots: object,
    uniform: bool,
    amsgrad: bool,
    maximize: bool,
    decays: bool,
    decoupled: bool,
):
    state = AdamState(step, exp_avg, exp_avg_sq, max_exp_avg_sq)
    flags = maximize, decays, decoupled, amsgrad
    take = functools.partial(_step, doubles=_rule.doubles(hyper), flags=flags)
    return _rule.run_by(take, params, grads, state, slots, uniform)


class Adam(RecordedOptimizer):
    """Adam, with AMSGrad and decoupled weight decay as options.

    State: ``step``, ``exp_avg``, ``exp_avg_sq``, with ``amsgrad`` ``max_exp_avg_sq``.

    **Source** https://arxiv.org/abs/1412.6980
    **Differs** ``foreach``, ``fused`` and ``capturable`` change nothing: every step is
    one compiled program. ``state["step"]`` lies on the parameter's device.
    """

    op = _adam
    _fields = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
    _older_defaults = RecordedOptimizer._older_defaults | {
        "amsgrad": False,
        "fused": None,
        "decoupled_weight_decay": False,
    }

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float | Tensor, float | Tensor] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ):
        check_lr(lr, foreach and not capturable)
        check_not_negative("epsilon value", eps)
        check_betas(betas)
        check_not_negative("weight_decay value", weight_decay)
        check_tensor_betas(betas, foreach and not capturable)
        defaults = dict(
            lr=lr,
            betas=tuple(betas),
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            foreach=foreach,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=decoupled_weight_decay,
        )
        super().__init__(params, defaults)
        check_flags(fused, foreach, differentiable)

    def _entries(self, group):
        return self._fields if group["amsgrad"] else self._fields[:2]

    def _hyper(self, group):
        return group["lr"], *group["betas"], group["eps"], group["weight_decay"]

    def _flags(self, group):
        decays = present(group["weight_decay"])
        decoupled = group["decoupled_weight_decay"]
        return group["amsgrad"], group["maximize"], decays, decoupled
