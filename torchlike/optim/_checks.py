"""Checks of constructor arguments, with PyTorch's errors."""

from __future__ import annotations

from .._tensor import Tensor


def check_lr(lr, refused: bool | None = False) -> None:
    """A learning rate: not negative; as a tensor, of one element."""
    if isinstance(lr, Tensor):
        if refused:
            raise ValueError(
                "lr as a Tensor is not supported for capturable=False and foreach=True"
            )
        if lr.numel() != 1:
            raise ValueError("Tensor lr must be 1-element")
    check_not_negative("learning rate", lr)


def check_not_negative(what: str, value) -> None:
    """``what`` is a quantity that is at least 0."""
    if not 0.0 <= value:
        raise ValueError(f"Invalid {what}: {value}")


def check_betas(betas) -> None:
    """Both decays lie in [0, 1)."""
    for i in range(2):
        if not 0.0 <= betas[i] < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {betas[i]}")


def check_tensor_betas(betas, refused: bool | None) -> None:
    """Adam's decays are two floats or two tensors of one element."""
    kinds = [isinstance(b, Tensor) for b in betas[:2]]
    if not (all(kinds) or all(isinstance(b, float) for b in betas[:2])):
        raise ValueError("betas must be either both floats or both Tensors")
    for i, beta in enumerate(betas[:2]):
        if not isinstance(beta, Tensor):
            continue
        if refused:
            raise ValueError(
                f"betas[{i}] as a Tensor is not supported for capturable=False and "
                "foreach=True"
            )
        if beta.numel() != 1:
            raise ValueError(f"Tensor betas[{i}] must be 1-element")


def check_flags(fused, foreach, differentiable) -> None:
    """``fused`` goes with neither of the others."""
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together.")


def refuse_complex(name: str, params) -> None:
    """For optimizers that have no rule for complex numbers."""
    if any(p.is_complex() for p in params):
        raise RuntimeError(f"{name} does not support complex parameters")
