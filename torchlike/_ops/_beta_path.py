"""How a Beta sample moves with its concentration when its quantile is held.

With F the distribution function and f the density of Beta(a, b), the sample moves by
-(∂F/∂a) / f. F is x^a (1 - x)^b / (a B(a, b)) times a continued fraction, which is
differentiated forward.

**Source** M. Figurnov et al., Implicit Reparameterization Gradients, 2018;
https://dlmf.nist.gov/8.17 (8.17.22, the continued fraction)
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy.special import digamma

_TERMS = 48  # and more where a or b is large
_TERMS_PER_ROOT = 6
_MOST_TERMS = 4000


def dirichlet_grad(x, alpha, total):
    """dx/dalpha / (1 - x) of Beta(alpha, total - alpha) at fixed total - alpha."""
    a, b = alpha, total - alpha
    lower = x < (a + 1) / (a + b + 2)  # the side on which the fraction converges
    first, second = jnp.where(lower, a, b), jnp.where(lower, b, a)
    near = jnp.where(lower, x, 1 - x)
    zero, one = jnp.zeros_like(a), jnp.ones_like(a)
    fraction, moved = jax.jvp(
        lambda p, q: _fraction(near, p, q),
        (first, second),
        (jnp.where(lower, one, zero), jnp.where(lower, zero, one)),
    )
    slope = jnp.log(x) + digamma(a + b) + moved / fraction
    below = -(x * fraction / a) * (slope - digamma(a + 1))
    above = (x * fraction / b) * (slope - digamma(a))
    return jnp.where(lower, below, above)


def _fraction(x, a, b):
    """1 / (1 + d1 / (1 + d2 / …)) by Lentz's method."""
    large = jnp.sqrt(jnp.max(jnp.maximum(a, b), initial=1.0))
    wanted = _TERMS + _TERMS_PER_ROOT * large
    terms = jnp.minimum(wanted, _MOST_TERMS).astype(jnp.int32)

    def pair(i, carry):
        m = (i + 1).astype(x.dtype)
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        return _step(odd, _step(even, carry))

    one = jnp.ones_like(x)
    start = _step(-(a + b) * x / (a + 1), (one, one, jnp.zeros_like(x)))
    value, _, _ = lax.fori_loop(0, lax.stop_gradient(terms), pair, start)
    return 1 / value


def _step(d, carry):
    value, upper, lower = carry
    upper = 1 + d / upper
    lower = 1 / (1 + d * lower)
    return value * upper * lower, upper, lower
