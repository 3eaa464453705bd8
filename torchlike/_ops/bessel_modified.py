"""Modified Bessel functions of orders 0 and 1.

**Source** S. L. Moshier, Cephes Math Library 2.8 (2000): Chebyshev sums on (0, 2] and
beyond.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax.scipy import special as jsp

from ._cephes import chebyshev
from ._check import float_only
from ._op import Array, pointwise

_K0_NEAR = (
    1.37446543561352307156e-16,
    4.25981614279661018399e-14,
    1.03496952576338420167e-11,
    1.90451637722020886025e-9,
    2.53479107902614945675e-7,
    2.28621210311945178607e-5,
    1.26461541144692592338e-3,
    3.59799365153615016266e-2,
    3.44289899924628486886e-1,
    -5.35327393233902768720e-1,
)
_K0_FAR = (
    5.30043377268626276149e-18,
    -1.64758043015242134646e-17,
    5.21039150503902756861e-17,
    -1.67823109680541210385e-16,
    5.51205597852431940784e-16,
    -1.84859337734377901440e-15,
    6.34007647740507060557e-15,
    -2.22751332699166985548e-14,
    8.03289077536357521100e-14,
    -2.98009692317273043925e-13,
    1.14034058820847496303e-12,
    -4.51459788337394416547e-12,
    1.85594911495471785253e-11,
    -7.95748924447710747776e-11,
    3.57739728140030116597e-10,
    -1.69753450938905987466e-9,
    8.57403401741422608519e-9,
    -4.66048989768794782956e-8,
    2.76681363944501510342e-7,
    -1.83175552271911948767e-6,
    1.39498137188764993662e-5,
    -1.28495495816278026384e-4,
    1.56988388573005337491e-3,
    -3.14481013119645005427e-2,
    2.44030308206595545468e0,
)
_K1_NEAR = (
    -7.02386347938628759343e-18,
    -2.42744985051936593393e-15,
    -6.66690169419932900609e-13,
    -1.41148839263352776110e-10,
    -2.21338763073472585583e-8,
    -2.43340614156596823496e-6,
    -1.73028895751305206302e-4,
    -6.97572385963986435018e-3,
    -1.22611180822657148235e-1,
    -3.53155960776544875667e-1,
    1.52530022733894777053e0,
)
_K1_FAR = (
    -5.75674448366501715755e-18,
    1.79405087314755922667e-17,
    -5.68946255844285935196e-17,
    1.83809354436663880070e-16,
    -6.05704724837331885336e-16,
    2.03870316562433424052e-15,
    -7.01983709041831346144e-15,
    2.47715442448130437068e-14,
    -8.97670518232499435011e-14,
    3.34841966607842919884e-13,
    -1.28917396095102890680e-12,
    5.13963967348173025100e-12,
    -2.12996783842756842877e-11,
    9.21831518760500529508e-11,
    -4.19035475934189648750e-10,
    2.01504975519703286596e-9,
    -1.03457624656780970260e-8,
    5.74108412545004946722e-8,
    -3.50196060308781257119e-7,
    2.40648494783721712015e-6,
    -1.93619797416608296024e-5,
    1.95215518471351631108e-4,
    -2.85781685962277938680e-3,
    1.03923736576817238437e-1,
    2.72062619048444266945e0,
)


def _near0(x):
    """K₀ up to 2."""
    return chebyshev(x * x - 2, _K0_NEAR) - jnp.log(x / 2) * jsp.i0(x)


def _near1(x):
    """K₁ up to 2."""
    return jnp.log(x / 2) * jsp.i1(x) + chebyshev(x * x - 2, _K1_NEAR) / x


def _k(x, near, far, scaled: bool):
    """K, or e^x K; ∞ at 0 and NaN below."""
    small = x <= 2
    low, high = jnp.where(small, x, 2), jnp.where(small, 2, x)
    first, second = near(low), chebyshev(8 / high - 2, far) / jnp.sqrt(high)
    if scaled:
        first = first * jnp.exp(low)
    else:
        second = second * jnp.exp(-high)
    made = jnp.where(small, first, second)
    return jnp.where(x < 0, jnp.nan, jnp.where(x == 0, jnp.inf, made))


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def modified_bessel_i0(input: Array) -> Array:
    """The modified Bessel function of the first kind of order 0."""
    float_only("modified_bessel_i0_cpu", input)
    return jsp.i0(input)


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def modified_bessel_i1(input: Array) -> Array:
    """The modified Bessel function of the first kind of order 1."""
    float_only("modified_bessel_i1_cpu", input)
    return jsp.i1(input)


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def modified_bessel_k0(input: Array) -> Array:
    """The modified Bessel function of the second kind of order 0."""
    float_only("modified_bessel_k0_cpu", input)
    return _k(input, _near0, _K0_FAR, scaled=False)


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def modified_bessel_k1(input: Array) -> Array:
    """The modified Bessel function of the second kind of order 1."""
    float_only("modified_bessel_k1_cpu", input)
    return _k(input, _near1, _K1_FAR, scaled=False)


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def scaled_modified_bessel_k0(x: Array) -> Array:
    """e^x times ``modified_bessel_k0``."""
    float_only("scaled_modified_bessel_k0_cpu", x)
    return _k(x, _near0, _K0_FAR, scaled=True)


@pointwise(
    to_float=True, scope="special", method=False, inplace=False, differentiable=False
)
def scaled_modified_bessel_k1(x: Array) -> Array:
    """e^x times ``modified_bessel_k1``."""
    float_only("scaled_modified_bessel_k1_cpu", x)
    return _k(x, _near1, _K1_FAR, scaled=True)
