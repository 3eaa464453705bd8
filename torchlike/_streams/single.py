"""float32 logarithm, sine and cosine, bit for bit those of PyTorch's normal numbers.

PyTorch's vector kernel evaluates the Cephes polynomials with fused multiply-adds. A
fused float32 operation is one in float64 followed by one rounding.

**Source** S. Moshier, Cephes Mathematical Library (the coefficients)
"""

from __future__ import annotations

import numpy as np


def _f(x: float) -> np.float64:
    """A constant rounded to float32, for use in float64."""
    return np.float64(np.float32(x))


_LOG = [
    *(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1),
    *(1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1),
    3.3333331174e-1,
]
_SIN = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]
_COS = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]
_LN2_HIGH, _LN2_LOW = _f(0.693359375), _f(-2.12194440e-4)
_PI_QUARTERS = [
    _f(0.78515625),
    _f(2.4187564849853515625e-4),
    _f(3.77489497744594108e-8),
]
_SQRT_HALF = np.float32(0.707106781186547524)
_FOUR_OVER_PI = np.float32(1.27323954473516)


def _fused(product: np.ndarray, addend) -> np.ndarray:
    """Round a float64 product plus ``addend`` to float32; reuses ``product``."""
    product += addend
    return product.astype(np.float32)


def _polynomial(x: np.ndarray, coefficients) -> np.ndarray:
    """Horner's rule with fused steps; ``x`` holds float32 values in float64."""
    first, *others = coefficients
    result = None
    for c in others:
        product = x * _f(first) if result is None else result * x
        result = _fused(product, _f(c))
    return result


def log(x: np.ndarray) -> np.ndarray:
    """The natural logarithm of normal positive numbers."""
    bits = x.view(np.int32)
    exponent = ((bits >> 23) - 126).astype(np.float32)
    part = ((bits & 0x007FFFFF) | 0x3F000000).view(np.float32)  # in [1/2, 1)
    small = part < _SQRT_HALF
    exponent -= small
    part = np.where(small, part, np.float32(0)) + (part - np.float32(1))
    square = part * part
    y = _polynomial(part.astype(np.float64), _LOG) * part
    y = _fused(y * square.astype(np.float64), exponent * np.float32(_LN2_LOW))
    y = part + (y - square * np.float32(0.5))
    return y + exponent * np.float32(_LN2_HIGH)


def sine_and_cosine(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of numbers in [0, 2π]."""
    octant = ((x * _FOUR_OVER_PI).astype(np.int32) + 1) & ~1
    turns = octant.astype(np.float64)
    for part in _PI_QUARTERS:
        x = _fused(turns * -part, x)
    square = x * x
    wide = square.astype(np.float64)
    cosine = _polynomial(wide, _COS) * square
    cosine = _fused(cosine * wide, -(square * np.float32(0.5))) + np.float32(1)
    sine = _polynomial(wide, _SIN) * square
    sine = _fused(sine * x.astype(np.float64), x)
    straight = (octant & 2) == 0
    return (
        _signed(np.where(straight, sine, cosine), octant & 4),
        _signed(np.where(straight, cosine, sine), ~(octant - 2) & 4),
    )


def _signed(x: np.ndarray, flag: np.ndarray) -> np.ndarray:
    """Minus x where the flag, 4 or 0, is set."""
    return (x.view(np.int32) ^ (flag << 29)).view(np.float32)
