"""Special functions: error, gamma, Bessel and entropy functions."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy import special as jsp

from ._check import real_only, some_tensor, tensors_only
from ._forms import overloaded
from ._op import Array, pointwise
from ._polygamma import hurwitz, log_gamma, psi


@pointwise(to_float=True)
def erf(input: Array) -> Array:
    """2/√π ∫₀ˣ e^(-t²) dt."""
    real_only("erf_vml_cpu", input)
    return lax.erf(input)


@pointwise(to_float=True)
def erfc(input: Array) -> Array:
    """1 - erf(input)."""
    real_only("erfc_vml_cpu", input)
    return lax.erfc(input)


@pointwise(to_float=True)
def erfinv(input: Array) -> Array:
    """The inverse of erf."""
    real_only("erfinv_vml_cpu", input)
    return lax.erf_inv(input)


@pointwise(to_float=True)
def lgamma(input: Array) -> Array:
    """log |Γ(input)|."""
    real_only("lgamma_vml_cpu", input)
    return log_gamma(input)


@pointwise(to_float=True)
def digamma(input: Array) -> Array:
    """The derivative of lgamma; ∓∞ at ±0."""
    real_only("digamma", input)
    return psi(0, input)


@pointwise(name="polygamma", scope=None, method=False, to_float=True)
def _polygamma(input: Array, n: int) -> Array:
    real_only("polygamma", input)
    return psi(n, input)


@overloaded(method=False, out=True)
def polygamma(n, input):
    """The n-th derivative of digamma."""
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return _polygamma(input, n)


@overloaded(scope=None, method="polygamma", name="_polygamma_method", inplace=True)
def _method(self, n):
    return polygamma(n, self)


@pointwise(to_float=True)
def mvlgamma(input: Array, p: int) -> Array:
    """The log of the multivariate gamma function of dimension p."""
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    return jsp.multigammaln(input, p)


@jax.custom_jvp
def _i0(x):
    return jsp.i0(x)


@_i0.defjvp
def _i0_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    return _i0(x), _i1(x) * dx


@jax.custom_jvp
def _i1(x):
    return jsp.i1(x)


@_i1.defjvp
def _i1_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    zero = x == 0
    slope = _i0(x) - _i1(x) / jnp.where(zero, 1, x)
    return _i1(x), jnp.where(zero, 0.5, slope) * dx


@pointwise(to_float=True)
def i0(input: Array) -> Array:
    """The modified Bessel function of order 0."""
    real_only("i0_vml_cpu", input)
    return _i0(input)


@pointwise(to_float=True, scope="special", method=False, inplace=False)
def i0e(input: Array) -> Array:
    """e^-|x| i0(x)."""
    return jsp.i0e(input)


@pointwise(to_float=True, scope="special", method=False, inplace=False)
def i1(input: Array) -> Array:
    """The modified Bessel function of order 1."""
    return _i1(input)


@pointwise(to_float=True, scope="special", method=False, inplace=False)
def i1e(input: Array) -> Array:
    """e^-|x| i1(x)."""
    return jsp.i1e(input)


@pointwise(to_float=True, scope="special", method=False, inplace=False)
def entr(input: Array) -> Array:
    """-x log x; 0 at 0, -∞ below."""
    real_only("entr_cpu", input)
    return jsp.entr(input)


@pointwise(to_float=True, scope="special", method=False, inplace=False)
def ndtr(input: Array) -> Array:
    """The area under the standard normal density up to x."""
    return jax.scipy.special.ndtr(input)


@pointwise(to_float=True, scope="special", method=False, inplace=False)
def ndtri(input: Array) -> Array:
    """The inverse of ndtr."""
    return jsp.ndtri(input)


@pointwise(to_float=True, scope="special", method=False, inplace=False)
def log_ndtr(input: Array) -> Array:
    """log of ndtr."""
    return jsp.log_ndtr(input)


@pointwise(to_float=True, scope="special", method=False, inplace=False)
def erfcx(input: Array) -> Array:
    """e^(x²) erfc(x): beyond ``meet`` by its asymptotic series."""
    meet = 9 if input.dtype == jnp.float32 else 12
    small = jnp.minimum(input, meet)
    direct = jnp.exp(small * small) * lax.erfc(small)
    large = jnp.maximum(input, meet)
    inverse, series = 1 / (2 * large * large), 1.0
    for odd in (15, 13, 11, 9, 7, 5, 3, 1):
        series = 1 - odd * inverse * series
    tail = series / (large * jnp.sqrt(jnp.pi).astype(input.dtype))
    return jnp.where(input < meet, direct, tail)


@pointwise(
    to_float=True,
    scope="special",
    method=False,
    inplace=False,
    check=some_tensor("special_xlog1py"),
)
def xlog1py(input: Array, other: Array) -> Array:
    """input · log(1 + other), 0 where ``input`` is 0."""
    zero = (input == 0) & ~((other > -1) & (other < jnp.inf))
    value = input * jnp.log1p(jnp.where(zero, 0, other))
    return jnp.where(other != other, other, jnp.where(zero, 0, value))


@pointwise(
    to_float=True,
    scope="special",
    method=False,
    inplace=False,
    check=some_tensor("special_zeta"),
)
def zeta(input: Array, other: Array) -> Array:
    """The Hurwitz zeta function."""
    return hurwitz(input, other)


@pointwise(to_float=True, check=tensors_only("igamma"))
def igamma(input: Array, other: Array) -> Array:
    """The regularised lower incomplete gamma function."""
    return lax.igamma(*jnp.broadcast_arrays(input, other))


@pointwise(to_float=True, check=tensors_only("igammac"))
def igammac(input: Array, other: Array) -> Array:
    """The regularised upper incomplete gamma function."""
    return lax.igammac(*jnp.broadcast_arrays(input, other))
