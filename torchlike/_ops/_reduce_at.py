"""Values reduced into positions of an array, with PyTorch's gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from ._check import is_bool, is_inexact, not_implemented


def sums(x, where, src):
    """``x`` with ``src`` added at ``where``; booleans are or-ed."""
    return x.at[where].max(src) if is_bool(x) else x.at[where].add(src)


def reduced(x, where, src, reduce: str, include_self: bool):
    """Reduce ``src`` into ``x[where]``, with the elements there or instead of them."""
    if is_bool(x):
        if reduce.endswith("mean"):
            raise not_implemented("scatter_gather_tensor_cpu_reduce_mean", x)
        high = reduce in ("sum", "amax")
        name = "amax" if high else "amin"
        numbers = x.astype(jnp.uint8), src.astype(jnp.uint8)
        made = reduced(numbers[0], where, numbers[1], name, include_self)
        return made.astype(bool)
    touched = jnp.zeros(x.shape, bool).at[where].set(True)
    mine = jnp.full(x.shape, True) if include_self else ~touched
    if reduce in ("sum", "mean", "floor_mean"):
        total = jnp.where(mine, x, 0).at[where].add(src)
        return total if reduce == "sum" else _mean(total, where, src, include_self)
    if reduce == "prod":
        return product(x, where, src, mine)
    return _extreme(x, where, src, mine, reduce == "amax")


def _mean(total, where, src, include_self: bool):
    ones = jnp.ones(src.shape, total.dtype)
    count = jnp.full(total.shape, 1 if include_self else 0, total.dtype)
    count = jnp.maximum(count.at[where].add(ones), 1)
    return total / count if is_inexact(total) else total // count


def product(x, where, src, mine=True):
    """PyTorch's gradient of one factor is the product of the others, zeros or not."""
    x = jnp.where(mine, x, 1)
    if is_bool(x):
        return x.at[where].min(src)
    if not is_inexact(x):
        return x.at[where].multiply(src)

    @jax.custom_jvp
    def multiplied(x, src):
        return x.at[where].multiply(src)

    @multiplied.defjvp
    def rule(primals, tangents):
        (x, src), (dx, dsrc) = primals, tangents
        zeros = (x == 0).astype(jnp.int32).at[where].add(src == 0)
        nonzero = product(jnp.where(x == 0, 1, x), where, jnp.where(src == 0, 1, src))
        # The factors that are 0 added up: 0, but with their derivatives.
        sums = jnp.where(x == 0, x, 0).at[where].add(jnp.where(src == 0, src, 0))
        slope = dx * _others(x, nonzero, zeros, sums)
        others = _others(src, nonzero[where], zeros[where], sums[where])
        slope = slope.at[where].add(dsrc * others)
        return multiplied(x, src), slope

    return multiplied(x, src)


def _others(own, product, zeros, sums):
    """The product without one factor, from that of all factors that are not 0.

    With one 0 among the others it is 0, but its derivative by that one is not.
    """
    zero = own == 0
    rest = product / jnp.where(zero, 1, own)
    left = zeros - zero
    single = rest * (sums - jnp.where(zero, own, 0))
    return jnp.where(left == 0, rest, jnp.where(left == 1, single, 0))


def _extreme(x, where, src, mine, largest: bool):
    """PyTorch shares the gradient evenly among equal extremes."""
    low = jnp.full(x.shape, _least(x.dtype, largest), x.dtype)
    fixed_x, fixed_src = lax.stop_gradient(x), lax.stop_gradient(src)
    at = jnp.where(mine, fixed_x, low).at[where]
    value = at.max(fixed_src) if largest else at.min(fixed_src)
    if not is_inexact(x):
        return value
    first, second = fixed_x == value, fixed_src == value[where]
    # An equal element of x takes its share even where it does not count.
    count = first.astype(x.dtype).at[where].add(second.astype(x.dtype))
    share = 1 / jnp.maximum(count, 1)
    slope = _change(x) * jnp.where(mine & first, share, 0)
    slope = slope.at[where].add(_change(src) * jnp.where(second, share[where], 0))
    return value + slope


def _change(x):
    """0 with the derivative of x, infinities too."""
    return jnp.where(jnp.isfinite(x), x, 0) - lax.stop_gradient(
        jnp.where(jnp.isfinite(x), x, 0)
    )


def _least(dtype, largest: bool):
    if jnp.issubdtype(dtype, jnp.inexact):
        return -jnp.inf if largest else jnp.inf
    limits = jnp.iinfo(dtype)
    return limits.min if largest else limits.max
