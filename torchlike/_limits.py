"""``torch.finfo`` and ``torch.iinfo``."""

from __future__ import annotations

import functools
import math

import ml_dtypes
import numpy as np

from . import _dtypes


class _Limits:
    def __eq__(self, other):
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self):
        return hash((type(self), self.dtype))


@functools.cache
def _of_real(dtype: _dtypes.dtype) -> dict[str, object]:
    limits = ml_dtypes.finfo(dtype.numpy_dtype)
    eps, tiny = float(limits.eps), float(limits.smallest_normal)
    return {
        "dtype": dtype.name,
        "bits": int(limits.bits),
        "eps": eps,
        "max": float(limits.max),
        "min": float(limits.min),
        "tiny": tiny,
        "smallest_normal": tiny,
        "resolution": 10.0 ** -math.floor(-math.log10(eps)),
    }


class finfo(_Limits):
    """The numerical limits of a floating-point dtype."""

    def __init__(self, dtype: _dtypes.dtype | None = None):
        dtype = dtype or _dtypes.get_default_dtype()
        if dtype.category < 2:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo "
                "to handle 'torch.finfo'"
            )
        vars(self).update(_of_real(dtype.to_real()))

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, "
            f"max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, "
            f"dtype={self.dtype})"
        )


class iinfo(_Limits):
    """The numerical limits of an integer dtype."""

    def __init__(self, dtype: _dtypes.dtype):
        if dtype.category != 1:
            raise TypeError(
                "torch.iinfo() requires an integer input type. Use torch.finfo to "
                "handle 'torch.iinfo'"
            )
        limits = np.iinfo(dtype.numpy_dtype)
        self.dtype, self.bits = dtype.name, int(limits.bits)
        self.min, self.max = int(limits.min), int(limits.max)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
