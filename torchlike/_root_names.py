"""Names of PyTorch's root for programs that ask about types and builds."""

from __future__ import annotations

import math

from .cuda import OutOfMemoryError as OutOfMemoryError

# ----- builds ------------------------------------------------------------------------

has_mkl = has_openmp = has_spectral = False
has_lapack = True


class AcceleratorError(RuntimeError):
    """PyTorch's error of a device; XLA's own is a RuntimeError too."""


class FatalError(RuntimeError):
    """PyTorch's error after which nothing can go on."""


class JITException(RuntimeError):
    """PyTorch's error of a TorchScript program."""


def _assert(condition, message: str) -> None:
    """An assertion that ``torch.fx`` can trace; packages make them of shapes."""
    if not condition:
        raise AssertionError(message)


def compiled_with_cxx11_abi() -> bool:
    """Whether C++ extensions would have to use the new ABI."""
    return True


def is_vulkan_available() -> bool:
    """Whether there is a Vulkan backend: no."""
    return False


def init_num_threads() -> None:
    """Accepted: XLA has its own threads."""


# ----- ways to quantise, which programs name; nothing here is quantised ---------------


class qscheme:
    """How a quantised tensor's integers stand for numbers."""

    __slots__ = ("_name",)

    def __init__(self, name: str):
        self._name = name

    def __repr__(self) -> str:
        return f"torch.{self._name}"

    def __reduce__(self) -> str:
        return self._name


per_tensor_affine = qscheme("per_tensor_affine")
per_tensor_symmetric = qscheme("per_tensor_symmetric")
per_channel_affine = qscheme("per_channel_affine")
per_channel_symmetric = qscheme("per_channel_symmetric")
per_channel_affine_float_qparams = qscheme("per_channel_affine_float_qparams")


# ----- symbolic numbers, which only ``torch.export`` and ``torch.compile`` make -------


class _Symbolic:
    def __init__(self, node=None):
        raise NotImplementedError(
            f"{type(self).__name__}: sizes are known when operations are recorded"
        )


class SymInt(_Symbolic):
    """A size that is not known yet; none is made here, so ``isinstance`` is False."""


class SymFloat(_Symbolic):
    """A number that is not known yet; none is made here."""


class SymBool(_Symbolic):
    """A truth that is not known yet; none is made here."""


def sym_sum(args):
    """The sum of numbers."""
    return sum(args)


def sym_ite(b, t, f):
    """``t`` if ``b`` else ``f``."""
    return t if b else f


def sym_sqrt(a) -> float:
    """√a."""
    return math.sqrt(a)


def sym_fresh_size(expr):
    """Only for programs that are exported."""
    raise NotImplementedError(
        "sym_fresh_size is only for exported programs (docs/differences.md)"
    )


def sym_constrain_range(size, *, min=None, max=None) -> None:
    """Raise if a number is not in [min, max]."""
    low, high = (-math.inf if min is None else min), (math.inf if max is None else max)
    if not low <= size <= high:
        raise RuntimeError(f"Invalid value range for {size} between [{low}, {high}].")


def sym_constrain_range_for_size(size, *, min=None, max=None) -> None:
    """``sym_constrain_range`` of a size."""
    sym_constrain_range(size, min=0 if min is None else min, max=max)
