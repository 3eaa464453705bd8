"""Attention by cuDNN's fused kernel, where that serves."""

from __future__ import annotations

import jax
import jax.numpy as jnp

_HALF = (jnp.float16, jnp.bfloat16)


def fused(query, key, value, is_causal: bool, scale: float):
    """The result of the kernel, or None where it does not serve.

    **Shape** query (N, H, L, D), key and value (N, H, S, D).
    """
    size = query.shape[-1]
    four = all(x.ndim == 4 for x in (query, key, value))
    if query.dtype not in _HALF or not four or size % 8 or size > 128:
        return None
    if value.shape != key.shape or query.shape[:2] != key.shape[:2]:
        return None
    inputs = (jnp.swapaxes(x, 1, 2) for x in (query, key, value))
    try:
        out = jax.nn.dot_product_attention(
            *inputs, scale=scale, is_causal=is_causal, implementation="cudnn"
        )
    except (ValueError, NotImplementedError, RuntimeError):
        return None  # a shape or a GPU that the kernel is not made for
    return jnp.swapaxes(out, 1, 2)
