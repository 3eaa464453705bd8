"""Response normalisation across neighbouring channels, as ``CrossMapLRN2d`` has it."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from ._op import Array, op


def _forward_window(channels: int, size: int) -> np.ndarray:
    """(C, C): which channels count for which.

    PyTorch's running sum never takes the first channel out again.
    """
    half = int((size - 1) / 2 + 1)
    at = np.arange(channels)
    near = np.abs(at[:, None] - at) < half
    near[:, 0] |= at >= half
    return near


def _backward_window(channels: int, size: int) -> np.ndarray:
    """(C, C): the window of PyTorch's backward, which lies one channel lower."""
    start = int(size - (size - 1) / 2)
    lag = np.arange(channels)[:, None] - np.arange(channels)
    return (lag <= start) & (lag > start - size)


def _mix(window: np.ndarray, x):
    return jnp.einsum("cd,ndhw->nchw", window.astype(x.dtype), x)


def _scale(x, size: int, alpha: float, k: float):
    total = _mix(_forward_window(x.shape[1], size), jnp.square(x))
    return total * (alpha / size) + k


@partial(jax.custom_vjp, nondiff_argnums=(1, 2, 3, 4))
def _normalise(x, size: int, alpha: float, beta: float, k: float):
    return x * _scale(x, size, alpha, k) ** -beta


def _keep(x, size, alpha, beta, k):
    return _normalise(x, size, alpha, beta, k), x


def _pull(size, alpha, beta, k, x, grad):
    scale = _scale(x, size, alpha, k)
    ratio = grad * x * scale**-beta / scale
    near = _mix(_backward_window(x.shape[1], size), ratio)
    return (grad * scale**-beta - 2 * alpha * beta / size * x * near,)


_normalise.defvjp(_keep, _pull)


@op(scope=None, method=False, backward="CrossMapLRN2dBackward")
def cross_map_lrn2d(
    input: Array, size: int, alpha: float, beta: float, k: float
) -> Array:
    """Divide by a power of the sum of squares over ``size`` channels.

    **Shape** input (N, C, H, W).
    """
    if input.ndim != 4:
        raise ValueError(
            f"CrossMapLRN2d: Expected input to be 4D, got {input.ndim}D instead."
        )
    return _normalise(input, size, alpha, beta, k)
