"""``make_tensor``: random tensors for tests, the same numbers as PyTorch's."""

from __future__ import annotations

import math
import warnings

from .. import _dtypes
from .._limits import finfo, iinfo
from .._ops import _registry

_torch = _registry.functions["torch"]
_METHODS = _registry.methods


def _interval(dtype, low, high, least, most, default) -> tuple:
    """The bounds to draw between, checked and clamped to what ``dtype`` can hold."""
    low = default[0] if low is None else low
    high = default[1] if high is None else high
    if any(isinstance(x, float) and math.isnan(x) for x in (low, high)):
        raise ValueError(
            f"`low` and `high` cannot be NaN, but got low={low!r} and high={high!r}"
        )
    if low == high and dtype.category >= 2:
        warnings.warn(
            "Passing `low==high` to `torch.testing.make_tensor` for floating or "
            "complex types is deprecated since 2.1 and will be removed in 2.3. Use "
            "`torch.full(...)` instead.",
            FutureWarning,
            stacklevel=4,
        )
    elif low >= high:
        raise ValueError(f"`low` must be less than `high`, but got {low} >= {high}")
    elif high < least or low >= most:
        raise ValueError(
            f"The value interval specified by `low` and `high` is [{low}, {high}), but "
            f"{dtype} only supports [{least}, {most})"
        )
    low, high = (min(max(x, least), most) for x in (low, high))
    return (low, high) if dtype.category >= 2 else (math.ceil(low), math.ceil(high))


def _integers(shape, dtype, device, low, high):
    if dtype is _dtypes.bool_:
        bounds = _interval(dtype, low, high, 0, 2, (0, 2))
    else:
        limits = iinfo(dtype)
        most = limits.max + (dtype is not _dtypes.int64)
        bounds = _interval(dtype, low, high, limits.min, most, (-9, 10))
    return _torch["randint"](*bounds, shape, device=device, dtype=dtype)


def _floats(shape, dtype, device, low, high):
    limits = finfo(dtype)
    low, high = _interval(dtype, low, high, limits.min, limits.max, (-9, 9))
    real = dtype.to_real()
    shape = (*shape, 2) if dtype.is_complex else shape
    made = _torch["empty"](shape, device=device, dtype=real)
    if high - low >= limits.max:  # the range itself would overflow
        made = _METHODS["uniform_"](made, low / 2, high / 2) * 2
    else:
        made = _METHODS["uniform_"](made, low, high)
    return _torch["view_as_complex"](made).clone() if dtype.is_complex else made


def make_tensor(
    *shape,
    dtype,
    device,
    low=None,
    high=None,
    requires_grad=False,
    noncontiguous=False,
    exclude_zero=False,
    memory_format=None,
):
    """Random numbers in [low, high), by default from -9 to 9.

    **Source** https://pytorch.org/docs/stable/testing.html
    """
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = shape[0]
    shape = tuple(shape)
    if noncontiguous and memory_format is not None:
        raise ValueError(
            "The parameters `noncontiguous` and `memory_format` are mutually "
            f"exclusive, but got noncontiguous={noncontiguous!r} and "
            f"memory_format={memory_format!r}"
        )
    if requires_grad and dtype.category < 2:
        raise ValueError(
            "`requires_grad=True` is not supported for boolean and integral dtypes, "
            f"but got dtype={dtype!r}"
        )
    spread = noncontiguous and math.prod(shape) > 1
    full = (*shape[:-1], 2 * shape[-1]) if spread else shape
    make = _floats if dtype.category >= 2 else _integers
    result = make(full, dtype, device, low, high)
    if spread:
        result = result[..., 1::2]
    if exclude_zero:
        least = 1 if dtype.category < 2 else finfo(dtype).tiny
        result = _torch["where"](result == 0, least, result).to(dtype)
    if dtype.category >= 2:
        result.requires_grad_(requires_grad)
    return result
