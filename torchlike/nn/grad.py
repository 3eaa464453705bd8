"""Gradients of convolutions as functions of their own."""

from __future__ import annotations

from ..autograd.api import grad
from ..autograd.grad_mode import enable_grad
from . import _torch as torch
from . import functional as F


def _by_input(
    n: int, input_size, weight, grad_output, stride, padding, dilation, groups
):
    like = {"dtype": grad_output.dtype, "device": grad_output.device}
    with enable_grad():
        x = torch.zeros(tuple(input_size), requires_grad=True, **like)
        out = _conv(n)(x, weight.detach(), None, stride, padding, dilation, groups)
        return grad(out, x, grad_output)[0]


def _by_weight(
    n: int, input, weight_size, grad_output, stride, padding, dilation, groups
):
    like = {"dtype": grad_output.dtype, "device": grad_output.device}
    with enable_grad():
        w = torch.zeros(tuple(weight_size), requires_grad=True, **like)
        out = _conv(n)(input.detach(), w, None, stride, padding, dilation, groups)
        return grad(out, w, grad_output)[0]


def _conv(n: int):
    return (F.conv1d, F.conv2d, F.conv3d)[n - 1]


def _make(n: int, by: str):
    def by_input(
        input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1
    ):
        rest = (stride, padding, dilation, groups)
        return _by_input(n, input_size, weight, grad_output, *rest)

    def by_weight(
        input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1
    ):
        rest = (stride, padding, dilation, groups)
        return _by_weight(n, input, weight_size, grad_output, *rest)

    made = by_input if by == "input" else by_weight
    made.__name__ = made.__qualname__ = f"conv{n}d_{by}"
    made.__doc__ = f"The gradient of ``conv{n}d`` with respect to its {by}."
    return made


conv1d_input, conv1d_weight = _make(1, "input"), _make(1, "weight")
conv2d_input, conv2d_weight = _make(2, "input"), _make(2, "weight")
conv3d_input, conv3d_weight = _make(3, "input"), _make(3, "weight")
