"""The other rules as Optax transformations with PyTorch's numbers.

Optax's ``scale_by_rms``, ``scale_by_rss``, ``scale_by_adadelta`` and ``scale_by_rprop``
differ from PyTorch in where ``eps`` stands, in the precision of ``1 - decay`` and in
clamping the step sizes of unchanged signs. Its ``trace`` is PyTorch's momentum.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from ._adam_transforms import mean, mean_square
from ._rule import each, like, numbers, spread, zeros


class AdagradState(NamedTuple):
    step: jax.Array
    sum: tuple


class AdadeltaState(NamedTuple):
    step: jax.Array
    square_avg: tuple
    acc_delta: tuple


class RMSpropState(NamedTuple):
    step: jax.Array
    square_avg: tuple
    momentum_buffer: tuple
    grad_avg: tuple


class RpropState(NamedTuple):
    step: jax.Array
    prev: tuple
    step_size: tuple


class ASGDState(NamedTuple):
    step: jax.Array
    eta: jax.Array
    mu: jax.Array
    ax: tuple


def scale_by_adagrad(eps, lr_decay) -> optax.GradientTransformation:
    """Over the root of the sum of squares, at a rate that falls with the steps.

    **Source** https://jmlr.org/papers/v12/duchi11a.html
    """

    def init(params):
        return AdagradState(numbers(params), zeros(params))

    def update(grads, state, params=None):
        step = state.step + 1
        (slower,) = spread(grads, 1 + (step.astype(jnp.float64) - 1) * lr_decay)
        total = each(lambda s, g: s + g * g, state.sum, grads)

        def scaled(g, s, slower):
            return g / (jnp.sqrt(s) + like(eps, s)) / like(slower, s)

        return each(scaled, grads, total, slower), AdagradState(step, total)

    return optax.GradientTransformation(init, update)


def scale_by_adadelta(rho, eps) -> optax.GradientTransformation:
    """The root mean square of past updates over that of the gradients.

    **Source** https://arxiv.org/abs/1212.5701
    """

    def init(params):
        return AdadeltaState(numbers(params), zeros(params), zeros(params))

    def update(grads, state, params=None):
        square = each(lambda v, g: mean_square(v, g, rho), state.square_avg, grads)

        def scaled(g, v, d):
            return jnp.sqrt(d + like(eps, d)) / jnp.sqrt(v + like(eps, v)) * g

        updates = each(scaled, grads, square, state.acc_delta)
        past = each(lambda d, u: mean_square(d, u, rho), state.acc_delta, updates)
        return updates, AdadeltaState(state.step + 1, square, past)

    return optax.GradientTransformation(init, update)


def scale_by_rmsprop(
    alpha, eps, momentum, centered: bool, traced: bool
) -> optax.GradientTransformation:
    """Over the root of the mean square, then momentum.

    ``centered`` takes the variance in place of the mean square; ``traced`` says that
    there is momentum.

    **Source** https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf
    """

    def init(params):
        z = zeros(params)
        return RMSpropState(
            numbers(params), z, z if traced else (), z if centered else ()
        )

    def update(grads, state, params=None):
        square = each(lambda v, g: mean_square(v, g, alpha), state.square_avg, grads)
        centre = (
            each(lambda m, g: mean(m, g, alpha), state.grad_avg, grads)
            if centered
            else ()
        )
        below = each(lambda v, m: v - m * m, square, centre) if centered else square
        updates = each(lambda g, v: g / (jnp.sqrt(v) + like(eps, v)), grads, below)
        buffers = ()
        if traced:
            buffers = each(
                lambda b, u: b * like(momentum, b) + u, state.momentum_buffer, updates
            )
        new = RMSpropState(state.step + 1, square, buffers, centre)
        return buffers or updates, new

    return optax.GradientTransformation(init, update)


def steps_by_rprop(shrink, grow, least, most) -> optax.GradientTransformation:
    """A step of its own for each number, grown or shrunk by the gradient's sign.

    Gives the updates themselves: no learning rate follows.

    **Source** https://doi.org/10.1109/ICNN.1993.298623
    """

    def init(params):
        return RpropState(numbers(params), zeros(params), zeros(params))

    def factor(g, prev):
        sign = jnp.sign(g * prev)
        turned = jnp.where(sign < 0, like(shrink, g), sign)
        factor = jnp.where(sign > 0, like(grow, g), turned)
        return jnp.where(sign == 0, 1, factor)

    def update(grads, state, params=None):
        factors = each(factor, grads, state.prev)
        sizes = each(
            lambda s, f: jnp.clip(s * f, like(least, s), like(most, s)),
            state.step_size,
            factors,
        )
        kept = each(lambda g, f: jnp.where(f == like(shrink, g), 0, g), grads, factors)
        updates = each(lambda g, s: -jnp.sign(g) * s, kept, sizes)
        return updates, RpropState(state.step + 1, kept, sizes)

    return optax.GradientTransformation(init, update)


def steps_by_asgd(lr, lambd, alpha, t0) -> optax.GradientTransformation:
    """Decaying steps, and beside the parameters their average from step ``t0`` on.

    Gives the updates themselves: no learning rate follows.

    **Source** https://doi.org/10.1137/0330046
    """

    def init(params):
        return ASGDState(
            numbers(params), numbers(params), numbers(params, 1.0), zeros(params)
        )

    def update(grads, state, params):
        eta, decay, mu = spread(grads, state.eta, lambd * state.eta, state.mu)
        updates = each(
            lambda p, g, e, d: -(p * like(d, p)) - g * like(e, g),
            *(params, grads, eta, decay),
        )

        def average(p, u, ax, mu):
            p = p + u
            return jnp.where(mu == 1, p, ax + (p - ax) * like(mu, p))

        ax = each(average, params, updates, state.ax, mu)
        return updates, _asgd_state(state, ax)

    def _asgd_state(state, ax):
        step = state.step + 1
        at = step.astype(jnp.float64)
        eta = lr / (1 + lambd * lr * at) ** alpha
        mu = 1 / jnp.maximum(1, at - t0)
        kind = step.dtype
        return ASGDState(step, eta.astype(kind), mu.astype(kind), ax)

    return optax.GradientTransformation(init, update)
