"""PyTorch's argument checks of the random functions."""

from __future__ import annotations

import operator
import warnings

import ml_dtypes
import numpy as np

from .. import _dtypes
from ..autograd.variable import TensorBase

_C_NAMES = {
    "bool": "bool",
    "uint8": "unsigned char",
    "int8": "signed char",
    "int16": "short",
    "int32": "int",
    "int64": "long int",
    "uint16": "unsigned short",
    "uint32": "unsigned int",
    "uint64": "unsigned long",
    "float16": "c10::Half",
    "bfloat16": "c10::BFloat16",
    "float32": "float",
    "float64": "double",
    "complex64": "c10::complex<float>",
    "complex128": "c10::complex<double>",
}
_LARGEST = {
    name: float(ml_dtypes.finfo(getattr(_dtypes, name).numpy_dtype).max)
    for name in ("float16", "bfloat16", "float32", "float64")
}
_DIGITS = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}


def sizes(name: str, args: tuple, size) -> tuple[int, ...]:
    """``rand(2, 3)``, ``rand((2, 3))`` and ``rand(size=(2, 3))``."""
    if size is None and not args:
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got (), but "
            "expected one of:\n * (tuple of ints size, ...)"
        )
    given = args if size is None else (size,)
    if len(given) == 1 and not hasattr(given[0], "__index__"):
        given = given[0]
    if not isinstance(given, (tuple, list)):
        raise _not_sizes(name, given)
    try:
        shape = tuple([operator.index(n) for n in given])
    except TypeError:
        bad = next((n for n in given if not hasattr(n, "__index__")), given)
        raise _not_sizes(name, bad) from None
    return check_size(shape)


def check_size(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Reject negative sizes."""
    for n in shape:
        if n < 0:
            raise RuntimeError(
                f"Trying to create tensor with negative dimension {n}: {list(shape)}"
            )
    return shape


def _not_sizes(name, given):
    return TypeError(
        f"{name}(): argument 'size' (position 1) must be tuple of ints, not "
        f"{type(given).__name__}"
    )


def integer(name: str, argument: str, position: int, value) -> int:
    """An integer argument."""
    if hasattr(value, "__index__"):
        return operator.index(value)
    raise TypeError(
        f"{name}(): argument '{argument}' (position {position}) must be int, not "
        f"{type(value).__name__}"
    )


def number(name: str, argument: str, position: int, value) -> float:
    """A float argument; a 0-d tensor counts as its number."""
    if isinstance(value, (int, float, np.number)):
        return float(value)
    if isinstance(value, TensorBase) and value._value().aval.shape == ():
        return float(value)
    raise TypeError(
        f"{name}(): argument '{argument}' (position {position}) must be float, not "
        f"{type(value).__name__}"
    )


def not_implemented(kernel: str, dtype: _dtypes.dtype) -> NotImplementedError:
    return NotImplementedError(
        f"\"{kernel}\" not implemented for '{_dtypes.scalar_type_name(dtype)}'"
    )


def floating(kernel: str, dtype: _dtypes.dtype, *, complex_too: bool = False) -> None:
    """Reject integers as PyTorch's kernel of that name does."""
    if not (dtype.is_floating_point or (complex_too and dtype.is_complex)):
        raise not_implemented(kernel, dtype)


def uniform(dtype: _dtypes.dtype, low: float, high: float) -> None:
    floating("check_uniform_bounds", dtype, complex_too=True)
    real = dtype.to_real()
    limit = _LARGEST[real.name]
    for name, value in (("from", low), ("to", high)):
        if not -limit <= value <= limit:
            raise RuntimeError(f"{name} is out of bounds for {_C_NAMES[real.name]}")
    if low > high:
        raise RuntimeError(
            "uniform_ expects to return a [from, to) range, but found "
            f"from={low:g} > to={high:g}"
        )
    if high - low > limit:
        raise RuntimeError(
            "uniform_ expects to-from <= std::numeric_limits<"
            f"{_dtypes.scalar_type_name(real)}>::max(), but found to={high:g} and "
            f"from={low:g} which result in to-from to exceed the limit"
        )


def normal(dtype: _dtypes.dtype, std: float) -> None:
    if not std >= 0:
        raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
    floating("normal_kernel_cpu", dtype, complex_too=True)


def log_normal(dtype: _dtypes.dtype, std: float) -> None:
    if not std > 0:
        raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
    floating("log_normal_cpu", dtype)


def exponential(dtype: _dtypes.dtype, rate: float) -> None:
    if not dtype.is_floating_point:
        raise RuntimeError(
            "Exponential distribution is a continuous probability distribution. dtype "
            "must be a floating point but you specified "
            f"{_dtypes.scalar_type_name(dtype)}"
        )
    if not rate > 0:
        raise RuntimeError(
            f"exponential_ expects lambda > 0.0, but found lambda={rate:g}"
        )


def cauchy(dtype: _dtypes.dtype, sigma: float) -> None:
    if not dtype.is_floating_point:
        raise RuntimeError(
            "Cauchy distribution is a continuous probability distribution. dtype must "
            f"be a floating point but you specified {_C_NAMES.get(dtype.name, dtype)}"
        )
    if not sigma > 0:
        raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")


def geometric(dtype: _dtypes.dtype, p: float) -> None:
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
    if dtype is _dtypes.bool_ or dtype.is_complex or dtype.name in UNSIGNED:
        raise not_implemented("geometric_cpu", dtype)


UNSIGNED = ("uint16", "uint32", "uint64")


def bernoulli(dtype: _dtypes.dtype, p: float) -> None:
    if not 0 <= p <= 1:
        raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
    if dtype.is_complex or dtype.name in UNSIGNED:
        raise not_implemented("bernoulli_scalar_cpu_", dtype)


def random(dtype: _dtypes.dtype) -> None:
    if dtype.is_complex or dtype.name in UNSIGNED:
        raise not_implemented("random_kernel_cpu", dtype)


def integers(dtype: _dtypes.dtype, low: int, high: int) -> None:
    """Bounds of ``random_(from, to)`` and ``randint``."""
    if low >= high:
        raise RuntimeError(
            "random_ expects 'from' to be less than 'to', but got "
            f"from={low} >= to={high}"
        )
    if dtype.is_complex:
        raise not_implemented("check_random_bounds", dtype)
    for name, value in (("from", low), ("to - 1", high - 1)):
        _within(dtype, name, value)


def representable(dtype: _dtypes.dtype, low: int, high: int) -> tuple[int, int]:
    """The bounds moved inwards to integers that a floating dtype can hold."""
    digits = _DIGITS.get(dtype.name)
    if digits is None:
        return low, high
    round_to = dtype.numpy_dtype.type
    up, down = int(round_to(float(low + 1))), int(round_to(float(high - 1)))
    if up < low:
        low = up + (1 << (abs(low + 1).bit_length() - digits))
    if down >= high:
        high = down - (1 << (abs(high - 1).bit_length() - digits))
    return low, high


def largest(dtype: _dtypes.dtype) -> int:
    """The largest integer ``random_(from, None)`` draws."""
    if dtype.name in _DIGITS:
        return 1 << _DIGITS[dtype.name]
    if dtype is _dtypes.bool_:
        return 1
    return int(np.iinfo(dtype.numpy_dtype).max)


def _within(dtype, name, value):
    c_name = _C_NAMES[dtype.name]
    if dtype.is_floating_point:
        limit, digits = _LARGEST[dtype.name], _DIGITS
        fits = -limit <= value <= limit
        exact = 1 << digits[dtype.name]
        if fits and not -exact <= value <= exact:
            warnings.warn(
                f"{name} is out of bounds [-(2^{digits[dtype.name]}), "
                f"2^{digits[dtype.name]}]. Due to precision limitations {c_name} can "
                "support discrete uniform distribution only within this range. This "
                "warning will become an error in version 1.7 release, please fix the "
                "code in advance",
                stacklevel=5,
            )
    elif dtype is _dtypes.bool_:
        fits = 0 <= value <= 1
    else:
        info = np.iinfo(dtype.numpy_dtype)
        fits = int(info.min) <= value <= int(info.max)
    if not fits:
        raise RuntimeError(f"{name} is out of bounds for {c_name}")
