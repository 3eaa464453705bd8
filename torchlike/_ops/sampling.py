"""Samples whose distribution is a tensor: bernoulli, multinomial, poisson.

``bernoulli`` draws uniforms on the host and compares them in the trace, so that its
probabilities need not be known yet. On the CPU ``multinomial`` and ``poisson`` wait
for theirs: how many numbers they draw depends on them.

**Differs** ``bernoulli`` does not report probabilities outside of [0, 1].
"""

from __future__ import annotations

import numpy as np

from .. import _dtypes
from .._devices import CPU
from .._engine import Value, from_host
from .._streams.choice import are_weights
from ..autograd.apply import apply
from ..autograd.grad_mode import mode
from ..autograd.variable import TensorBase, of_array, wrap
from . import _device_random as on_device
from . import _fills, _write
from . import _random_checks as check
from ._draw import choose, default_generator, device_key, host, place_of
from ._fills import Site
from ._op import Array, Dtype, Index, composite, op


@op(name="bernoulli_each", scope=None, method=False, differentiable=False)
def _below(noise: Array, p: Array, dtype: Dtype) -> Array:
    """1 where the noise is below p, compared in the noise's precision."""
    return (noise < p.astype(noise.dtype)).astype(dtype.numpy_dtype)


def bernoulli_of(p: TensorBase, site: Site):
    """0 and 1 with the probabilities ``p``, which broadcast to the site."""
    aval = p._value().aval
    if site.dtype.is_complex:
        raise check.not_implemented("bernoulli_tensor_cpu_self_", site.dtype)
    check.floating("bernoulli_tensor_cpu_p_", aval.dtype)
    _check_expands(aval.shape, site.shape)
    wide = aval.dtype is _dtypes.float64
    noise = site._replace(dtype=_dtypes.float64 if wide else _dtypes.float32)
    return _below(_fills.uniform(noise), p, site.dtype)


def _check_expands(shape, target):
    offset = len(target) - len(shape)
    for i, n in enumerate(shape):
        if offset < 0 or n not in (1, target[offset + i]):
            size = target[offset + i] if offset >= 0 else len(target)
            raise RuntimeError(
                f"The expanded size of the tensor ({size}) must match the existing "
                f"size ({n}) at non-singleton dimension {max(offset, 0) + i}.  Target "
                f"sizes: {list(target)}.  Tensor sizes: {list(shape)}"
            )


@composite(method=True)
def bernoulli(input, p=None, *, generator=None, out=None):
    """0 and 1 with the probabilities in ``input``, or with the number ``p``.

    **Source** https://pytorch.org/docs/stable/generated/torch.bernoulli.html
    """
    value = input._value()
    kind = value.aval.dtype if out is None else out._value().aval.dtype
    site = Site(value.aval.shape, kind, value.device, generator)
    if p is None:
        result = bernoulli_of(input, site)
    elif isinstance(p, TensorBase):
        result = bernoulli_of(p, site)
    else:
        result = _fills.bernoulli(site, check.number("bernoulli", "p", 2, p))
    return result if out is None else _write.into(out, result)


# ----- multinomial -------------------------------------------------------------------

_MOST_CATEGORIES = 1 << 24


@composite(method=True)
def multinomial(input, num_samples, replacement=False, *, generator=None, out=None):
    """Indices of categories, drawn with the weights in the rows of ``input``.

    **Shape** ``input`` (C) or (N, C); the result (num_samples) or (N, num_samples).

    **Source** https://pytorch.org/docs/stable/generated/torch.multinomial.html
    """
    aval = input._value().aval
    num_samples = check.integer("multinomial", "num_samples", 2, num_samples)
    _check_multinomial(aval, num_samples, replacement, out)
    generator = choose(generator, place_of(input))
    if 0 in aval.shape[:-1]:
        result = wrap(from_host(np.empty((0, num_samples), np.int64), place_of(input)))
    elif generator.on_host:
        result = _sample_on_host(input, num_samples, replacement, generator)
    else:
        operands = (*device_key(generator), input)
        static = (num_samples, bool(replacement))
        (result,) = apply(_race.op, static, operands)
    return result if out is None else _write.into(out, result)


def _check_multinomial(aval, num_samples, replacement, out):
    if not 1 <= len(aval.shape) <= 2:
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if not aval.dtype.is_floating_point:
        raise RuntimeError(
            "multinomial only supports floating-point dtypes for input, got: "
            f"{_dtypes.scalar_type_name(aval.dtype)}"
        )
    if out is not None and out._value().aval.dtype is not _dtypes.int64:
        name = _dtypes.scalar_type_name(out._value().aval.dtype)
        raise RuntimeError(f"multinomial expects Long tensor out, got: {name}")
    if num_samples <= 0:
        raise RuntimeError("cannot sample n_sample <= 0 samples")
    if not replacement and num_samples > aval.shape[-1]:
        raise RuntimeError(
            "cannot sample n_sample > prob_dist.size(-1) samples without replacement"
        )
    if aval.shape[-1] > _MOST_CATEGORIES:
        raise RuntimeError("number of categories cannot exceed 2^24")


def _sample_on_host(input, num_samples, replacement, generator):
    weights = host(input)
    rows = weights.reshape(-1, weights.shape[-1])
    _check_weights(rows, replacement and num_samples > 1)
    drawn = generator.multinomial(rows, num_samples, replacement)
    shape = (*weights.shape[:-1], num_samples)
    drawn, place = drawn.reshape(shape), place_of(input)
    return of_array(drawn) if place is CPU else wrap(from_host(drawn, place))


def one_of_each(weights: TensorBase) -> TensorBase | None:
    """A category for each row of weights, along the last dimension of any number.

    It is what ``multinomial(rows, 1)`` draws, in one go where all is plain: None
    elsewhere, and where PyTorch would refuse the weights by their kind.
    """
    value = weights._value()
    if value.__class__ is not Value or value.device is not CPU or mode.levels:
        return None
    *shape, count = value.aval.shape
    wide = value.aval.dtype is _dtypes.float32 or value.aval.dtype is _dtypes.float64
    if not wide or 0 in shape or count > _MOST_CATEGORIES:
        return None
    rows = host(weights).reshape(-1, count)
    _check_weights(rows, False)
    return of_array(default_generator().multinomial(rows, 1, True).reshape(shape))


def _check_weights(rows: np.ndarray, one_by_one: bool) -> None:
    if are_weights(rows):
        return
    wide = rows.astype(np.float64)
    if one_by_one:
        if (wide < 0).any():
            raise RuntimeError(
                "invalid multinomial distribution (encountering probability entry < 0)"
            )
        if not np.isfinite(wide).all():
            raise RuntimeError(
                "invalid multinomial distribution (encountering probability entry = "
                "infinity or NaN)"
            )
    elif not ((wide >= 0) & np.isfinite(wide)).all():
        raise RuntimeError(
            "probability tensor contains either `inf`, `nan` or element < 0"
        )
    if (wide.sum(axis=-1) <= 0).any():
        raise RuntimeError(
            "invalid multinomial distribution (sum of probabilities <= 0)"
        )


@op(name="device_multinomial", scope=None, method=False, differentiable=False)
def _race(
    seed: Index,
    high_seed: Index,
    offset: Index,
    input: Array,
    num_samples: int,
    replacement: bool,
) -> Array:
    """The categories whose exponential clocks of rate ``input`` ring first."""
    key = on_device.key_of(seed, high_seed, offset)
    return on_device.race(key, input, num_samples, replacement)


# ----- poisson -----------------------------------------------------------------------


@composite
def poisson(input, generator=None):
    """Poisson samples with the rates in ``input``.

    **Source** https://pytorch.org/docs/stable/generated/torch.poisson.html
    """
    check.floating("poisson_cpu", input._value().aval.dtype)
    generator = choose(generator, place_of(input))
    if generator.on_host:
        return wrap(from_host(generator.poisson(host(input)), place_of(input)))
    operands = (*device_key(generator), input)
    return apply(on_device.poisson.op, (), operands)[0]
