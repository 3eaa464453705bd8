"""The ops the lower layers need themselves: gradient sums, filled tensors, casts."""

from __future__ import annotations

import jax.numpy as jnp


class _Primitive:
    differentiable = True
    view = False
    adds = False  # the sum of its operands
    accumulates = False  # gradients, which may not have been computed

    def __init__(self, name: str, grad_name: str, function):
        self.name = name
        self._grad_name = grad_name
        self._function = function

    def grad_name(self) -> str:
        return self._grad_name

    def run(self, operands, static):
        return [self._function(*operands, *static)]

    def stable_name(self) -> str:
        """Its name in every process."""
        return f"primitive {self.name}"

    def __repr__(self) -> str:
        return f"<{self.name}>"


def _full(shape, dtype, value):
    return jnp.full(shape, value, dtype.numpy_dtype)


def _cast(x, dtype):
    if jnp.issubdtype(x.dtype, jnp.complexfloating) and not dtype.is_complex:
        x = x != 0 if dtype.category == 0 else jnp.real(x)
    return x.astype(dtype.numpy_dtype)


ADD = _Primitive("accumulate", "AddBackward0", lambda a, b: a + b)
ADD.adds = ADD.accumulates = True
FULL = _Primitive("full", "FullBackward0", _full)
CAST = _Primitive("to", "ToCopyBackward0", _cast)
