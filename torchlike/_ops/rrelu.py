"""Randomised leaky ReLU: the slopes are drawn on the host and enter as an input.

PyTorch spends a number on each element that is not positive and on no other, so on
the CPU the call waits for the values of its input.

**Source** B. Xu et al., Empirical Evaluation of Rectified Activations, 2015
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from .. import _dtypes
from .._engine import from_host
from ..autograd.variable import wrap
from . import _fills, _write
from . import _random_checks as check
from ._draw import choose, host, place_of
from ._fills import Site
from ._op import Array, Scalar, composite, op

_LOWER, _UPPER = 1 / 8, 1 / 3


@op(name="rrelu_slopes", scope=None, method=False, backward="RreluWithNoiseBackward0")
def _scaled(input: Array, slopes: Array) -> Array:
    """input · slope where not positive; the derivative at 0 is the slope."""
    return jnp.where(input <= 0, input * slopes.astype(input.dtype), input)


@op(name="rrelu_mean", scope=None, method=False, backward="LeakyReluBackward0")
def _leaky(input: Array, slope: Scalar) -> Array:
    return jnp.where(input > 0, input, (input * slope).astype(input.dtype))


def _slopes(input, lower: float, upper: float, generator):
    """A slope for each element that is not positive, 1 for the others."""
    aval, place = input._value().aval, place_of(input)
    if place.type == "meta" or not choose(generator, place).on_host:
        kind = aval.dtype if aval.dtype is _dtypes.float64 else _dtypes.float32
        return _fills.uniform(Site(aval.shape, kind, place, generator), lower, upper)
    down = host(input) <= 0
    slopes = np.ones(aval.shape, np.float64)
    if aval.dtype is not _dtypes.float64:  # the bounds are rounded first
        lower, upper = float(np.float32(lower)), float(np.float32(upper))
    unit = choose(generator, place).uniform((int(down.sum()),), _dtypes.float64)
    slopes[down] = unit * (upper - lower) + lower
    return wrap(from_host(slopes.astype(aval.dtype.numpy_dtype), place))


@composite
def rrelu(input, lower=_LOWER, upper=_UPPER, training=False, generator=None):
    """input where positive, else input · slope, random in [lower, upper) in training.

    **Source** https://pytorch.org/docs/stable/generated/torch.nn.functional.rrelu.html
    """
    lower, upper = float(lower), float(upper)
    if lower > upper:
        raise RuntimeError(
            "Lower bound should be less than or equal to the upper bound"
        )
    if not training:
        return _leaky(input, (lower + upper) / 2)
    check.floating("rrelu_with_noise_out_cpu", input._value().aval.dtype)
    return _scaled(input, _slopes(input, lower, upper, generator))


@composite
def rrelu_(input, lower=_LOWER, upper=_UPPER, training=False, generator=None):
    """``rrelu`` in place."""
    _write.check_inplace(input)
    _write.overwrite(input, rrelu(input, lower, upper, training, generator))
    return input


@composite(name="rrelu", scope="nn.functional")
def functional_rrelu(input, lower=_LOWER, upper=_UPPER, training=False, inplace=False):
    """Randomised leaky ReLU.

    **Source** https://pytorch.org/docs/stable/generated/torch.nn.functional.rrelu.html
    """
    return (rrelu_ if inplace else rrelu)(input, lower, upper, training)


@composite(name="rrelu_", scope="nn.functional")
def functional_rrelu_(input, lower=_LOWER, upper=_UPPER, training=False):
    """``rrelu`` in place."""
    return rrelu_(input, lower, upper, training)
