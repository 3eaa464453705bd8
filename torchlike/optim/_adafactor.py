"""Adafactor: a second moment kept as a row and a column."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from .._ops._op import Array, Arrays
from .._tensor import Tensor
from . import _rule
from ._checks import refuse_complex
from ._counters import filled
from ._recorded import RecordedOptimizer, run_step
from ._rule import each, like, numbers, spread, zeros


class AdafactorState(NamedTuple):
    step: jax.Array
    row_var: tuple
    col_var: tuple
    variance: tuple


def _lerp(old, new, weight):
    """Exactly ``new`` at a weight of 1, which is the first step's."""
    weight = like(weight, old)
    return jnp.where(weight < 0.5, old + (new - old) * weight, _from(old, new, weight))


def _from(old, new, weight):
    return new - (new - old) * (1 - weight)


def _rms(x):
    return jnp.sqrt(jnp.mean(jnp.square(x)))


def scale_by_adafactor(
    lr, beta2_decay, eps1, eps2, d, weight_decay, decays: bool, factored: bool
) -> optax.GradientTransformation:
    """Steps relative to the parameters' size, clipped to a root mean square of d.

    Optax's ``scale_by_factored_rms`` takes another decay, factors other dimensions, and
    clips by blocks; hence this one. Gives the updates themselves.

    **Source** https://arxiv.org/abs/1804.04235
    """

    def init(params):
        z = zeros(params)
        return AdafactorState(numbers(params), z, z, z)

    def update(grads, state, params):
        step = state.step + 1
        at = step.astype(jnp.float64)
        rates = jnp.minimum(lr, 1 / jnp.sqrt(at))
        weights, rates = spread(grads, at**beta2_decay, rates)
        if factored:
            estimates, rows, columns = _factored(grads, state, weights)
            new = AdafactorState(step, rows, columns, ())
        else:
            estimates = each(
                lambda v, g, w: _lerp(v, g * g, w), state.variance, grads, weights
            )
            new = AdafactorState(step, (), (), estimates)
        return each(moved, params, grads, estimates, rates), new

    def _factored(grads, state, weights):
        squares = [g * g for g in grads]
        rows = each(
            lambda r, s, w: _lerp(r, s.mean(-1, keepdims=True), w),
            *(state.row_var, squares, weights),
        )
        columns = each(
            lambda c, s, w: _lerp(c, s.mean(-2, keepdims=True), w),
            *(state.col_var, squares, weights),
        )

        def estimate(row, column):
            mean = jnp.maximum(row.mean(-2, keepdims=True), like(eps1, row))
            return row * column / mean

        return each(estimate, rows, columns), rows, columns

    def moved(p, g, estimate, rate):
        size = jnp.maximum(like(eps2, p), _rms(p)) * like(rate, p)
        change = g * jax.lax.rsqrt(jnp.maximum(estimate, like(eps1 * eps1, p)))
        over = jnp.maximum(1, _rms(change) / like(d, p))
        step = -(size / over) * change
        return step - p * like(lr * weight_decay, p) if decays else step

    return optax.GradientTransformation(init, update)


@_rule.step_op
def _adafactor(
    params: Arrays,
    grads: Arrays,
    step: Array,
    row_var: Arrays,
    col_var: Arrays,
    variance: Arrays,
    hyper: Arrays,
    *,
    slots: object,
    uniform: bool,
    maximize: bool,
    decays: bool,
):
    lr, *rest = _rule.doubles(hyper)

    def rule(to):
        return _rule.chain(
            optax.scale(-1) if maximize else None,
            scale_by_adafactor(lr, *rest, decays, bool(row_var)),
        )

    state = AdafactorState(step, row_var, col_var, variance)
    return _rule.run(rule, params, grads, state, slots, uniform)


class Adafactor(RecordedOptimizer):
    """Adafactor: memory for the second moment below that of the parameters.

    State: ``step``, and ``row_var`` and ``col_var``, or ``variance`` for vectors.

    **Source** https://arxiv.org/abs/1804.04235
    **Differs** ``foreach`` changes nothing: every step is one compiled program.
    """

    op = _adafactor
    _older_defaults = {"foreach": None}

    def __init__(
        self,
        params,
        lr: float | Tensor = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ):
        if isinstance(lr, Tensor) and lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
        if not 0.0 <= lr:
            raise ValueError(f"Learning rate should be >= 0 but is: {lr}")
        if not 0.0 >= beta2_decay:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        for i in range(2):
            if eps[i] is not None and not 0.0 <= eps[i]:
                raise ValueError(f"epsilon{i + 1} should be >= 0 but is: {eps[i]}")
        if not 1.0 <= d:
            raise ValueError(f"Clipping threshold d should be >= 1 but is: {d}")
        if not 0.0 <= weight_decay:
            raise ValueError(f"weight_decay should be >= 0 but is: {weight_decay}")
        defaults = dict(
            lr=lr,
            beta2_decay=beta2_decay,
            eps=eps,
            d=d,
            weight_decay=weight_decay,
            foreach=foreach,
            maximize=maximize,
        )
        super().__init__(params, defaults)

    def _begin(self, group, counters, params, states, slots) -> None:
        refuse_complex("Adafactor", params)
        new = [(p, s) for p, s in zip(params, states, strict=True) if not s]
        super()._begin(group, counters, params, states, slots)
        for p, state in new:
            shape = list(p.shape)
            if len(shape) < 2:
                state["variance"] = filled(p)
                continue
            state["row_var"] = filled(p, shape=(*shape[:-1], 1))
            state["col_var"] = filled(p, shape=(*shape[:-2], 1, shape[-1]))

    def _entries(self, group):
        return ()  # they differ from parameter to parameter: see _begin

    def _apply(self, i, group, params, grads, slots):
        """One program a dtype, for ``eps``; matrices and vectors apart."""
        states = self._states(i, group, params, slots)
        counters = self._counters[i]
        uniform = counters.uniform(slots)
        places = range(len(params)) if slots is None else slots
        for kind, factored in dict.fromkeys((p.dtype, p.dim() > 1) for p in params):
            at = [
                k
                for k, p in enumerate(params)
                if p.dtype is kind and (p.dim() > 1) is factored
            ]
            everyone = slots is None and len(at) == len(params)
            part = None if everyone else tuple(places[k] for k in at)
            names = ("row_var", "col_var") if factored else ("variance",)
            found = [[states[k][name] for k in at] for name in names]
            entries = [*found, []] if factored else [[], [], *found]
            static = (part, uniform, group["maximize"], group["weight_decay"] != 0)
            run_step(
                self.op.op,
                static,
                [params[k] for k in at],
                [grads[k] for k in at],
                counters.vectors,
                entries,
                self._hyper_of(group, kind),
            )
        counters.stepped()

    def _hyper_of(self, group, kind) -> tuple:
        eps1, eps2 = group["eps"]
        if eps1 is None:
            eps1 = float(jnp.finfo(kind.numpy_dtype).eps)
        rest = eps1, eps2, group["d"], group["weight_decay"]
        return group["lr"], group["beta2_decay"], *rest
