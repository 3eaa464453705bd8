"""Small functions of the root: kinds of things, threads, matmul precision."""

from __future__ import annotations

import importlib
import os

import jax

from . import _devices, _dtypes
from ._engine import change_setting
from .autograd.variable import TensorBase

_PRECISIONS = {"highest": "highest", "high": "tensorfloat32", "medium": "bfloat16"}
_precision = "highest"
_threads = os.cpu_count() or 1
_deterministic = False


def is_tensor(obj) -> bool:
    """Whether ``obj`` is a tensor."""
    return isinstance(obj, TensorBase)


def is_storage(obj) -> bool:
    """Whether ``obj`` is a PyTorch storage; there are none here."""
    return False


def get_num_threads() -> int:
    """The number last set; XLA sizes its thread pool itself."""
    return _threads


def set_num_threads(n: int) -> None:
    """Accepted; XLA sizes its thread pool itself."""
    global _threads
    if n < 1:
        raise RuntimeError("set_num_threads expects a positive integer")
    _threads = int(n)


def get_float32_matmul_precision() -> str:
    """``highest``, ``high`` or ``medium``."""
    return _precision


def set_float32_matmul_precision(precision: str) -> None:
    """How exact float32 matrix products are on GPUs; CPUs are always exact."""
    global _precision
    if precision not in _PRECISIONS:
        raise RuntimeError(
            f"{precision} is not one of 'highest', 'high', or 'medium'; the current "
            f"setting is {_precision}"
        )
    set_jax_matmul_precision(_PRECISIONS[precision])
    _precision = precision


def set_jax_matmul_precision(name: str) -> None:
    """Set JAX's own setting of the precision of float32 products."""
    change_setting(
        "matmul precision",
        lambda: jax.config.update("jax_default_matmul_precision", name),
    )


def set_default_dtype(d: _dtypes.dtype, /) -> None:
    """Set the floating type of new tensors made from Python floats."""
    change_setting("default dtype", lambda: _dtypes.set_default_dtype(d))


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Accepted; XLA's programs on CPUs are deterministic."""
    global _deterministic
    _deterministic = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """What ``use_deterministic_algorithms`` set."""
    return _deterministic


def compile(  # noqa: A001
    model=None,
    *,
    fullgraph: bool = False,
    dynamic: bool | None = None,
    backend="inductor",
    mode: str | None = None,
    options: dict | None = None,
    disable: bool = False,
    **further,
):
    """Return ``model`` as it is: everything is compiled already."""
    if mode is not None and options is not None:
        raise RuntimeError(
            "Either mode or options can be specified, but both can't be specified at "
            "the same time."
        )
    if model is not None and not callable(model):
        raise TypeError(f"torch.compile expects a callable, got {type(model).__name__}")
    return model if model is not None else lambda wrapped: wrapped


def is_floating_point(input) -> bool:
    """Whether the elements are real floating-point numbers."""
    return input.is_floating_point()


def is_complex(input) -> bool:
    """Whether the elements are complex numbers."""
    return input.is_complex()


def is_signed(input) -> bool:
    """Whether the elements can be negative."""
    return input.is_signed()


def is_inference(input) -> bool:
    """Whether the tensor was made in inference mode."""
    return input.is_inference()


def detach(input):
    """The same storage, off the graph."""
    return input.detach()


def get_device(input) -> int:
    """The index of the GPU; -1 on the CPU."""
    return input.get_device()


def typename(obj) -> str:
    """The full name of an object's type."""
    if isinstance(obj, TensorBase):
        return obj.type()
    kind = obj if isinstance(obj, type) else type(obj)
    module = getattr(obj, "__module__", kind.__module__) or ""
    name = getattr(obj, "__qualname__", kind.__qualname__)
    if module in ("", "builtins"):
        return name
    return f"{module}.{name}"


def set_num_interop_threads(n: int) -> None:
    """Accepted; XLA sizes its thread pool itself."""


def get_num_interop_threads() -> int:
    """XLA sizes its thread pool itself."""
    return 1


def set_flush_denormal(mode: bool) -> bool:
    """Not supported: False, as PyTorch answers on such systems."""
    return False


def set_warn_always(b: bool, /) -> None:
    """Accepted."""


def is_warn_always_enabled() -> bool:
    """Never."""
    return False


def get_deterministic_debug_mode() -> int:
    """0 off, 2 on."""
    return 2 if _deterministic else 0


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """``use_deterministic_algorithms`` by number or name."""
    use_deterministic_algorithms(debug_mode not in (0, "default"))


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Never."""
    return False


def get_device_module(device=None):
    """The module of a kind of device, such as ``torch.cuda``."""
    kind = _devices.device(device or _devices.get_default_device()).type
    return importlib.import_module(f"{__package__}.{kind}")


def sym_int(a):
    """``int(a)``."""
    return int(a)


def sym_float(a):
    """``float(a)``."""
    return float(a)


def sym_not(a):
    """``not a``."""
    return not a


def sym_max(a, b):
    """The larger one."""
    return max(a, b)


def sym_min(a, b):
    """The smaller one."""
    return min(a, b)


def can_cast(from_: _dtypes.dtype, to: _dtypes.dtype) -> bool:
    """Whether PyTorch's casting rules allow the cast."""
    return from_.category <= to.category


def result_type(tensor1, tensor2) -> _dtypes.dtype:
    """The dtype of an operation on two tensors or numbers."""
    groups: tuple[list, list, list] = ([], [], [])
    for x in (tensor1, tensor2):
        if isinstance(x, TensorBase):
            aval = x._value().aval
            groups[0 if aval.shape else 1].append(aval.dtype)
        else:
            groups[2].append(type(x))
    return _dtypes.result_type(*groups)


__all__ = [
    "detach",
    "get_device",
    "is_complex",
    "is_floating_point",
    "is_inference",
    "is_signed",
    "are_deterministic_algorithms_enabled",
    "can_cast",
    "compile",
    "get_deterministic_debug_mode",
    "get_device_module",
    "get_float32_matmul_precision",
    "get_num_interop_threads",
    "get_num_threads",
    "is_deterministic_algorithms_warn_only_enabled",
    "is_storage",
    "is_tensor",
    "is_warn_always_enabled",
    "result_type",
    "set_default_dtype",
    "set_deterministic_debug_mode",
    "set_float32_matmul_precision",
    "set_flush_denormal",
    "set_num_interop_threads",
    "set_num_threads",
    "set_warn_always",
    "sym_float",
    "sym_int",
    "sym_max",
    "sym_min",
    "sym_not",
    "typename",
    "use_deterministic_algorithms",
]
