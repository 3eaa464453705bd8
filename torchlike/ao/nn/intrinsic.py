"""``torch.ao.nn.intrinsic``: layers side by side that quantisation would fuse."""

from __future__ import annotations

from ... import nn

__all__ = [
    "BNReLU2d",
    "BNReLU3d",
    "ConvAdd2d",
    "ConvAddReLU2d",
    "ConvBn1d",
    "ConvBn2d",
    "ConvBn3d",
    "ConvBnReLU1d",
    "ConvBnReLU2d",
    "ConvBnReLU3d",
    "ConvReLU1d",
    "ConvReLU2d",
    "ConvReLU3d",
    "LinearBn1d",
    "LinearLeakyReLU",
    "LinearReLU",
    "LinearTanh",
]


class _FusedModule(nn.Sequential):
    """Layers in a row, each of the kind that its place asks for."""

    _kinds: tuple[type, ...] = ()

    def __init__(self, *layers):
        for layer, kind in zip(layers, self._kinds, strict=True):
            if type(layer) is not kind:
                names = " and ".join(type(x).__name__ for x in layers)
                raise AssertionError(f"Incorrect types for input modules: {names}")
        super().__init__(*layers)


class ConvReLU1d(_FusedModule):
    """A convolution and a ReLU."""

    _kinds = (nn.Conv1d, nn.ReLU)

    def __init__(self, conv, relu):
        super().__init__(conv, relu)


class ConvReLU2d(_FusedModule):
    """A convolution and a ReLU."""

    _kinds = (nn.Conv2d, nn.ReLU)

    def __init__(self, conv, relu):
        super().__init__(conv, relu)


class ConvReLU3d(_FusedModule):
    """A convolution and a ReLU."""

    _kinds = (nn.Conv3d, nn.ReLU)

    def __init__(self, conv, relu):
        super().__init__(conv, relu)


class LinearReLU(_FusedModule):
    """A linear layer and a ReLU."""

    _kinds = (nn.Linear, nn.ReLU)

    def __init__(self, linear, relu):
        super().__init__(linear, relu)


class ConvBn1d(_FusedModule):
    """A convolution and batch normalisation."""

    _kinds = (nn.Conv1d, nn.BatchNorm1d)

    def __init__(self, conv, bn):
        super().__init__(conv, bn)


class ConvBn2d(_FusedModule):
    """A convolution and batch normalisation."""

    _kinds = (nn.Conv2d, nn.BatchNorm2d)

    def __init__(self, conv, bn):
        super().__init__(conv, bn)


class ConvBn3d(_FusedModule):
    """A convolution and batch normalisation."""

    _kinds = (nn.Conv3d, nn.BatchNorm3d)

    def __init__(self, conv, bn):
        super().__init__(conv, bn)


class ConvBnReLU1d(_FusedModule):
    """A convolution, batch normalisation and a ReLU."""

    _kinds = (nn.Conv1d, nn.BatchNorm1d, nn.ReLU)

    def __init__(self, conv, bn, relu):
        super().__init__(conv, bn, relu)


class ConvBnReLU2d(_FusedModule):
    """A convolution, batch normalisation and a ReLU."""

    _kinds = (nn.Conv2d, nn.BatchNorm2d, nn.ReLU)

    def __init__(self, conv, bn, relu):
        super().__init__(conv, bn, relu)


class ConvBnReLU3d(_FusedModule):
    """A convolution, batch normalisation and a ReLU."""

    _kinds = (nn.Conv3d, nn.BatchNorm3d, nn.ReLU)

    def __init__(self, conv, bn, relu):
        super().__init__(conv, bn, relu)


class BNReLU2d(_FusedModule):
    """Batch normalisation and a ReLU."""

    _kinds = (nn.BatchNorm2d, nn.ReLU)

    def __init__(self, batch_norm, relu):
        super().__init__(batch_norm, relu)


class BNReLU3d(_FusedModule):
    """Batch normalisation and a ReLU."""

    _kinds = (nn.BatchNorm3d, nn.ReLU)

    def __init__(self, batch_norm, relu):
        super().__init__(batch_norm, relu)


class LinearBn1d(_FusedModule):
    """A linear layer and batch normalisation."""

    _kinds = (nn.Linear, nn.BatchNorm1d)

    def __init__(self, linear, bn):
        super().__init__(linear, bn)


class LinearLeakyReLU(_FusedModule):
    """A linear layer and a leaky ReLU."""

    _kinds = (nn.Linear, nn.LeakyReLU)

    def __init__(self, linear, leaky_relu):
        super().__init__(linear, leaky_relu)


class LinearTanh(_FusedModule):
    """A linear layer and a tanh."""

    _kinds = (nn.Linear, nn.Tanh)

    def __init__(self, linear, tanh):
        super().__init__(linear, tanh)


class ConvAdd2d(nn.Sequential):
    """A convolution whose result is added to a second input."""

    def __init__(self, conv, add):
        super().__init__(conv)
        self.add = add

    def forward(self, x1, x2):
        return self.add(self[0](x1), x2)


class ConvAddReLU2d(nn.Sequential):
    """A convolution whose result is added to a second input, and a ReLU."""

    def __init__(self, conv, add, relu):
        super().__init__(conv)
        self.add = add
        self.relu = relu

    def forward(self, x1, x2):
        return self.relu(self.add(self[0](x1), x2))
