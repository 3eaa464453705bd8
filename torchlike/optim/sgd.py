"""Stochastic gradient descent."""

from __future__ import annotations

import functools

import jax.numpy as jnp
import optax

from .._ops._op import Arrays
from .._tensor import Tensor
from ..autograd.grad_mode import enable_grad
from . import _differentiable, _rule
from ._checks import check_flags
from ._counters import filled
from ._primitives import stepper
from ._recorded import RecordedOptimizer, present, run_step

_WORTH = 1 << 18  # elements of momentum


def _plain(params, grads, state, doubles, flags):
    lr, momentum, undamped, weight_decay = doubles
    maximize, decays, nesterov = flags

    def rule(to):
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            optax.add_decayed_weights(to(weight_decay)) if decays else None,
            optax.scale(to(undamped)) if state else None,
            optax.trace(to(momentum), nesterov) if state else None,
            optax.scale_by_learning_rate(to(lr)),
        )

    return _rule.by_optax(rule)(params, grads, state)


def _numbers(doubles, state, n: int):
    return state, jnp.stack(doubles).astype(jnp.float32)


# Without momentum XLA writes one array for each parameter, as our function would.
_step = stepper("sgd", _plain, _numbers, worth=_WORTH)


@functools.partial(_rule.step_op, at_once="momentum_buffer")
def _sgd(
    params: Arrays,
    grads: Arrays,
    momentum_buffer: Arrays,
    hyper: Arrays,
    *,
    nesterov: bool,
    maximize: bool,
    decays: bool,
):
    lr, momentum, damping, weight_decay = _rule.doubles(hyper)
    doubles = lr, momentum, 1 - damping, weight_decay
    moved = optax.TraceState(momentum_buffer)
    state = moved if momentum_buffer else optax.EmptyState()
    flags = maximize, decays, nesterov
    take = functools.partial(_step, doubles=doubles, flags=flags)
    return _rule.run_by(take, params, grads, state)


class SGD(RecordedOptimizer):
    """Gradient descent, with momentum and Nesterov's variant as options.

    State: with momentum, ``momentum_buffer``.

    **Source** https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
    **Differs** ``foreach`` and ``fused`` change nothing: a step is one program.
    """

    _older_defaults = {
        "nesterov": False,
        "maximize": False,
        "foreach": None,
        "differentiable": False,
        "fused": False,
    }

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float | Tensor = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ):
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if lr < 0.0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if momentum < 0.0:
            raise ValueError(f"Invalid momentum value: {momentum}")
        if weight_decay < 0.0:
            raise ValueError(f"Invalid weight_decay value: {weight_decay}")
        defaults = dict(
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
            foreach=foreach,
            differentiable=differentiable,
            fused=fused,
        )
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(params, defaults)
        check_flags(fused, foreach, differentiable)

    def _apply(self, i, group, params, grads, slots):
        if not present(group["momentum"]):
            return self._move(group, params, grads, [], 0.0)
        dampening = group["dampening"]
        states = [self.state[p] for p in params]
        buffers = [s.get("momentum_buffer") for s in states]
        new = [k for k, buffer in enumerate(buffers) if buffer is None]
        for k in new:
            buffers[k] = states[k]["momentum_buffer"] = filled(params[k])
        if new and (present(dampening) or group["differentiable"]):
            # The first buffer is the gradient itself: no dampening yet.
            old = [k for k in range(len(params)) if k not in set(new)]
            first = _at(new, params, grads, buffers)
            if group["differentiable"]:
                _first_steps(group, *first)
            else:
                self._move(group, *first, 0.0)
            params, grads, buffers = _at(old, params, grads, buffers)
        if params:
            self._move(group, params, grads, buffers, dampening)

    def _move(self, group, params, grads, buffers, dampening) -> None:
        hyper = group["lr"], group["momentum"], dampening, group["weight_decay"]
        nesterov = bool(group["nesterov"] and buffers)
        static = nesterov, group["maximize"], present(group["weight_decay"])
        run = _differentiable.run_step if group["differentiable"] else run_step
        run(_sgd.op, static, params, grads, [], [buffers], hyper)


def _first_steps(group, params, grads, buffers) -> None:
    """Differentiable ones; PyTorch leaves the first buffer out of the graph."""
    with enable_grad():
        for p, grad, buffer in zip(params, grads, buffers, strict=True):
            grad = -grad if group["maximize"] else grad
            if present(group["weight_decay"]):
                grad = grad + group["weight_decay"] * p
            buffer.copy_(grad.detach())
            step = buffer
            if group["nesterov"]:
                step = grad + group["momentum"] * buffer
            p.sub_(group["lr"] * step)


def _at(places, *lists) -> list[list]:
    return [[items[k] for k in places] for items in lists]
