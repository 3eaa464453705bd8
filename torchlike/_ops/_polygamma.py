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
from jax.custom_derivatives import SymbolicZero
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
        # PyTorch's sin(πx) is not quite 0 at the poles.
        at_pole = jnp.square(jnp.pi / jnp.sin(jnp.pi * x))
        return jnp.where(pole & (x < 0), at_pole, jnp.where(pole, jnp.inf, made))
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


@jax.custom_jvp
def hurwitz(s, q):
    """ζ(s, q): JAX's from q = 1 up, below that sums of 1 / (q + k)^s before it."""
    missing = jnp.where((q < 1) & jnp.isfinite(q), jnp.ceil(1 - q), 0)

    def add(k, total):
        term = jnp.where(k < missing, (q + k) ** -s, 0)
        return total + term.astype(total.dtype)

    last = jnp.max(missing, initial=0).astype(jnp.int32)
    sums = lax.fori_loop(
        0, last, add, jnp.zeros(jnp.broadcast_shapes(s.shape, q.shape), q.dtype)
    )
    made = sums + lax.zeta(*jnp.broadcast_arrays(s, q + missing))
    below = q <= 0
    made = jnp.where(below & (s != jnp.floor(s)), jnp.nan, made)
    made = jnp.where(below & (q == jnp.floor(q)), jnp.inf, made)
    return jnp.where(s == 1, jnp.inf, jnp.where(s < 1, jnp.nan, made)).astype(q.dtype)


def _hurwitz_jvp(primals, tangents):
    (s, q), (ds, dq) = primals, tangents
    if type(ds) is not SymbolicZero:
        raise NotImplementedError("the derivative for 'zeta' is not implemented.")
    return hurwitz(s, q), -s * hurwitz(s + 1, q) * dq


hurwitz.defjvp(_hurwitz_jvp, symbolic_zeros=True)
