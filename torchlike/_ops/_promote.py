"""PyTorch's type promotion around a pure function, decided while it is traced."""

from __future__ import annotations

import jax.numpy as jnp

from .. import _dtypes
from .._engine import Number

_HALF = (_dtypes.float16, _dtypes.bfloat16)


def kind_of_number(x) -> type | None:
    """The Python type of a number operand; None for an array."""
    if isinstance(x, Number):
        return x.kind
    return type(x) if isinstance(x, (bool, int, float, complex)) else None


def result_dtype(operands) -> _dtypes.dtype:
    """The common dtype of arrays and numbers."""
    dimensioned, zero_dim, numbers = [], [], []
    for x in operands:
        if x is None:
            continue
        kind = kind_of_number(x)
        if kind is not None:
            numbers.append(kind)
        else:
            group = dimensioned if x.ndim else zero_dim
            group.append(_dtypes.from_numpy(x.dtype))
    return _dtypes.result_type(dimensioned, zero_dim, numbers)


def opmath(dtype: _dtypes.dtype) -> _dtypes.dtype:
    """The dtype in which PyTorch computes results of ``dtype``."""
    return _dtypes.float32 if dtype in _HALF else dtype


def first_dtype(operands) -> _dtypes.dtype | None:
    """The dtype of the first array."""
    for x in operands:
        x = x[0] if isinstance(x, tuple) and x else x
        if hasattr(x, "dtype") and not isinstance(x, Number):
            return _dtypes.from_numpy(x.dtype)
    return None


def cast(x, dtype: _dtypes.dtype):
    """An operand in the common dtype."""
    if x is None:
        return None
    if isinstance(x, tuple):
        return tuple(cast(item, dtype) for item in x)
    return jnp.asarray(x.array if isinstance(x, Number) else x).astype(
        dtype.numpy_dtype
    )


def cast_scalar(x, like: _dtypes.dtype | None):
    """A traced number in the dtype the arrays are computed in.

    A float beside integer arrays stays float64, a complex one beside real arrays
    complex.
    """
    kind = kind_of_number(x)
    array = x.array if isinstance(x, Number) else x
    if x is None or kind is bool or like is None:
        return array
    rank = 2 if kind is float else 3 if kind is complex else 1
    if kind is None:
        rank = _dtypes.from_numpy(x.dtype).category
    if like.category < rank:
        return array
    target = opmath(like)
    if rank < 3 and target.is_complex:
        target = target.to_real()
    return jnp.asarray(array).astype(target.numpy_dtype)


def narrow(out, compute: _dtypes.dtype, result: _dtypes.dtype):
    """Round a result computed in opmath to the dtype it was asked in."""
    return out.astype(result.numpy_dtype) if out.dtype == compute.numpy_dtype else out
