"""``torch._C``: the few names of PyTorch's C++ module that Python packages ask for.

Everything here is answered in Python; there is no C++ behind it.
"""

from __future__ import annotations

from . import _gaps
from ._devices import device as device
from ._dtypes import dtype as dtype
from ._dtypes import layout as layout
from ._dtypes import memory_format as memory_format
from ._ops._draw import Generator as Generator
from ._ops._intercept import DisableTorchFunction as DisableTorchFunction
from ._ops._intercept import (
    DisableTorchFunctionSubclass as DisableTorchFunctionSubclass,
)
from ._ops._intercept import disabled as _disabled_torch_function_impl
from ._size import Size as Size
from .autograd.variable import TensorBase as TensorBase
from .overrides import has_torch_function as _has_torch_function
from .overrides import has_torch_function_unary as _has_torch_function_unary
from .overrides import has_torch_function_variadic as _has_torch_function_variadic

__all__ = [
    "_disabled_torch_function_impl",
    "_has_torch_function",
    "_has_torch_function_unary",
    "_has_torch_function_variadic",
]

_TensorBase = TensorBase
_has_cuda = _has_mps = _has_mkldnn = _has_lapack = has_lapack = False


def _log_api_usage_once(*args) -> None:
    """Nothing is counted."""


def _get_tracing_state() -> None:
    """TorchScript never traces."""
    return None


def _is_tracing() -> bool:
    """Never."""
    return False


def __getattr__(name: str):
    raise _gaps.missing(name, "torch._C")
