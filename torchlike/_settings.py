"""Small functions of the root: kinds of things, threads, matmul precision."""

from __future__ import annotations

import os

import jax

from . import _dtypes
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


def compile(model=None, **options):
    """Return ``model`` as it is: everything is compiled already."""
    return model if model is not None else lambda wrapped: wrapped


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
    "are_deterministic_algorithms_enabled",
    "can_cast",
    "compile",
    "get_float32_matmul_precision",
    "get_num_threads",
    "is_storage",
    "is_tensor",
    "result_type",
    "set_default_dtype",
    "set_float32_matmul_precision",
    "set_num_threads",
    "use_deterministic_algorithms",
]
