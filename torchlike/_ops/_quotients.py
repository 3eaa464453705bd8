"""Quotients, to PyTorch's last digit, and those that are rounded to whole numbers."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .._engine import platform
from ._check import is_inexact
from ._compute import rounding


def _same(x):
    return x


def each(a, b):
    """``b``; a single number repeated for each of ``a``.

    By one number XLA multiplies with the inverse, which is a digit less exact. On a GPU
    PyTorch does the same, on the CPU it divides.
    """
    if b.size != 1 or a.size == 1 or platform() == "cuda":
        return b
    shape = jnp.broadcast_shapes(a.shape, b.shape)
    return lax.optimization_barrier(jnp.broadcast_to(b, shape))


def exact_quotient(a, b):
    """a / b."""
    return a / each(a, b) if is_inexact(b) else a / b


def trunc_quotient(a, b, near=_same):
    """a / b rounded towards zero; ``near`` rounds to a dtype's precision."""
    if is_inexact(a):
        return lax.stop_gradient(jnp.trunc(near(a / each(a, b))))
    return lax.div(*jnp.broadcast_arrays(a, b))


def floor_quotient(a, b, near=_same):
    """⌊a / b⌋ without the rounding error of the division; a / 0 is infinite."""
    if not is_inexact(a):
        zero = b == 0  # PyTorch raises; nothing compiled can
        return jnp.where(zero, 0, jnp.floor_divide(a, jnp.where(zero, 1, b)))
    b = each(a, b)
    a, b = jnp.broadcast_arrays(a, b)
    rest = lax.rem(a, b)
    whole = near(near(a - rest) / b)
    whole = jnp.where((rest != 0) & ((b < 0) != (rest < 0)), near(whole - 1), whole)
    down = jnp.floor(whole)
    down = jnp.where(whole - down > 0.5, down + 1, down)
    down = jnp.where(whole == 0, jnp.copysign(jnp.zeros_like(a), a / b), down)
    return lax.stop_gradient(jnp.where(b == 0, a / b, down))


def of_halves(quotient, a, b):
    """A rounded quotient of half precision, each step of it rounded, as PyTorch does.

    By a number it is computed in float32: see ``halves``.
    """
    wide = (x.astype(jnp.float32) for x in (a, b))
    return quotient(*wide, rounding(a.dtype)).astype(a.dtype)


def halves(a, b) -> bool:
    """Whether both are tensors of one half precision, the second with dimensions."""
    kind = getattr(a, "dtype", None)
    if not getattr(b, "ndim", 0) or kind is not b.dtype:
        return False
    return kind.itemsize == 2 and kind.is_floating_point
