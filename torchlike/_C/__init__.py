"""``torch._C``: the few names of PyTorch's C++ module that Python packages ask for.

Everything here is answered in Python; there is no C++ behind it.
"""

from __future__ import annotations

import enum

from .. import _gaps
from .._devices import device as device
from .._devices import get_default_device
from .._dtypes import dtype as dtype
from .._dtypes import layout as layout
from .._dtypes import memory_format as memory_format
from .._ops import _intercept
from .._ops._draw import Generator as Generator
from .._ops._intercept import DisableTorchFunction as DisableTorchFunction
from .._ops._intercept import (
    DisableTorchFunctionSubclass as DisableTorchFunctionSubclass,
)
from .._ops._intercept import disabled as _disabled_torch_function_impl
from .._size import Size as Size
from ..autograd.grad_mode import mode
from ..autograd.variable import TensorBase as TensorBase
from ..autograd.variable import tensor_class
from ..nn._convert import parse_to
from ..overrides import has_torch_function as _has_torch_function
from ..overrides import has_torch_function_unary as _has_torch_function_unary
from ..overrides import has_torch_function_variadic as _has_torch_function_variadic

__all__ = [
    "_disabled_torch_function_impl",
    "_has_torch_function",
    "_has_torch_function_unary",
    "_has_torch_function_variadic",
]

_TensorBase = TensorBase
_TensorMeta = type(tensor_class)  # the class of Tensor
_has_cuda = _has_mps = _has_mkldnn = _has_lapack = has_lapack = False


class DispatchKey(enum.Enum):
    """Names of PyTorch's dispatch keys; nothing is dispatched here."""

    CPU, CUDA, Meta, Autograd, AutocastCPU, AutocastCUDA, AutocastXPU = range(7)


class DispatchKeySet:
    """A set of keys, which excludes nothing here."""

    def __init__(self, key) -> None:
        self.keys = {key}

    def __or__(self, other):
        made = DispatchKeySet(None)
        made.keys = self.keys | other.keys
        return made


class _ExcludeDispatchKeyGuard:
    """Autocast is the only thing of PyTorch's keys there is to leave out."""

    def __init__(self, keys) -> None:
        pass

    def __enter__(self) -> None:
        self._saved, _intercept.state.cast = _intercept.state.cast, None

    def __exit__(self, *exc) -> None:
        _intercept.state.cast = self._saved


def _log_api_usage_once(*args) -> None:
    """Nothing is counted."""


def _get_tracing_state() -> None:
    """TorchScript never traces."""
    return None


def _is_tracing() -> bool:
    """Never."""
    return False


def _are_functorch_transforms_active() -> bool:
    """Whether a ``torch.func`` transform is running."""
    return bool(mode.levels)


def _get_default_device() -> str:
    """The type of the device new tensors are on."""
    return get_default_device().type


class _nn:
    """``torch._C._nn``."""

    @staticmethod
    def _parse_to(*args, **kwargs):
        """What the arguments of ``to`` ask for: device, dtype, …, memory format."""
        return parse_to(*args, **kwargs)


# Classes of TorchScript that annotations name; there are no such objects here.
_TORCHSCRIPT = (
    "Graph Node Value Block Type TracingState ScriptMethod ScriptFunction TensorType "
    "DeviceObjType AnyType BoolType DictType FloatType IntType ListType NoneType "
    "NumberType OptionalType StringType TupleType"
)


def _absent(name: str) -> type:
    def __init__(self, *args, **kwargs) -> None:
        raise NotImplementedError(f"torch._C.{name} (docs/differences.md)")

    return type(name, (), {"__init__": __init__, "__module__": "torch._C"})


globals().update({name: _absent(name) for name in _TORCHSCRIPT.split()})


def __getattr__(name: str):
    raise _gaps.missing(name, "torch._C")
