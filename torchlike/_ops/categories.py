"""What distributions over categories are made of, each as one op.

PyTorch calls two or three functions for each. As one op they are recorded at once, and
what lies between is neither kept for the backward nor handed out by a program. Their
nodes on the graph have the name of the last of PyTorch's functions.
"""

from __future__ import annotations

import jax.numpy as jnp

from .._dtypes import from_numpy
from .._limits import finfo
from . import _bounds, reduce
from ._op import Array, op
from .arithmetic import quotient
from .binary import clamp
from .elementary import log


@op(scope=None, method=False, backward="DivBackward0")
def normalised(probs: Array) -> Array:
    """``probs`` divided by their sums over the last dimension."""
    sums = reduce.sum.op.run([probs], ((-1,), True, None))
    return quotient.op.run([probs, *sums], ())[0]


@op(scope=None, method=False, backward="LogBackward0")
def clamped_log(probs: Array) -> Array:
    """The logarithm of ``probs``, kept an eps of their dtype away from 0 and 1."""
    eps = finfo(from_numpy(probs.dtype)).eps
    clamped = clamp.op.run([probs, eps, 1 - eps], ())
    return log.op.run(clamped, ())[0]


@op(
    scope=None,
    method=False,
    backward="SqueezeBackward1",
    guard=_bounds.along(RuntimeError),
)
def picked(input: Array, dim: int, index: Array) -> Array:
    """The element of each row of the last dimension, ``dim``, that ``index`` tells.

    By comparing, since XLA computes the gradient of that as quickly as the value, where
    a gather needs a scatter. Shape: input (..., n), index (...).
    """
    last = input.shape[dim] - 1
    at = jnp.clip(index, 0, last)[..., None] == jnp.arange(last + 1)
    return jnp.where(at, input, 0).sum(dim)
