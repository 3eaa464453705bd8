"""Muon: momentum, made orthogonal by Newton and Schulz's iteration."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import optax

from .._ops._op import Arrays
from .._tensor import Tensor
from . import _rule
from ._checks import refuse_complex
from ._counters import filled
from ._recorded import RecordedOptimizer, run_step
from ._rule import each, like, zeros

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def _round(x):
    """To bfloat16, held as float32: XLA would leave out a mere change of dtype."""
    return jax.lax.reduce_precision(x.astype(jnp.float32), 8, 7)


def _orthogonalised(matrix, coefficients, steps: int, eps):
    """The nearest matrix with singular values near 1, in bfloat16.

    Optax's ``orthogonalize_via_newton_schulz`` computes in the dtype of the gradients;
    PyTorch in bfloat16, which shows in the third digit of every step. Products are
    taken in float32 and rounded, as PyTorch takes them.
    **Source** https://kellerjordan.github.io/posts/muon/
    """
    a, b, c = coefficients
    tall = matrix.shape[0] > matrix.shape[1]
    x = _round(matrix.T if tall else matrix)
    norm = _round(jnp.sqrt(jnp.sum(jnp.square(x))))
    x = _round(x / jnp.maximum(norm, _round(eps)))
    for _ in range(steps):
        gram = _round(x @ x.T)
        inner = _round(b * gram + c * (gram @ gram))
        x = _round(a * x + inner @ x)
    return (x.T if tall else x).astype(matrix.dtype)


def _ratio(rule: str, shape) -> float:
    """How much longer the steps of a matrix of this shape are than ``lr``."""
    rows, columns = shape
    if rule == "match_rms_adamw":
        return 0.2 * math.sqrt(max(rows, columns))
    return math.sqrt(max(1, rows / columns))


def scale_by_muon(
    momentum, eps, nesterov: bool, coefficients, steps: int, rule: str
) -> optax.GradientTransformation:
    """The orthogonalised momentum, longer for some shapes."""

    def init(params):
        return optax.TraceState(zeros(params))

    def update(grads, state, params=None):
        kept = each(
            lambda m, g: m + (g - m) * like(1 - momentum, m), state.trace, grads
        )

        def towards(g, m):
            return m - (m - g) * like(1 - momentum, m)

        updates = each(towards, grads, kept) if nesterov else kept
        updates = each(
            lambda u: (
                _orthogonalised(u, coefficients, steps, eps) * _ratio(rule, u.shape)
            ),
            updates,
        )
        return updates, optax.TraceState(kept)

    return optax.GradientTransformation(init, update)


@_rule.step_op
def _muon(
    params: Arrays,
    grads: Arrays,
    momentum_buffer: Arrays,
    hyper: Arrays,
    *,
    nesterov: bool,
    coefficients: tuple,
    steps: int,
    adjustment: str,
):
    lr, momentum, weight_decay, eps = _rule.doubles(hyper)

    def rule(to):
        return _rule.chain(
            scale_by_muon(momentum, eps, nesterov, coefficients, steps, adjustment),
            optax.add_decayed_weights(to(weight_decay)),
            optax.scale_by_learning_rate(to(lr)),
        )

    return _rule.run(rule, params, grads, optax.TraceState(momentum_buffer))


class Muon(RecordedOptimizer):
    """Momentum, orthogonalised; for the matrices inside a network.

    State: ``momentum_buffer``.

    **Source** https://kellerjordan.github.io/posts/muon/
    """

    _older_defaults: dict = {}

    def __init__(
        self,
        params,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = _COEFFICIENTS,
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ):
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not 0.0 <= lr:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not 0.0 <= momentum:
            raise ValueError(f"momentum should be >= 0 but is: {momentum}")
        if not 0.0 <= weight_decay:
            raise ValueError(f"weight decay should be >= 0 but is: {weight_decay}")
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(
                f"Adjust learning rate function {adjust_lr_fn} is not supported"
            )
        defaults = dict(
            lr=lr,
            weight_decay=weight_decay,
            momentum=momentum,
            nesterov=nesterov,
            ns_coefficients=ns_coefficients,
            eps=eps,
            ns_steps=ns_steps,
            adjust_lr_fn=adjust_lr_fn,
        )
        super().__init__(params, defaults)
        for group in self.param_groups:
            for p in group["params"]:
                if p.ndim != 2:
                    raise ValueError(
                        "Muon only supports 2D parameters whereas we found a parameter "
                        f"with size: {p.size()}"
                    )

    def _apply(self, i, group, params, grads, slots):
        _check_iteration(group)
        states = [self.state[p] for p in params]
        for p, state in zip(params, states, strict=True):
            if "momentum_buffer" not in state:
                refuse_complex("Muon", [p])
                state["momentum_buffer"] = filled(p)
        buffers = [s["momentum_buffer"] for s in states]
        hyper = group["lr"], group["momentum"], group["weight_decay"], group["eps"]
        static = (
            bool(group["nesterov"]),
            tuple(map(float, group["ns_coefficients"])),
            group["ns_steps"],
            group["adjust_lr_fn"] or "original",
        )
        run_step(_muon.op, static, params, grads, [], [buffers], hyper)


def _check_iteration(group) -> None:
    if group["ns_steps"] >= 100:
        raise ValueError(
            "Number of steps must be less than 100 for computational efficiency"
        )
    if len(group["ns_coefficients"]) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values")
