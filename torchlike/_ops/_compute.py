"""What the ops of neural networks share: compute dtypes, dtype errors, reductions."""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from .. import _dtypes
from .._warnings import warn

_HALF = (jnp.float16, jnp.bfloat16)


def dtype_name(x) -> str:
    """PyTorch's name of an array's dtype, such as ``Long``."""
    return _dtypes.scalar_type_name(_dtypes.from_numpy(x.dtype))


def widen(x):
    """Half precision in float32, in which PyTorch computes it; others as they are."""
    if x is not None and x.dtype in _HALF:
        return x.astype(jnp.float32)
    return x


def rounding(dtype, wide=jnp.float32):
    """What rounds each step of a computation in ``wide`` to ``dtype``, as PyTorch does.

    XLA would leave out mere changes of dtype between steps.
    """
    kind = jnp.finfo(dtype)

    def near(x):
        x = jnp.asarray(x).astype(wide)
        return lax.reduce_precision(x, kind.nexp, kind.nmant)

    return near


def as_float(x):
    """Integers in the default float; others as they are."""
    if jnp.issubdtype(x.dtype, jnp.inexact):
        return x
    return x.astype(_dtypes.get_default_dtype().numpy_dtype)


def absolute(x):
    """|x|, with the derivative 0 at 0 as in PyTorch (1 in JAX for real numbers)."""
    if jnp.iscomplexobj(x):
        return jnp.abs(x)
    return x * lax.stop_gradient(jnp.sign(x))


def require_float(x, kernel: str) -> None:
    """PyTorch's error for a kernel that has no integer form."""
    if not jnp.issubdtype(x.dtype, jnp.inexact):
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{dtype_name(x)}'")


def reduction_name(reduction: str, size_average, reduce) -> str:
    """``reduction``, or what the two deprecated flags mean."""
    if size_average is None and reduce is None:
        if reduction not in ("none", "mean", "sum"):
            raise ValueError(f"{reduction} is not a valid value for reduction")
        return reduction
    mean = size_average is None or size_average
    kept = "none" if reduce is not None and not reduce else "mean" if mean else "sum"
    warn(
        "size_average and reduce args will be deprecated, please use "
        f"reduction='{kept}' instead.",
        stacklevel=2,
    )
    return kept


def reduced(loss, reduction: str):
    """A loss in the form ``reduction`` asks for."""
    if reduction == "mean":
        return jnp.mean(loss)
    return jnp.sum(loss) if reduction == "sum" else loss
