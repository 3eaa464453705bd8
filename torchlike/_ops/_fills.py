"""One random fill of a shape: checked, drawn in PyTorch's order, wrapped.

The factories, the ``*_like`` forms and the in-place methods differ only in where
shape, dtype, device and order come from: a ``Site``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from .. import _dtypes
from .._devices import device
from ..autograd.variable import TensorBase
from . import _device_random as on_device
from . import _random_checks as check
from ._draw import Generator, draw
from ._fill_order import in_order, is_contiguous, memory_order


class Site(NamedTuple):
    """What is to be filled."""

    shape: tuple[int, ...]
    dtype: _dtypes.dtype
    place: device
    generator: Generator | None = None
    order: tuple[int, ...] | None = None
    contiguous: bool = True


def site_of(tensor: TensorBase, generator=None) -> Site:
    """The site of an in-place fill."""
    value = tensor._value()
    shape, dtype = value.aval.shape, value.aval.dtype
    dense = is_contiguous(tensor)
    order = None if dense else memory_order(tensor)
    return Site(shape, dtype, value.device, generator, order, dense)


def _fill(site: Site, host, device_op, *numbers):
    def make(generator):
        return in_order(lambda shape: host(generator, shape), site.shape, site.order)

    return draw(
        site.place, site.generator, site.shape, site.dtype, make, device_op, *numbers
    )


def uniform(site: Site, low: float = 0.0, high: float = 1.0):
    check.uniform(site.dtype, low, high)
    part = site.dtype.to_real()

    def host(generator, shape):
        if part is site.dtype:
            return generator.uniform(shape, part, low, high)
        return _complex(generator.uniform((*shape, 2), part, low, high), site.dtype)

    return _fill(site, host, on_device.uniform, float(low), float(high))


def normal(site: Site, mean: float = 0.0, std: float = 1.0):
    check.normal(site.dtype, std)
    part = site.dtype.to_real()

    def host(generator, shape):
        if part is site.dtype:
            return generator.normal(shape, part, mean, std, site.contiguous)
        # PyTorch adds the mean to both parts.
        shape, spread = (*shape, 2), std / math.sqrt(2.0)
        drawn = generator.normal(shape, part, mean, spread, site.contiguous)
        return _complex(drawn, site.dtype)

    return _fill(site, host, on_device.normal, float(mean), float(std))


def _complex(pairs: np.ndarray, dtype: _dtypes.dtype) -> np.ndarray:
    return pairs.view(dtype.numpy_dtype)[..., 0]


def exponential(site: Site, rate: float):
    check.exponential(site.dtype, rate)
    return _fill(
        site,
        lambda g, shape: g.exponential(shape, site.dtype, rate),
        on_device.exponential,
        float(rate),
    )


def cauchy(site: Site, median: float, sigma: float):
    check.cauchy(site.dtype, sigma)
    return _fill(
        site,
        lambda g, shape: g.cauchy(shape, site.dtype, median, sigma),
        on_device.cauchy,
        float(median),
        float(sigma),
    )


def log_normal(site: Site, mean: float, std: float):
    check.log_normal(site.dtype, std)
    return _fill(
        site,
        lambda g, shape: g.log_normal(shape, site.dtype, mean, std),
        on_device.log_normal,
        float(mean),
        float(std),
    )


def geometric(site: Site, p: float):
    check.geometric(site.dtype, p)
    return _fill(
        site,
        lambda g, shape: g.geometric(shape, p, site.dtype),
        on_device.geometric,
        float(p),
    )


def bernoulli(site: Site, p: float):
    check.bernoulli(site.dtype, p)
    return _fill(
        site,
        lambda g, shape: g.bernoulli(shape, p).astype(site.dtype.numpy_dtype),
        on_device.bernoulli,
        float(p),
    )


def integers(site: Site, low: int, high: int):
    """[low, high)."""
    check.integers(site.dtype, low, high)
    return _integers(site, *check.representable(site.dtype, low, high))


def _integers(site, low, high):
    width = (high - low) % (1 << 64)
    return _fill(
        site,
        lambda g, shape: g.integers(low, high, shape, site.dtype),
        on_device.integers,
        low,
        width - (1 << 64) if width >= 1 << 63 else width,
    )


def from_lowest(site: Site, low: int):
    """``random_(low, None)``: up to the largest integer of the type, included."""
    if low == -(1 << 63):
        if site.dtype.name not in ("int64", "float64", "float32", "bfloat16"):
            raise RuntimeError(
                "random_full_64_bits_range_kernel_cpu handles only int64, double, "
                "float and bfloat16"
            )
        return _integers(site, low, 1 << 63)
    high = check.largest(site.dtype) + 1
    if low >= high:
        raise RuntimeError(
            "random_ expects 'from' to be less than 'to', but got "
            f"from={low} >= to={high}"
        )
    return _integers(site, low, high)


def full_range(site: Site):
    """``random_()``."""
    check.random(site.dtype)
    return _fill(
        site,
        lambda g, shape: g.full_range(shape, site.dtype),
        on_device.integers,
        0,
        check.largest(site.dtype) + (0 if site.dtype is _dtypes.int64 else 1),
    )
