"""Move many tensors towards many others: one recorded op for each dtype."""

from __future__ import annotations

import jax.numpy as jnp

from .._engine import Number
from .._ops._op import Arrays, op
from .._tensor import Tensor


def _blend(old, new, weight):
    """``old`` moved towards ``new``; exactly ``new`` at a weight of 1, as ``lerp``."""
    if not jnp.issubdtype(old.dtype, jnp.inexact):
        w = weight.astype(jnp.float32)
        return (old * (1 - w) + new * w).astype(old.dtype)
    wide = jnp.float32 if old.dtype.itemsize == 2 else old.dtype
    a, b = old.astype(wide), new.astype(wide)
    w = weight.astype(a.real.dtype)
    change = b - a
    return jnp.where(w < 0.5, a + w * change, b - change * (1 - w)).astype(old.dtype)


@op(scope=None, method=False, differentiable=False, returns=())
def _move(old: Arrays, new: Arrays, weight: Arrays, *, counts: bool):
    (w,) = weight
    w = jnp.asarray(w.array if isinstance(w, Number) else w).astype(jnp.float64)
    w = 1 / (w + 1) if counts else w
    return tuple(_blend(a, b, w) for a, b in zip(old, new, strict=True))


def move(old: list[Tensor], new: list[Tensor], weight, counts: bool = False) -> None:
    """Replace each of ``old`` by ``old + weight * (new - old)``.

    ``weight`` is a number or a 0-d tensor; with ``counts`` it is how many the average
    holds already, and the weight is one over one more than that.
    """
    results = _move(old, new, [weight], counts=counts)
    for tensor, result in zip(old, results, strict=True):
        tensor._overwrite(result)
