"""Looking at a value in the middle of a computation, as PyTorch's errors need it."""

from __future__ import annotations

import jax
import numpy as np

from .._devices import META
from .._engine import realise
from .._engine.lifted import Lifted
from ..autograd.variable import TensorBase


def look(tensor: TensorBase, why: str) -> np.ndarray | None:
    """The values on the host, or None where there are none: under JAX or vmap, on meta.

    Whatever is pending is computed: one flush.
    """
    value = tensor._value()
    if value.device is META or isinstance(value, Lifted):
        return None
    array = realise(value, why).array
    return None if isinstance(array, jax.core.Tracer) else np.asarray(array)
