"""PyTorch's errors for indices out of range, where their values are known already.

A recorded index has no values yet, and waiting for them would cost the laziness. But an
index made of Python numbers or NumPy data, or one that was read before, is at hand.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np

from .._devices import CPU
from ..autograd.variable import TensorBase

_SMALL = 1 << 15  # bytes of an array of JAX's that are worth a look


def known(tensor) -> np.ndarray | None:
    """The integers of a tensor, if they are on the host and nothing is waited for."""
    if not isinstance(tensor, TensorBase):
        return None
    value = tensor._value()
    array = value.array
    if array is None or value.aval.dtype.category != 1 or not value.aval.nbytes:
        return None
    if array.__class__ is np.ndarray:
        return array
    if value.device is not CPU or value.aval.nbytes > _SMALL:
        return None
    if isinstance(array, jax.core.Tracer) or not array.is_ready():
        return None
    return np.asarray(array)


def outside(tensor, low: int, high: int) -> int | None:
    """The first known value that is not in [low, high)."""
    array = known(tensor)
    if array is None:
        return None
    if array.size == 1:  # quicker to look at as a number
        number = array.item()
        return None if low <= number < high else number
    if array.min() >= low and array.max() < high:
        return None
    return int(array[(array < low) | (array >= high)].flat[0])


def out_of_bounds(index: int, dim: int, size: int, prefix: str = "") -> str:
    """PyTorch's usual words."""
    where = f"is out of bounds for dimension {dim} with size {size}"
    return f"{prefix}index {index} {where}"


def check_item(tensor, dim: int, size: int) -> None:
    """For ``x[tensor]``: negative indices count from the end."""
    wrong = outside(tensor, -size, size)
    if wrong is not None and size:
        raise IndexError(out_of_bounds(wrong, dim, size))
    if wrong is not None:
        raise IndexError("index is out of bounds for dimension with size 0")


# ----- guards of ops: they see the operands and the static arguments of a call --------


def along(
    kind: type[Exception],
    words: Callable[[int, int, int], str] = out_of_bounds,
    negative: bool = False,
) -> Callable:
    """For an op on (input, index, …) along the dimension that is its first static."""

    def guard(operands, static) -> None:
        input, index, dim = operands[0], operands[1], static[0]
        if not isinstance(input, TensorBase):
            return
        shape = input._value().aval.shape or (1,)
        if not -len(shape) <= dim < len(shape):
            return  # the op says so
        size = shape[dim]
        wrong = outside(index, -size if negative else 0, size)
        if wrong is not None:
            raise kind(words(wrong, dim % len(shape), size))

    return guard


def in_self(index: int, dim: int, size: int) -> str:
    """What some kernels say instead."""
    return "index out of range in self"


def flat(operands, static) -> None:
    """For an op on (input, index, …) that counts the elements of the flat input."""
    input, index = operands[:2]
    if isinstance(input, TensorBase):
        size = int(np.prod(input._value().aval.shape))
        wrong = outside(index, -size, size)
        if wrong is not None:
            raise IndexError(
                f"out of range: tried to access index {wrong} on a tensor of {size} "
                "elements."
            )
