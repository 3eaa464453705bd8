"""Checks of matrices, with the errors of torch.linalg."""

from __future__ import annotations

import jax.numpy as jnp

from ._check import is_inexact, not_implemented, scalar_name

_HALF = (jnp.float16, jnp.bfloat16)


def matrices(x, name: str, kernel: str | None = None):
    """At least 2-d and floating; half precision has no kernel (by name) or no place."""
    if x.ndim < 2:
        raise RuntimeError(
            f"{name}: The input tensor A must have at least 2 dimensions."
        )
    if not is_inexact(x):
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. Got "
            f"{scalar_name(x)}"
        )
    if x.dtype in _HALF:
        if kernel is not None:
            raise not_implemented(kernel, x)
        raise RuntimeError(
            f"{name}: Low precision dtypes not supported. Got {scalar_name(x)}"
        )
    return x


def square(x, name: str, kernel: str | None = None):
    """Square, floating matrices."""
    if x.ndim >= 2 and x.shape[-1] != x.shape[-2]:
        raise RuntimeError(
            f"{name}: A must be batches of square matrices, but they are "
            f"{x.shape[-2]} by {x.shape[-1]} matrices"
        )
    return matrices(x, name, kernel)


def adjoint(x):
    """The conjugate transpose."""
    return jnp.conj(jnp.swapaxes(x, -1, -2))
