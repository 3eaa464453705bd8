"""``torch.autograd.forward_ad``: tensors that carry a tangent along."""

from __future__ import annotations

from typing import NamedTuple

from .forward import DualLevel
from .grad_mode import mode
from .variable import TensorBase, wrap


class UnpackedDualTensor(NamedTuple):
    """What ``unpack_dual`` gives: the primal, and the tangent or None."""

    primal: TensorBase
    tangent: TensorBase | None


_entered: list[DualLevel] = []


def enter_dual_level() -> int:
    """Begin a forward-mode level; only one can be open."""
    if _entered:
        raise RuntimeError(
            "Nested forward mode AD is not supported at the moment. If you have a use "
            "case for it, use torch.func.jvp, which nests."
        )
    _entered.append(DualLevel().__enter__())
    return len(_entered) - 1


def exit_dual_level(*, level: int | None = None) -> None:
    """Leave the level; tensors made in it lose their tangents."""
    last = len(_entered) - 1
    if level is not None and level != last or last < 0:
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was "
            "created. This is not supported."
        )
    enabled = mode.enabled
    _entered.pop().__exit__()
    mode.enabled = enabled


class dual_level:
    """A forward-mode level as a context."""

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *exc) -> None:
        exit_dual_level()


def make_dual(tensor, tangent, *, level: int | None = None):
    """``tensor`` with ``tangent``, which has its shape and dtype."""
    if not _entered:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make "
            "sure to enter_dual_level() first."
        )
    for name, x in (("primal", tensor), ("tangent", tangent)):
        if x._value().aval.dtype.category < 2:
            raise ValueError(
                f"Expected {name} to be floating point or complex, but got: {x.dtype}"
            )
    if tensor.shape != tangent.shape:
        raise RuntimeError(
            "Trying to set a forward gradient that has a different size than that of "
            f"the original Tensor, this is not supported. Tensor is of size "
            f"{list(tensor.shape)} while the given forward gradient is of size "
            f"{list(tangent.shape)}."
        )
    return wrap(_entered[-1].hold(tensor, tangent))


def unpack_dual(tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """The primal and the tangent of a tensor of the open level."""
    if not _entered:
        return UnpackedDualTensor(tensor, None)
    value = tensor._value()
    if not _entered[-1].holds(value):
        return UnpackedDualTensor(tensor, None)
    return UnpackedDualTensor(value.content, value.tag)
