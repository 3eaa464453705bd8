"""The Airy function.

**Source** S. L. Moshier, Cephes Math Library 2.8 (2000): the power series between
-2.09 and 2.09, asymptotic expansions with rational functions beyond.
Cephes' denominators that begin with 1 are without it here, as in PyTorch: that costs a
relative 1e-9 and more where two expansions meet, but gives PyTorch's numbers.
"""

from __future__ import annotations

import math

import jax.numpy as jnp

from ._cephes import rational
from ._check import float_only
from ._op import Array, pointwise

_MEET = 2.09
_LARGEST = 103.892  # beyond it the result is 0
_ROOT = 1 / math.sqrt(math.pi)
_AI0, _SLOPE0 = 0.355028053887817239260, 0.258819403792806798405
_TERMS = 16  # of the power series: 9.13^16 / 48! is nothing

_RIGHT = (
    (
        3.46538101525629032477e-1,
        1.20075952739645805542e1,
        7.62796053615234516538e1,
        1.68089224934630576269e2,
        1.59756391350164413639e2,
        7.05360906840444183113e1,
        1.40264691163389668864e1,
        9.99999999999999995305e-1,
    ),
    (
        5.67594532638770212846e-1,
        1.47562562584847203173e1,
        8.45138970141474626562e1,
        1.77318088145400459522e2,
        1.64234692871529701831e2,
        7.14778400825575695274e1,
        1.40959135607834029598e1,
        1.00000000000000000470e0,
    ),
)
_LEFT_SINE = (
    (
        -1.31696323418331795333e-1,
        -6.26456544431912369773e-1,
        -6.93158036036933542233e-1,
        -2.79779981545119124951e-1,
        -4.91900132609500318020e-2,
        -4.06265923594885404393e-3,
        -1.59276496239262096340e-4,
        -2.77649108155232920844e-6,
        -1.67787698489114633780e-8,
    ),
    (
        1.33560420706553243746e1,
        3.26825032795224613948e1,
        2.67367040941499554804e1,
        9.18707402907259625840e0,
        1.47529146771666414581e0,
        1.15687173795188044134e-1,
        4.40291641615211203805e-3,
        7.54720348287414296618e-5,
        4.51850092970580378464e-7,
    ),
)
_LEFT_COSINE = (
    (
        1.97339932091685679179e-2,
        3.91103029615688277255e-1,
        1.06579897599595591108e0,
        9.39169229816650230044e-1,
        3.51465656105547619242e-1,
        6.33888919628925490927e-2,
        5.85804113048388458567e-3,
        2.82851600836737019778e-4,
        6.98793669997260967291e-6,
        8.11789239554389293311e-8,
        3.41551784765923618484e-10,
    ),
    (
        9.30892908077441974853e0,
        1.98352928718312140417e1,
        1.55646628932864612953e1,
        5.47686069422975497931e0,
        9.54293611618961883998e-1,
        8.64580826352392193095e-2,
        4.12656523824222607191e-3,
        1.01259085116509135510e-4,
        1.17166733214413521882e-6,
        4.91834570062930015649e-9,
    ),
)


def _left(x):
    """Ai(-x) for a large x."""
    root = jnp.sqrt(x)
    angle = 2 * x * root / 3
    z = 1 / angle
    sine = 1 + z * z * rational(z * z, *_LEFT_SINE)
    cosine = z * rational(z * z, *_LEFT_COSINE)
    phase = angle + math.pi / 4
    size = _ROOT / jnp.sqrt(root)
    return size * (jnp.sin(phase) * sine - jnp.cos(phase) * cosine)


def _right(x):
    """Ai(x) for a large x."""
    root = jnp.sqrt(x)
    z = 2 * x * root / 3
    return _ROOT * rational(1 / z, *_RIGHT) / (2 * jnp.sqrt(root) * jnp.exp(z))


def _middle(x):
    """The two power series of Ai near 0."""
    cube = x * x * x
    even = first = jnp.ones_like(x)
    odd = second = x
    for n in range(3, 3 * _TERMS, 3):
        first = first * cube / (n * (n - 1))
        second = second * cube / (n * (n + 1))
        even, odd = even + first, odd + second
    return _AI0 * even - _SLOPE0 * odd


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def airy_ai(x: Array) -> Array:
    """The Airy function Ai: the falling solution of y'' = xy."""
    float_only("airy_ai_cpu", x)
    size = jnp.abs(x)
    far = jnp.where(size < _MEET, _MEET, size)
    made = jnp.where(x < 0, _left(far), jnp.where(x > _LARGEST, 0, _right(far)))
    made = jnp.where(size < _MEET, _middle(jnp.where(size < _MEET, x, 0)), made)
    return jnp.where(jnp.isfinite(x), made, jnp.nan)
