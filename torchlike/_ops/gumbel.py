"""gumbel_softmax: a sample of categories through which gradients flow."""

from __future__ import annotations

import warnings

import jax
import jax.numpy as jnp
from jax import lax

from . import _fills
from ._compute import require_float, widen
from ._fills import site_of
from ._op import Array, Scalar, composite, op


def _name(static, plan) -> str:
    return "AddBackward0" if static["hard"] else "SoftmaxBackward0"


@op(name="gumbel_softmax", scope=None, method=False, backward=_name)
def _gumbel_softmax(
    logits: Array,
    exponential: Array,
    tau: Scalar = 1.0,
    hard: bool = False,
    dim: int = -1,
) -> Array:
    """The noise is -log of exponential draws."""
    require_float(logits, "softmax_lastdim_kernel_impl")
    x = widen(logits) - jnp.log(widen(exponential))
    soft = jax.nn.softmax(x / tau, axis=dim)
    if hard:
        best = jnp.argmax(soft, axis=dim, keepdims=True)
        shape = [1] * soft.ndim
        shape[dim] = -1
        one = (best == jnp.arange(soft.shape[dim]).reshape(shape)).astype(soft.dtype)
        # The value is the one-hot vector, the derivative that of the soft one.
        soft = one - lax.stop_gradient(soft) + soft
    return soft.astype(logits.dtype)


@composite(scope="nn.functional")
def gumbel_softmax(logits, tau=1.0, hard=False, eps=1e-10, dim=-1):
    """A sample near a one-hot vector, or one if ``hard``, from unnormalised logits.

    **Source** Jang et al. 2017, Maddison et al. 2017.
    """
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    draws = _fills.exponential(site_of(logits), 1.0)
    return _gumbel_softmax(logits, draws, tau, bool(hard), dim)
