"""Random factories: rand, randn, randint, randperm, normal and the ``*_like`` forms.

**Differs** ``normal`` with a tensor of standard deviations does not look for negative
ones, which would mean to wait for their values.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _dtypes
from .._errors import broadcast_shapes
from ..autograd.variable import TensorBase
from . import _device_random as on_device
from . import _fills, _write
from . import _random_checks as check
from ._draw import draw, place_of, target
from ._fill_order import memory_order
from ._fills import Site
from ._op import Array, Index, Scalar, composite, op


def _site(shape, out, dtype, device, generator, default) -> Site:
    if out is not None:
        return Site(shape, dtype or _dtype(out), place_of(out), generator)
    kind = default if dtype is None else _dtypes.as_dtype(dtype)
    return Site(shape, kind, target(device), generator)


def _dtype(tensor) -> _dtypes.dtype:
    return tensor._value().aval.dtype


def _finish(result, out, requires_grad: bool):
    if out is not None:
        result = _write.into(out, result)
    if requires_grad:
        if _dtype(result).category < 2:
            raise RuntimeError(
                "Only Tensors of floating point and complex dtype can require gradients"
            )
        result._requires_grad = True
    return result


@composite
def rand(
    *args,
    size=None,
    generator=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    """Uniform numbers in [0, 1).

    **Source** https://pytorch.org/docs/stable/generated/torch.rand.html
    """
    shape = check.sizes("rand", args, size)
    default = _dtypes.get_default_dtype()
    site = _site(shape, out, dtype, device, generator, default)
    return _finish(_fills.uniform(site), out, requires_grad)


@composite
def randn(
    *args,
    size=None,
    generator=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    """Normal numbers of mean 0 and variance 1.

    **Source** https://pytorch.org/docs/stable/generated/torch.randn.html
    """
    shape = check.sizes("randn", args, size)
    default = _dtypes.get_default_dtype()
    site = _site(shape, out, dtype, device, generator, default)
    return _finish(_fills.normal(site), out, requires_grad)


@composite
def randint(
    *args,
    low=None,
    high=None,
    size=None,
    generator=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    """``randint(low=0, high, size)``: integers in [low, high).

    **Source** https://pytorch.org/docs/stable/generated/torch.randint.html
    """
    numbers, size = _split_size("randint", list(args), size)
    low, high = _bounds("randint", numbers, low, high)
    site = _site(size, out, dtype, device, generator, _dtypes.int64)
    return _finish(_fills.integers(site, low, high), out, requires_grad)


def _split_size(name, args, size):
    """The sizes stand behind the numbers, or are named."""
    if size is None:
        if not args or hasattr(args[-1], "__index__"):
            raise TypeError(
                f"{name}() received an invalid combination of arguments: size, a "
                "tuple of ints, is missing"
            )
        size = args.pop()
    return args, check.sizes(name, (tuple(size),), None)


def _bounds(name, numbers, low, high):
    """``(high)`` or ``(low, high)``, by position or by name."""
    if len(numbers) == 2:
        low, high = numbers
    elif len(numbers) == 1:
        low, high = (numbers[0], high) if high is not None else (low, numbers[0])
    if high is None or len(numbers) > 2:
        raise TypeError(f"{name}() received an invalid combination of arguments")
    low = 0 if low is None else check.integer(name, "low", 1, low)
    return low, check.integer(name, "high", len(numbers) or 1, high)


@composite
def randperm(
    n,
    *,
    generator=None,
    out=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    pin_memory=False,
):
    """A random order of 0 … n - 1.

    **Source** https://pytorch.org/docs/stable/generated/torch.randperm.html
    """
    n = check.integer("randperm", "n", 1, n)
    check.check_size((n,))
    site = _site((n,), out, dtype, device, generator, _dtypes.int64)
    _check_permutation(n, site.dtype)
    result = draw(
        *(site.place, site.generator, site.shape, site.dtype),
        lambda g: g.permutation(n, site.dtype),
        on_device.permutation,
    )
    return _finish(result, out, requires_grad)


def _check_permutation(n: int, dtype: _dtypes.dtype) -> None:
    name = _dtypes.scalar_type_name(dtype)
    if dtype is _dtypes.bool_ or dtype.is_complex or dtype.name in check.UNSIGNED:
        raise check.not_implemented("randperm", dtype)
    most = check.largest(dtype) + dtype.is_floating_point
    if n > most:
        if dtype.is_floating_point:
            raise RuntimeError(f"n cannot be greater than {most} for {name} type.")
        raise RuntimeError(
            f"value cannot be converted to type {dtype.name}_t without overflow"
        )


# ----- like another tensor -----------------------------------------------------------


def _site_like(input, dtype, device, generator, memory_format) -> Site:
    value = input._value()
    kind = value.aval.dtype if dtype is None else _dtypes.as_dtype(dtype)
    place = value.device if device is None else target(device)
    keeps = memory_format is None or "preserve" in str(memory_format)
    order = memory_order(input) if keeps else None
    return Site(value.aval.shape, kind, place, generator, order, order is None)


@composite
def rand_like(
    input,
    *,
    generator=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    memory_format=None,
    pin_memory=False,
):
    """Uniform numbers in [0, 1) in the shape, dtype and device of ``input``."""
    site = _site_like(input, dtype, device, generator, memory_format)
    return _finish(_fills.uniform(site), None, requires_grad)


@composite
def randn_like(
    input,
    *,
    generator=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    memory_format=None,
    pin_memory=False,
):
    """Normal numbers in the shape, dtype and device of ``input``."""
    site = _site_like(input, dtype, device, generator, memory_format)
    return _finish(_fills.normal(site), None, requires_grad)


@composite
def randint_like(
    input,
    *args,
    low=None,
    high=None,
    generator=None,
    dtype=None,
    layout=None,
    device=None,
    requires_grad=False,
    memory_format=None,
    pin_memory=False,
):
    """``randint_like(input, low=0, high)``: integers in [low, high)."""
    low, high = _bounds("randint_like", list(args), low, high)
    site = _site_like(input, dtype, device, generator, memory_format)
    return _finish(_fills.integers(site, low, high), None, requires_grad)


# ----- normal ------------------------------------------------------------------------


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
    return noise if mean is None else _rounded((noise + mean).astype(noise.dtype), zero)


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
    return _finish(result, out, False)


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
    site = _site(shape, out, dtype, device, generator, default)
    return _finish(_fills.normal(site, mean, std), out, requires_grad)


def _normal_of_tensors(mean, std, generator):
    means, stds = isinstance(mean, TensorBase), isinstance(std, TensorBase)
    shapes = [x._value().aval.shape for x in (mean, std) if isinstance(x, TensorBase)]
    like = mean if means else std
    shape = broadcast_shapes(*shapes)
    site = Site(shape, _dtype(like), place_of(like), generator)
    spread = 1.0 if stds else check.number("normal", "std", 2, std)
    shift = 0.0 if means else check.number("normal", "mean", 1, mean)
    if stds and _dtype(std).is_complex:
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
