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


def platform() -> str | None:
    """``"cpu"``, ``"cuda"``, or None where it is not known."""
    return _platform.get()


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
