"""Polynomials, quotients and Chebyshev sums, as the Cephes library evaluates them.

**Source** S. L. Moshier, Cephes Math Library 2.8 (2000), https://www.netlib.org/cephes
"""

from __future__ import annotations

import jax.numpy as jnp


def polynomial(x, coefficients):
    """Σ c[i] x^(n-1-i), by Horner's rule."""
    made = jnp.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        made = made * x + c
    return made


def rational(x, above, below):
    """The quotient of two polynomials."""
    return polynomial(x, above) / polynomial(x, below)


def chebyshev(x, coefficients):
    """A sum of Chebyshev polynomials of x/2, by Clenshaw's rule; half the first one."""
    before = last = jnp.zeros_like(x)
    for c in coefficients:
        earlier, before, last = before, last, x * last - before + c
    return (last - earlier) / 2
