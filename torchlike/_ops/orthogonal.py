"""Orthogonal polynomials of degree n, each by its recurrence.

A degree may be a tensor, whose numbers are cut to integers; a negative one gives 0.
**Source** M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, chapter 22.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from ._check import float_only, some_tensor
from ._op import Array, pointwise


def _polynomial(function):
    return pointwise(
        function,
        to_float=True,
        scope="special",
        method=False,
        inplace=False,
        differentiable=False,
        check=some_tensor(f"special_{function.__name__}"),
    )


def _arguments(x, n):
    """Both in one shape, degrees as whole numbers."""
    x, n = jnp.broadcast_arrays(x, n)
    return x, jnp.trunc(n)


_FEW = 6  # degrees up to which PyTorch uses the recurrence inside of (-1, 1) too


def _recurrence(x, n, first, step):
    """P[n] of P[0] = 1, P[1] = first, P[k + 1] = step(k, P[k], P[k - 1])."""
    count = jnp.where(jnp.isfinite(n), n, 0)
    last = jnp.max(count, initial=0).astype(jnp.int64)

    def advance(k, carry):
        now, before = carry
        following = step(k.astype(x.dtype), now, before)
        go_on = k < n
        return jnp.where(go_on, following, now), jnp.where(go_on, now, before)

    one = jnp.ones_like(x)
    made, _ = lax.fori_loop(1, last, advance, (first, one))
    return jnp.where(n < 0, 0, jnp.where(n == 0, 1, made))


def _even(n):
    return n % 2 == 0


def _of_chebyshev(x, n, first, inside, right, left, few=_FEW):
    """Twice the first Chebyshev recurrence; closed forms where there are some.

    ``inside`` is for (-1, 1), ``right`` and ``left`` are the values at 1 and -1.
    """
    made = _recurrence(x, n, first, lambda k, p, q: 2 * x * p - q)
    closed = (n > few) & (jnp.abs(x) < 1)
    made = jnp.where(closed, inside(jnp.arccos(jnp.clip(x, -1, 1))), made)
    ends = jnp.where(x > 0, right, jnp.where(_even(n), left, -left))
    return jnp.where((jnp.abs(x) == 1) & (n >= 0), ends, made)


def _t(x, n):
    return _of_chebyshev(x, n, x, lambda a: jnp.cos(n * a), 1, 1)


def _u(x, n):
    def inside(a):
        return jnp.sin((n + 1) * a) / jnp.sin(a)

    return _of_chebyshev(x, n, 2 * x, inside, n + 1, n + 1, 8)


def _v(x, n):
    def inside(a):
        return jnp.cos((n + 0.5) * a) / jnp.cos(a / 2)

    return _of_chebyshev(x, n, 2 * x - 1, inside, 1, 2 * n + 1, 8)


def _w(x, n):
    def inside(a):
        return jnp.sin((n + 0.5) * a) / jnp.sin(a / 2)

    return _of_chebyshev(x, n, 2 * x + 1, inside, 2 * n + 1, 1, 8)


@_polynomial
def chebyshev_polynomial_t(input: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the first kind."""
    float_only("chebyshev_polynomial_t_cpu", input)
    return _t(*_arguments(input, n))


@_polynomial
def chebyshev_polynomial_u(input: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the second kind."""
    float_only("chebyshev_polynomial_u_cpu", input)
    return _u(*_arguments(input, n))


@_polynomial
def chebyshev_polynomial_v(input: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the third kind."""
    float_only("chebyshev_polynomial_v_cpu", input)
    return _v(*_arguments(input, n))


@_polynomial
def chebyshev_polynomial_w(input: Array, n: Array) -> Array:
    """The Chebyshev polynomial of the fourth kind."""
    float_only("chebyshev_polynomial_w_cpu", input)
    return _w(*_arguments(input, n))


@_polynomial
def shifted_chebyshev_polynomial_t(input: Array, n: Array) -> Array:
    """``chebyshev_polynomial_t`` of 2 · input - 1."""
    float_only("shifted_chebyshev_polynomial_t_cpu", input)
    return _t(*_arguments(2 * input - 1, n))


@_polynomial
def shifted_chebyshev_polynomial_u(input: Array, n: Array) -> Array:
    """``chebyshev_polynomial_u`` of 2 · input - 1."""
    float_only("shifted_chebyshev_polynomial_u_cpu", input)
    return _u(*_arguments(2 * input - 1, n))


@_polynomial
def shifted_chebyshev_polynomial_v(input: Array, n: Array) -> Array:
    """``chebyshev_polynomial_v`` of 2 · input - 1."""
    float_only("shifted_chebyshev_polynomial_v_cpu", input)
    return _v(*_arguments(2 * input - 1, n))


@_polynomial
def shifted_chebyshev_polynomial_w(input: Array, n: Array) -> Array:
    """``chebyshev_polynomial_w`` of 2 · input - 1."""
    float_only("shifted_chebyshev_polynomial_w_cpu", input)
    return _w(*_arguments(2 * input - 1, n))


# ----- Hermite, Laguerre, Legendre ---------------------------------------------------


def _too_high(x, n):
    """PyTorch refuses Hermite polynomials of degrees that overflow."""
    return n > (128 if x.dtype == jnp.float32 else 512)


@_polynomial
def hermite_polynomial_h(input: Array, n: Array) -> Array:
    """The physicists' Hermite polynomial."""
    float_only("hermite_polynomial_h_cpu", input)
    x, n = _arguments(input, n)
    capped = jnp.where(_too_high(x, n), 0, n)
    made = _recurrence(x, capped, 2 * x, lambda k, p, q: 2 * x * p - 2 * k * q)
    return jnp.where(_too_high(x, n), jnp.nan, made)


@_polynomial
def hermite_polynomial_he(input: Array, n: Array) -> Array:
    """The probabilists' Hermite polynomial."""
    float_only("hermite_polynomial_he_cpu", input)
    x, n = _arguments(input, n)
    capped = jnp.where(_too_high(x, n), 0, n)
    made = _recurrence(x, capped, x, lambda k, p, q: x * p - k * q)
    return jnp.where(_too_high(x, n), jnp.nan, made)


@_polynomial
def laguerre_polynomial_l(input: Array, n: Array) -> Array:
    """The Laguerre polynomial."""
    float_only("laguerre_polynomial_l_cpu", input)
    x, n = _arguments(input, n)

    def step(k, p, q):
        return ((2 * k + 1 - x) * p - k * q) / (k + 1)

    return _recurrence(x, n, 1 - x, step)


@_polynomial
def legendre_polynomial_p(input: Array, n: Array) -> Array:
    """The Legendre polynomial."""
    float_only("legendre_polynomial_p_cpu", input)
    x, n = _arguments(input, n)

    def step(k, p, q):
        return ((2 * k + 1) * x * p - k * q) / (k + 1)

    return _recurrence(x, n, x, step)
