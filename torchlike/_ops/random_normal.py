"""Normal numbers of given means and standard deviations.

**Differs** with a tensor of standard deviations it does not look for negative ones,
which would mean to wait for their values.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _dtypes
from .._errors import broadcast_shapes
from ..autograd.variable import TensorBase
from . import _fills
from . import _random_checks as check
from ._draw import place_of
from ._fills import Site
from ._op import Array, Index, Scalar, composite, op
from .random import finish, site_of


@op(name="scaled_noise", scope=None, method=False, differentiable=False)
def _scaled_noise(
    noise: Array, mean: Array | None, std: Array | None, zero: Index
) -> Array:
    """mean + std · noise, rounded after each step to the dtype of the noise.

    ``zero`` is 0, which the compiler does not know: so product and sum stay apart.
    """
    if std is not None:
        noise = (noise * std).astype(noise.dtype)
        if mean is not None:
            noise = _rounded(noise, zero)
    return noise if mean is None else (noise + mean).astype(noise.dtype)


def _rounded(x, zero):
    """``x`` as it is, not to be kept at a higher precision."""
    if jnp.iscomplexobj(x):
        return x
    bits = np.dtype(f"int{8 * x.dtype.itemsize}")
    held = lax.bitcast_convert_type(x, bits) ^ zero.astype(bits)
    return lax.bitcast_convert_type(held, x.dtype)


@composite
def normal(
    mean,
    std=None,
    size=None,
    *,
    generator=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    """Normal numbers of given means and standard deviations.

    ``mean`` and ``std`` are numbers (then ``size`` is due) or tensors of shapes that
    broadcast; a missing ``std`` beside a tensor is 1.

    **Source** https://pytorch.org/docs/stable/generated/torch.normal.html
    """
    if not isinstance(mean, TensorBase) and not isinstance(std, TensorBase):
        return _normal_of_numbers(
            *(mean, std, size, generator, out, dtype, device, requires_grad)
        )
    result = _normal_of_tensors(mean, 1.0 if std is None else std, generator)
    return finish(result, out, False)


def _normal_of_numbers(mean, std, size, generator, out, dtype, device, requires_grad):
    if size is None or std is None:
        kinds = ", ".join(type(x).__name__ for x in (mean, std) if x is not None)
        raise TypeError(
            "normal() received an invalid combination of arguments - got "
            f"({kinds}), but expected mean, std and a tuple of ints size"
        )
    mean = check.number("normal", "mean", 1, mean)
    std = check.number("normal", "std", 2, std)
    shape = check.sizes("normal", (), size)
    default = _dtypes.get_default_dtype()
    site = site_of(shape, out, dtype, device, generator, default)
    return finish(_fills.normal(site, mean, std), out, requires_grad)


def _normal_of_tensors(mean, std, generator):
    means, stds = isinstance(mean, TensorBase), isinstance(std, TensorBase)
    shapes = [x._value().aval.shape for x in (mean, std) if isinstance(x, TensorBase)]
    like = mean if means else std
    shape = broadcast_shapes(*shapes)
    site = Site(shape, like._value().aval.dtype, place_of(like), generator)
    spread = 1.0 if stds else check.number("normal", "std", 2, std)
    shift = 0.0 if means else check.number("normal", "mean", 1, mean)
    if stds and std._value().aval.dtype.is_complex:
        raise RuntimeError("normal expects standard deviation to be non-complex")
    if not stds:
        noise = _fills.normal(site, 0.0, spread)
        return _scaled_noise(noise, mean, None, 0)
    noise = _fills.normal(site)
    return _scaled_noise(noise, mean if means else _shift(noise, shift), std, 0)


def _shift(noise, mean: float):
    return None if mean == 0 else _constant(noise, mean)


@op(name="constant_like", scope=None, method=False, differentiable=False)
def _constant(input: Array, value: Scalar) -> Array:
    return value.astype(input.dtype)
