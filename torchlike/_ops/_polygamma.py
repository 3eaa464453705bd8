"""The derivatives of log Γ, on the whole real line.

JAX's polygamma and the derivative of its digamma hold for positive numbers; below 0
stands the reflection formula.

**Source** M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 6.4.7.
"""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
from jax import lax
from numpy.polynomial import Polynomial


@functools.cache
def _cotangent(n: int) -> tuple[float, ...]:
    """Coefficients in c = cot(πx) of the n-th derivative of π c, highest first."""
    made = Polynomial([0.0, math.pi])
    for _ in range(n):
        made = made.deriv() * Polynomial([-math.pi, 0.0, -math.pi])
    return tuple(made.coef[::-1].tolist())


def _cot(x):
    """cot(πx); the remainder is taken first, so that large x keep their digits."""
    angle = jnp.pi * (x - jnp.round(x))
    return 1 / jnp.tan(angle)


def _positive(n: int, x):
    return lax.digamma(x) if n == 0 else lax.polygamma(jnp.full_like(x, n), x)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def psi(n: int, x):
    """The n-th derivative of digamma. At the poles digamma is NaN, but ∓∞ at ±0."""
    below = x <= 0
    mirrored = jnp.where(below, 1 - x, x)
    value = _positive(n, mirrored)
    reflected = -jnp.polyval(jnp.asarray(_cotangent(n), x.dtype), _cot(x))
    sign = -1 if n % 2 else 1
    made = jnp.where(below, sign * value + reflected, value)
    pole = below & (x == jnp.round(x))
    if n == 1:
        made = jnp.where(x == jnp.inf, 0, made)
    if n:
        return jnp.where(pole, -sign * jnp.inf, made).astype(x.dtype)
    at_pole = jnp.where(x == 0, -jnp.copysign(jnp.inf, x), jnp.nan)
    return jnp.where(pole, at_pole, made).astype(x.dtype)


@psi.defjvp
def _psi_jvp(n, primals, tangents):
    (x,), (dx,) = primals, tangents
    return psi(n, x), psi(n + 1, x) * dx


@jax.custom_jvp
def log_gamma(x):
    """log |Γ(x)|."""
    return lax.lgamma(x)


@log_gamma.defjvp
def _log_gamma_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    return log_gamma(x), psi(0, x) * dx
