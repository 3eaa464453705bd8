"""Bessel functions of the first and second kind, orders 0 and 1.

**Source** S. L. Moshier, Cephes Math Library 2.8 (2000): up to 5 a rational function,
beyond it Hankel's asymptotic expansion.
Cephes' denominators that begin with 1 are without it here, as in PyTorch: that costs a
relative 1e-9 and more where two expansions meet, but gives PyTorch's numbers.
"""

from __future__ import annotations

import math

import jax.numpy as jnp

from ._cephes import rational
from ._check import float_only
from ._op import Array, pointwise

_FIRST = 5.0  # where the expansions meet
_ROOT = math.sqrt(2 / math.pi)
_QUARTER = math.pi / 4

# P and Q of Hankel's expansion, in (5/x)²: numerator and denominator.
_P0 = (
    (
        7.96936729297347051624e-4,
        8.28352392107440799803e-2,
        1.23953371646414299388e0,
        5.44725003058768775090e0,
        8.74716500199817011941e0,
        5.30324038235394892183e0,
        9.99999999999999997821e-1,
    ),
    (
        9.24408810558863637013e-4,
        8.56288474354474431428e-2,
        1.25352743901058953537e0,
        5.47097740330417105182e0,
        8.76190883237069594232e0,
        5.30605288235394617618e0,
        1.00000000000000000218e0,
    ),
)
_Q0 = (
    (
        -1.13663838898469149931e-2,
        -1.28252718670509318512e0,
        -1.95539544257735972385e1,
        -9.32060152123768231369e1,
        -1.77681167980488050595e2,
        -1.47077505154951170175e2,
        -5.14105326766599330220e1,
        -6.05014350600728481186e0,
    ),
    (
        6.43178256118178023184e1,
        8.56430025976980587198e2,
        3.88240183605401609683e3,
        7.24046774195652478189e3,
        5.93072701187316984827e3,
        2.06209331660327847417e3,
        2.42005740240291393179e2,
    ),
)
_P1 = (
    (
        7.62125616208173112003e-4,
        7.31397056940917570436e-2,
        1.12719608129684925192e0,
        5.11207951146807644818e0,
        8.42404590141772420927e0,
        5.21451598682361504063e0,
        1.00000000000000000254e0,
    ),
    (
        5.71323128072548699714e-4,
        6.88455908754495404082e-2,
        1.10514232634061696926e0,
        5.07386386128601488557e0,
        8.39985554327604159757e0,
        5.20982848682361821619e0,
        9.99999999999999997461e-1,
    ),
)
_Q1 = (
    (
        5.10862594750176621635e-2,
        4.98213872951233449420e0,
        7.58238284132545283818e1,
        3.66779609360150777800e2,
        7.10856304998926107277e2,
        5.97489612400613639965e2,
        2.11688757100572135698e2,
        2.52070205858023719784e1,
    ),
    (
        7.42373277035675149943e1,
        1.05644886038262816351e3,
        4.98641058337653607651e3,
        9.56231892404756170795e3,
        7.99704160447350683650e3,
        2.82619278517639096600e3,
        3.36093607810698293419e2,
    ),
)
# J near 0, in x², without its first two zeros.
_J0 = (
    (
        -4.79443220978201773821e9,
        1.95617491946556577543e12,
        -2.49248344360967716204e14,
        9.70862251047306323952e15,
    ),
    (
        4.99563147152651017219e2,
        1.73785401676374683123e5,
        4.84409658339962045305e7,
        1.11855537045356834862e10,
        2.11277520115489217587e12,
        3.10518229857422583814e14,
        3.18121955943204943306e16,
        1.71086294081043136091e18,
    ),
)
_J1 = (
    (
        -8.99971225705559398224e8,
        4.52228297998194034323e11,
        -7.27494245221818276015e13,
        3.68295732863852883286e15,
    ),
    (
        6.20836478118054335476e2,
        2.56987256757748830383e5,
        8.35146791431949253037e7,
        2.21511595479792499675e10,
        4.74914122079991414898e12,
        7.84369607876235854894e14,
        8.95222336184627338078e16,
        5.32278620332680085395e18,
    ),
)
_ZEROS0 = (5.78318596294678452118e0, 3.04712623436620863991e1)
_ZEROS1 = (1.46819706421238932572e1, 4.92184563216946036703e1)
# Y near 0, in x², without the logarithm.
_Y0 = (
    (
        1.55924367855235737965e4,
        -1.46639295903971606143e7,
        5.43526477051876500413e9,
        -9.82136065717911466409e11,
        8.75906394395366999549e13,
        -3.46628303384729719441e15,
        4.42733268572569800351e16,
        -1.84950800436986690637e16,
    ),
    (
        1.04128353664259848412e3,
        6.26107330137134956842e5,
        2.68919633393814121987e8,
        8.64002487103935000337e10,
        2.02979612750105546709e13,
        3.17157752842975028269e15,
        2.50596256172653059228e17,
    ),
)
_Y1 = (
    (
        1.26320474790178026440e9,
        -6.47355876379160291031e11,
        1.14509511541823727583e14,
        -8.12770255501325109621e15,
        2.02439475713594898196e17,
        -7.78877196265950026825e17,
    ),
    (
        5.94301592346128195359e2,
        2.35564092943068577943e5,
        7.34811944459721705660e7,
        1.87601316108706159478e10,
        3.88231277496238566008e12,
        6.20557727146953693363e14,
        6.87141087355300489866e16,
        3.97270608116560655612e18,
    ),
)


def _hankel(x, p, q, shift: float):
    """Amplitudes and phase of the expansion for large x."""
    w = _FIRST / x
    z = w * w
    phase = x - shift
    size = _ROOT / jnp.sqrt(x)
    return size * rational(z, *p), size * w * rational(z, *q), phase


def _first_near(x, quotient, zeros):
    z = x * x
    return (z - zeros[0]) * (z - zeros[1]) * rational(z, *quotient)


def _j(x, near, p, q, shift: float):
    """A function of the first kind for x ≥ 0; ``near`` is its value up to 5."""
    far_x = jnp.where(x <= _FIRST, _FIRST, x)
    a, b, phase = _hankel(far_x, p, q, shift)
    return jnp.where(x <= _FIRST, near, a * jnp.cos(phase) - b * jnp.sin(phase))


def _y(x, near, p, q, shift: float):
    """A function of the second kind; -∞ at 0 and NaN below."""
    far_x = jnp.where(x <= _FIRST, _FIRST, x)
    a, b, phase = _hankel(far_x, p, q, shift)
    made = jnp.where(x <= _FIRST, near, a * jnp.sin(phase) + b * jnp.cos(phase))
    return jnp.where(x > 0, made, jnp.where(x == 0, -jnp.inf, jnp.nan))


def _j0(x):
    x = jnp.abs(x)
    return _j(x, _first_near(x, _J0, _ZEROS0), _P0, _Q0, _QUARTER)


def _j1(x):
    size = jnp.abs(x)
    near = size * _first_near(size, _J1, _ZEROS1)
    return _j(size, near, _P1, _Q1, 3 * _QUARTER) * jnp.where(x < 0, -1, 1)


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def bessel_j0(input: Array) -> Array:
    """The Bessel function of the first kind of order 0."""
    float_only("bessel_j0_cpu", input)
    return _j0(input)


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def bessel_j1(input: Array) -> Array:
    """The Bessel function of the first kind of order 1."""
    float_only("bessel_j1_cpu", input)
    return jnp.where(input == 0, input, _j1(input))


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def bessel_y0(input: Array) -> Array:
    """The Bessel function of the second kind of order 0."""
    float_only("bessel_y0_cpu", input)
    near = rational(input * input, *_Y0) + 2 / math.pi * jnp.log(input) * _j0(input)
    return _y(input, near, _P0, _Q0, _QUARTER)


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def bessel_y1(input: Array) -> Array:
    """The Bessel function of the second kind of order 1."""
    float_only("bessel_y1_cpu", input)
    pole = _j1(input) * jnp.log(input) - 1 / input
    near = input * rational(input * input, *_Y1) + 2 / math.pi * pole
    return _y(input, near, _P1, _Q1, 3 * _QUARTER)


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def spherical_bessel_j0(x: Array) -> Array:
    """sin(x) / x, by its series near 0."""
    float_only("spherical_bessel_j0_cpu", x)
    z = x * x
    series = 1 - z / 6 * (1 - z / 20 * (1 - z / 42 * (1 - z / 72 * (1 - z / 110))))
    small = jnp.abs(x) < 0.5
    safe = jnp.where(small, 1, x)
    return jnp.where(jnp.isinf(x), 0, jnp.where(small, series, jnp.sin(safe) / safe))
