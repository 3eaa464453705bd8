"""The Adam family as Optax transformations with PyTorch's numbers.

Optax's own rules of these names keep one count for all parameters and take ``1 - beta``
in the precision of the gradients. PyTorch counts steps for each parameter and takes
such scalars in double precision, which at ``beta = 0.999`` shows in the sixth digit.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from ._rule import each, like, numbers, spread, zeros


class AdamState(NamedTuple):
    step: jax.Array
    exp_avg: tuple
    exp_avg_sq: tuple
    max_exp_avg_sq: tuple


class NAdamState(NamedTuple):
    step: jax.Array
    mu_product: jax.Array
    exp_avg: tuple
    exp_avg_sq: tuple


class RAdamState(NamedTuple):
    step: jax.Array
    exp_avg: tuple
    exp_avg_sq: tuple


class AdamaxState(NamedTuple):
    step: jax.Array
    exp_avg: tuple
    exp_inf: tuple


def mean(average, value, decay):
    """Move ``average`` towards ``value`` by ``1 - decay``."""
    return average + (value - average) * like(1 - decay, average)


def mean_square(average, value, decay):
    """Move ``average`` towards the square of ``value`` by ``1 - decay``."""
    return average * like(decay, average) + value * value * like(1 - decay, average)


def _moments(grads, state, beta1, beta2) -> tuple:
    first = each(lambda m, g: mean(m, g, beta1), state.exp_avg, grads)
    second = each(lambda v, g: mean_square(v, g, beta2), state.exp_avg_sq, grads)
    return first, second


def scale_by_adam(beta1, beta2, eps, amsgrad: bool) -> optax.GradientTransformation:
    """The mean gradient over the root of the mean square, bias-corrected.

    **Source** https://arxiv.org/abs/1412.6980; AMSGrad https://arxiv.org/abs/1904.09237
    """

    def init(params):
        z = zeros(params)
        return AdamState(numbers(params), z, z, z if amsgrad else ())

    def update(grads, state, params=None):
        step = state.step + 1
        biases = 1 - beta1**step, jnp.sqrt(1 - beta2**step)
        m, v = _moments(grads, state, beta1, beta2)
        largest = each(jnp.maximum, state.max_exp_avg_sq, v) if amsgrad else ()

        def scaled(m, v, bias1, root2):
            below = jnp.sqrt(v) / like(root2, v) + like(eps, v)
            return m / below / like(bias1, m)

        updates = each(scaled, m, largest or v, *spread(grads, *biases))
        return updates, AdamState(step, m, v, largest)

    return optax.GradientTransformation(init, update)


def scale_by_nadam(beta1, beta2, eps, momentum_decay) -> optax.GradientTransformation:
    """Adam with Nesterov momentum after PyTorch's schedule of momentum.

    **Source** https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ
    """

    def init(params):
        z = zeros(params)
        return NAdamState(numbers(params), numbers(params, 1.0), z, z)

    def update(grads, state, params=None):
        step = state.step + 1
        product, *factors = _nadam_factors(
            step, state.mu_product, beta1, beta2, momentum_decay
        )
        m, v = _moments(grads, state, beta1, beta2)

        def scaled(g, m, v, now, ahead, bias2):
            below = jnp.sqrt(v / like(bias2, v)) + like(eps, v)
            return g / below * like(now, g) + m / below * like(ahead, m)

        updates = each(scaled, grads, m, v, *spread(grads, *factors))
        return updates, NAdamState(step, product, m, v)

    return optax.GradientTransformation(init, update)


def _nadam_factors(step, product, beta1, beta2, momentum_decay) -> tuple:
    """The product of momenta, the factors of gradient and mean, the square's bias."""
    at = step.astype(jnp.float64)
    mu = beta1 * (1 - 0.5 * 0.96 ** (at * momentum_decay))
    following = beta1 * (1 - 0.5 * 0.96 ** ((at + 1) * momentum_decay))
    product = product * mu.astype(product.dtype)
    done = product.astype(jnp.float64)
    ahead = following / (1 - done * following)
    return product, (1 - mu) / (1 - done), ahead, 1 - beta2**at


def scale_by_radam(beta1, beta2, eps) -> optax.GradientTransformation:
    """Adam whose adaptive rate is rectified, and off while its variance is unknown.

    **Source** https://arxiv.org/abs/1908.03265
    """

    def init(params):
        return RAdamState(numbers(params), zeros(params), zeros(params))

    def update(grads, state, params=None):
        step = state.step + 1
        m, v = _moments(grads, state, beta1, beta2)

        def scaled(m, v, bias1, factor, adaptive):
            rate = like(factor, v) / (jnp.sqrt(v) + like(eps, v))
            return m / like(bias1, m) * jnp.where(adaptive, rate, 1)

        factors = spread(grads, *_radam_factors(step, beta1, beta2))
        return each(scaled, m, v, *factors), RAdamState(step, m, v)

    return optax.GradientTransformation(init, update)


def _radam_factors(step, beta1, beta2) -> tuple:
    """The mean's bias, the factor of the adaptive rate, and whether that is on."""
    at = step.astype(jnp.float64)
    bias2 = 1 - beta2**at
    limit = 2 / (1 - beta2) - 1
    length = limit - 2 * at * beta2**at / bias2
    ratio = (length - 4) * (length - 2) * limit
    ratio = ratio / ((limit - 4) * (limit - 2) * length)
    return 1 - beta1**at, jnp.sqrt(jnp.maximum(ratio, 0) * bias2), length > 5.0


def scale_by_adamax(beta1, beta2, eps) -> optax.GradientTransformation:
    """Adam with the infinity norm in place of the root mean square.

    **Source** https://arxiv.org/abs/1412.6980, section 7.1
    """

    def init(params):
        return AdamaxState(numbers(params), zeros(params), zeros(params))

    def update(grads, state, params=None):
        step = state.step + 1
        m = each(lambda m, g: mean(m, g, beta1), state.exp_avg, grads)

        def largest(n, g):
            return jnp.maximum(n * like(beta2, n), jnp.abs(g) + like(eps, g))

        norm = each(largest, state.exp_inf, grads)
        (bias1,) = spread(grads, 1 - beta1**step)
        updates = each(lambda m, n, b: m / n / like(b, m), m, norm, bias1)
        return updates, AdamaxState(step, m, norm)

    return optax.GradientTransformation(init, update)
