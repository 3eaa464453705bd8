"""Products of groups of rows or columns, each with a matrix of its own."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ._compute import dtype_name, widen
from ._op import Array, Dtype, op


def _check(a, b, offs) -> None:
    if a.ndim not in (2, 3) or b.ndim not in (2, 3):
        raise RuntimeError("mat_a has to be 2 or 3d, and so has mat_b")
    if a.shape[-1] != b.shape[-2]:
        raise RuntimeError(
            "contraction dimension of mat_a and mat_b must match, got "
            f"{a.shape[-1]} and {b.shape[-2]}"
        )
    needed = a.ndim == 2 or b.ndim == 2
    if needed != (offs is not None):
        raise RuntimeError(
            "Have to provide offsets for 2d/3d or 2d/2d inputs, and only for those"
        )
    if offs is not None and offs.dtype != jnp.int32:
        raise RuntimeError(f"Offsets have to be int32, got {dtype_name(offs)}")


def _members(offs, size: int):
    """(groups, size): which positions belong to which group; ends are ``offs``."""
    at = jnp.arange(size)
    starts = jnp.concatenate([jnp.zeros(1, offs.dtype), offs[:-1]])
    return (at >= starts[:, None]) & (at < offs[:, None])


@op(scope="nn.functional", method=False, backward="GroupedMmBackward0")
def grouped_mm(
    mat_a: Array,
    mat_b: Array,
    *,
    offs: Array | None = None,
    bias: Array | None = None,
    out_dtype: Dtype | None = None,
) -> Array:
    """Matrix products group by group; ``offs`` (G) says where each group ends.

    **Shape** a (M, K), b (G, K, N) with groups of rows, result (M, N); a (G, M, K),
    b (K, N) with groups of columns, result (M, N); a (M, K), b (K, N) with groups of
    the inner dimension, result (G, M, N); both with G: a batch of products.
    """
    _check(mat_a, mat_b, offs)
    if bias is not None:
        raise RuntimeError("Bias not supported yet")
    kind = mat_a.dtype if out_dtype is None else out_dtype.numpy_dtype
    a, b = widen(mat_a), widen(mat_b)
    if a.ndim == 3 and b.ndim == 3:
        out = a @ b
    elif b.ndim == 3:
        out = jax.lax.ragged_dot(a, b, jnp.diff(offs, prepend=0))
    elif a.ndim == 3:
        here = _members(offs, b.shape[-1]).astype(a.dtype)
        out = jnp.einsum("gmk,kn,gn->mn", a, b, here)
    else:
        here = _members(offs, a.shape[-1]).astype(a.dtype)
        out = jnp.einsum("mk,kn,gk->gmn", a, b, here)
    return out.astype(kind)
