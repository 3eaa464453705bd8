"""Folding batch norm into the layer before it; modules without initialisation."""

from __future__ import annotations

import pytest

from .._both import check


def trained_norm(library, name: str, size: int, affine: bool = True):
    norm = getattr(library.nn, name)(size, affine=affine)
    with library.no_grad():
        for i, tensor in enumerate((norm.running_mean, norm.running_var)):
            tensor.copy_(library.arange(1.0, size + 1) + i)
        if affine:
            norm.weight.copy_(library.arange(0.5, size + 0.5))
            norm.bias.copy_(library.arange(2.0, size + 2))
    return norm.eval()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("transpose", [True, False])
def test_convolution(bias, affine, transpose):
    def run(library):
        library.manual_seed(0)
        kind = library.nn.ConvTranspose2d if transpose else library.nn.Conv2d
        conv = kind(2, 3, 2, bias=bias).eval()
        norm = trained_norm(library, "BatchNorm2d", 3, affine)
        fused = library.nn.utils.fuse_conv_bn_eval(conv, norm, transpose)
        x = library.arange(32.0).reshape(1, 2, 4, 4) / 32
        return fused(x), dict(fused.state_dict()), repr(fused)

    check(run)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("size", [3, 1, 2])
def test_linear(bias, size):
    def run(library):
        library.manual_seed(0)
        linear = library.nn.Linear(4, 3, bias=bias).eval()
        norm = trained_norm(library, "BatchNorm1d", size)
        fused = library.nn.utils.fuse_linear_bn_eval(linear, norm)
        return fused(library.ones(2, 4)), dict(fused.state_dict())

    check(run)


def test_only_in_evaluation():
    def run(library):
        norm = library.nn.BatchNorm1d(3)
        library.nn.utils.fuse_linear_bn_eval(library.nn.Linear(4, 3), norm)

    check(run)


def test_skip_init():
    def run(library):
        made = library.nn.utils.skip_init(library.nn.Linear, 2, out_features=3)
        return repr(made), [p.shape for p in made.parameters()], made.weight.device

    check(run)
    check(lambda library: library.nn.utils.skip_init(library.nn.ReLU))
    check(lambda library: library.nn.utils.skip_init(dict))


def test_memory_format():
    def run(library):
        utils, conv = library.nn.utils, library.nn.Conv2d(2, 3, 2)
        for convert in (
            utils.convert_conv2d_weight_memory_format,
            utils.convert_conv3d_weight_memory_format,
        ):
            conv = convert(conv, library.channels_last)
        return conv.weight

    check(run)
