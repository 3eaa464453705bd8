"""Folding an evaluating batch norm into the layer before it."""

from __future__ import annotations

import copy

from .. import _torch as torch
from ..parameter import Parameter


def _statistics(layer, norm) -> tuple:
    if layer.training or norm.training:
        raise AssertionError("Fusion only for eval!")
    if norm.running_mean is None or norm.running_var is None:
        raise AssertionError("bn.running_mean and bn.running_var must not be None")
    return norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias


def fuse_conv_bn_eval(conv, bn, transpose: bool = False):
    """A convolution that does what ``bn(conv(x))`` does, both in evaluation mode."""
    statistics = _statistics(conv, bn)
    fused = copy.deepcopy(conv)
    fused.weight, fused.bias = fuse_conv_bn_weights(
        fused.weight, fused.bias, *statistics, transpose
    )
    return fused


def fuse_conv_bn_weights(
    conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, transpose: bool = False
) -> tuple:
    """The weight and bias of ``fuse_conv_bn_eval``."""
    bias = torch.zeros_like(bn_rm) if conv_b is None else conv_b
    scale = torch.rsqrt(bn_rv + bn_eps)
    bn_w = torch.ones_like(bn_rm) if bn_w is None else bn_w
    bn_b = torch.zeros_like(bn_rm) if bn_b is None else bn_b
    outputs = [1, -1] if transpose else [-1, 1]
    shape = outputs + [1] * (conv_w.dim() - 2)
    weight = (conv_w * (bn_w * scale).reshape(shape)).to(conv_w.dtype)
    kind = conv_w.dtype if conv_b is None else conv_b.dtype
    shift = ((bias - bn_rm) * scale * bn_w + bn_b).to(kind)
    return _parameters(weight, conv_w, shift, bias)


def fuse_linear_bn_eval(linear, bn):
    """A linear layer that does what ``bn(linear(x))`` does, both in evaluation mode."""
    statistics = _statistics(linear, bn)
    if linear.out_features != bn.num_features and bn.num_features != 1:
        raise AssertionError(
            "To fuse, linear.out_features == bn.num_features or bn.num_features == 1, "
            f"got linear.out_features={linear.out_features} and bn.num_features="
            f"{bn.num_features}"
        )
    fused = copy.deepcopy(linear)
    fused.weight, fused.bias = fuse_linear_bn_weights(
        fused.weight, fused.bias, *statistics
    )
    return fused


def fuse_linear_bn_weights(
    linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b
) -> tuple:
    """The weight and bias of ``fuse_linear_bn_eval``."""
    bias = torch.zeros_like(bn_rm) if linear_b is None else linear_b
    scale = bn_w * torch.rsqrt(bn_rv + bn_eps)
    weight = linear_w * scale.unsqueeze(-1).to(linear_w.dtype)
    kind = linear_w.dtype if linear_b is None else linear_b.dtype
    shift = ((bias - bn_rm) * scale + bn_b).to(kind)
    return _parameters(weight, linear_w, shift, bias)


def _parameters(weight, like_weight, bias, like_bias) -> tuple:
    return (
        Parameter(weight.detach(), like_weight.requires_grad),
        Parameter(bias.detach(), like_bias.requires_grad),
    )
