"""Inverses and determinants."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax
from jax.lax import linalg as lapack

from . import _registry
from ._check import is_complex
from ._forms import overloaded
from ._matrices import SINGULAR, check_info, square, zero_pivot
from ._op import Array, op


def also(function, *names: str) -> None:
    """Publish a function of torch in torch.linalg too."""
    for name in names:
        _registry.add(name, {"": function}, None, scope="linalg", method=False)


@op(
    scope=None,
    method=False,
    name="linalg_inv_ex",
    returns=("inverse", "info"),
    backward="LinalgInvExBackward0",
)
def _inv_ex(A: Array) -> tuple:
    A = square(A, "linalg.inv")
    packed, _, _ = lapack.lu(lax.stop_gradient(A))
    return jnp.linalg.inv(A), zero_pivot(packed)


@overloaded(scope="linalg", method=False, out=True)
def inv_ex(A, *, check_errors=False):
    """The inverse and 0, or from 1 on the place of a zero pivot."""
    made = _inv_ex(A)
    if check_errors:
        check_info(made.info, "linalg.inv_ex", SINGULAR)
    return made


@overloaded(out=True)
def inverse(input):
    """The inverse; LinAlgError for a singular matrix."""
    made, info = _inv_ex(input)
    check_info(info, "linalg.inv", SINGULAR)
    return made


# ----- determinants ------------------------------------------------------------------


@op(out=True, backward="LinalgDetBackward0")
def det(input: Array) -> Array:
    """The determinant."""
    A = square(input, "linalg.det", "lu_cpu")
    return jnp.linalg.det(A) if A.shape[-1] else jnp.ones(A.shape[:-2], A.dtype)


def _slogdet(A):
    if A.shape[-1]:
        sign, logabs = jnp.linalg.slogdet(A)
        return sign, logabs
    real = jnp.finfo(A.dtype).dtype
    return jnp.ones(A.shape[:-2], A.dtype), jnp.zeros(A.shape[:-2], real)


@op(out=True, returns=("sign", "logabsdet"), backward="LinalgSlogdetBackward0")
def slogdet(input: Array) -> tuple:
    """Sign (or phase) of the determinant and log of its absolute value."""
    return _slogdet(square(input, "linalg.slogdet"))


@op
def logdet(input: Array) -> Array:
    """log of the determinant; NaN where it is negative."""
    sign, logabs = _slogdet(square(input, "logdet"))
    if is_complex(sign):
        return jnp.log(sign) + logabs
    return jnp.where(sign == -1, jnp.nan, logabs)


also(inverse, "inv")
also(det, "det")
also(slogdet, "slogdet")
