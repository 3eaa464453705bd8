"""The platform of the program being compiled, for ops that choose a formulation by it.

An op that has a quicker form for one platform asks ``platform()`` while it is traced.
Under a user's own ``jax.jit`` and in shape inference nobody knows: the answer is None,
and the op takes the form that runs everywhere.
"""

from __future__ import annotations

import contextlib
import contextvars

import jax

_platform: contextvars.ContextVar[str | None] = contextvars.ContextVar(
    "platform", default=None
)
_tf32_convolutions = True


def platform() -> str | None:
    """``"cpu"``, ``"cuda"``, or None where it is not known."""
    return _platform.get()


def precision_key() -> tuple:
    """What decides the precision of products: programs of each setting are apart."""
    return jax.config.jax_default_matmul_precision, _tf32_convolutions


def tf32_convolutions() -> bool:
    """Whether float32 convolutions on GPUs may use TF32; on as in PyTorch."""
    return _tf32_convolutions


def set_tf32_convolutions(allowed: bool) -> None:
    """Change it; what is pending must have been computed (``change_setting``)."""
    global _tf32_convolutions
    _tf32_convolutions = bool(allowed)


@contextlib.contextmanager
def compiling_for(kind: str):
    """Trace a program for a platform.

    On GPUs JAX would compute float32 products in TF32 where nothing is said; PyTorch's
    default is full precision.
    """
    precision = jax.config.jax_default_matmul_precision
    if precision is None and kind == "cuda":
        precision = "highest"
    token = _platform.set(kind)
    try:
        with jax.default_matmul_precision(precision):
            yield
    finally:
        _platform.reset(token)
