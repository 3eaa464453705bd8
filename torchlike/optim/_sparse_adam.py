"""SparseAdam: Adam on the rows that have a gradient."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from .._ops._op import Arrays
from .._tensor import Tensor
from . import _rule
from ._adam_transforms import mean, mean_square
from ._checks import check_betas
from ._counters import filled
from ._recorded import RecordedOptimizer, run_step
from ._rule import each, like, spread, zeros


class SparseAdamState(NamedTuple):
    factor: jax.Array
    touched: tuple
    exp_avg: tuple
    exp_avg_sq: tuple


def scale_by_sparse_adam(beta1, beta2, eps) -> optax.GradientTransformation:
    """Adam where ``touched`` is not 0; moments and updates stay as they are elsewhere.

    ``factor`` is the bias correction. The arrays are whole tables: shapes that follow
    the number of different rows would be a program of their own for each number.
    """

    def init(params):
        z = zeros(params)
        return SparseAdamState(jnp.ones(len(params)), z, z, z)

    def update(grads, state, params=None):
        here = [t != 0 for t in state.touched]
        m = each(lambda m, g: mean(m, g, beta1), state.exp_avg, grads)
        v = each(lambda v, g: mean_square(v, g, beta2), state.exp_avg_sq, grads)

        def scaled(m, v, here, factor):
            rate = like(factor, m) / (jnp.sqrt(v) + like(eps, v))
            return jnp.where(here, m * rate, 0)

        updates = each(scaled, m, v, here, *spread(grads, state.factor))
        m = each(jnp.where, here, m, state.exp_avg)
        v = each(jnp.where, here, v, state.exp_avg_sq)
        return updates, SparseAdamState(state.factor, state.touched, m, v)

    return optax.GradientTransformation(init, update)


def _dense(values, indices, like_param):
    """The gradient as a whole table, and where it has elements."""
    where = tuple(indices)
    table = jnp.zeros(like_param.shape, values.dtype).at[where].add(values)
    touched = jnp.zeros(like_param.shape, jnp.float32).at[where].set(1)
    return table, touched


@_rule.step_op
def _sparse_adam(
    params: Arrays,
    values: Arrays,
    exp_avg: Arrays,
    exp_avg_sq: Arrays,
    hyper: Arrays,
    *,
    maximize: bool,
):
    n = len(params)
    indices, numbers = hyper[:n], _rule.doubles(hyper[n:])
    lr, beta1, beta2, eps, *factors = numbers
    tables = each(_dense, values, indices, params)
    grads, touched = zip(*tables, strict=True)

    def rule(to):
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            scale_by_sparse_adam(beta1, beta2, eps),
            optax.scale_by_learning_rate(to(lr)),
        )

    state = SparseAdamState(jnp.stack(factors), touched, exp_avg, exp_avg_sq)
    new = _rule.run(rule, params, grads, state)
    return (*new[:n], *new[2 * n + 1 :])


class SparseAdam(RecordedOptimizer):
    """Adam for sparse gradients: rows without one keep their moments.

    State: ``step``, ``exp_avg``, ``exp_avg_sq``.

    **Source** https://pytorch.org/docs/stable/generated/torch.optim.SparseAdam.html
    """

    _older_defaults: dict = {}

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ):
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not 0.0 < lr:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not 0.0 < eps:
            raise ValueError(f"Invalid epsilon value: {eps}")
        check_betas(betas)
        defaults = dict(lr=lr, betas=betas, eps=eps, maximize=maximize)
        super().__init__(params, defaults)
        self._refuse("is_sparse", "Sparse", "requires dense parameter tensors")
        self._refuse("is_complex", "Complex", "does not support complex parameters")

    def _refuse(self, test: str, kind: str, text: str) -> None:
        found = []
        for i, group in enumerate(self.param_groups):
            for k, p in enumerate(group["params"]):
                answer = getattr(p, test)
                if answer() if callable(answer) else answer:
                    found.append([i, k])
        if found:
            raise ValueError(f"{kind} params at indices {found}: SparseAdam {text}")

    def _apply(self, i, group, params, grads, slots):
        for p, grad in zip(params, grads, strict=True):
            if not grad.is_sparse:
                raise RuntimeError(
                    "SparseAdam does not support dense gradients, please consider Adam "
                    "instead"
                )
            state = self.state[p]
            if not state:
                moments = {"exp_avg": filled(p), "exp_avg_sq": filled(p)}
                state.update({"step": 0, **moments})
            state["step"] += 1
        stepping = [k for k, g in enumerate(grads) if g._values().numel()]
        if stepping:
            pairs = [(params[k], grads[k]) for k in stepping]
            self._step_rows(group, *zip(*pairs, strict=True))

    def _step_rows(self, group, params, grads) -> None:
        states = [self.state[p] for p in params]
        beta1, beta2 = group["betas"]
        factors = [
            math.sqrt(1 - beta2 ** s["step"]) / (1 - beta1 ** s["step"]) for s in states
        ]
        indices = [g._indices() for g in grads]
        values = [g._values() for g in grads]
        entries = [[s[name] for s in states] for name in ("exp_avg", "exp_avg_sq")]
        hyper = (*indices, group["lr"], beta1, beta2, group["eps"], *factors)
        static = (bool(group["maximize"]),)
        run_step(_sparse_adam.op, static, params, values, [], entries, hyper)
