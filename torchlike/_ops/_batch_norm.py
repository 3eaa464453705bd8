"""Batch normalisation with the derivative put so that it takes two sums."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import lax


def standardise_channels(x, weight, bias, eps: float):
    """x with mean 0 and variance 1 for each channel, scaled and shifted.

    Also the means and the variances. ``weight`` and ``bias`` may be None.
    """
    channels = x.shape[1]
    flat = x.reshape(*x.shape[:2], -1) if x.size else x.reshape(*x.shape[:2], 0)
    weight = jnp.ones(channels, x.dtype) if weight is None else weight
    bias = jnp.zeros(channels, x.dtype) if bias is None else bias
    out, mean, var = _standardise(flat, weight.reshape(-1), bias.reshape(-1), eps)
    return out.reshape(x.shape), mean, var


def _each(values):
    return values[None, :, None]


def _mean(x):
    """The mean of each channel; on CPUs over the neighbours in memory first."""
    count = x.shape[0] * x.shape[2]
    if jax.default_backend() == "cpu":
        return x.sum(2).sum(0) / count
    return x.sum((0, 2)) / count


def _spread(values, like):
    """A number for each channel, such that the transpose is ``_mean``'s sum."""
    rows = jnp.broadcast_to(values[None, :], like.shape[:2])
    return jnp.broadcast_to(rows[:, :, None], like.shape)


@partial(jax.custom_jvp, nondiff_argnums=(3,))
def _standardise(x, weight, bias, eps):
    mean = _mean(x)
    centred = x - _each(mean)
    var = _mean(jnp.square(centred))
    return centred * _each(lax.rsqrt(var + eps) * weight) + _each(bias), mean, var


@_standardise.defjvp
def _push(eps, primals, tangents):
    """Each of x and the standardised x is met by one number a channel.

    The transpose, which is what training computes, is then made of two sums.
    """
    (x, weight, _), (dx, dweight, dbias) = primals, tangents
    out, mean, var = _standardise(*primals, eps)
    inverse = lax.rsqrt(var + eps)
    standard = (x - _each(mean)) * _each(inverse)
    scale = weight * inverse
    dmean, along = _mean(dx), _mean(standard * dx)
    dout = _each(scale) * dx
    dout += _spread(dbias - scale * dmean, x)
    dout += standard * _spread(dweight - scale * along, x)
    return (out, mean, var), (dout, dmean, 2 * along / inverse)
