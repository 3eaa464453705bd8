"""EfficientNet (Tan and Le 2019) and EfficientNetV2 (2021)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torchlike as torch
from torchlike import Tensor, nn

from ..ops.misc import Conv2dNormActivation, SqueezeExcitation
from ..ops.stochastic_depth import StochasticDepth
from ._api import builder
from ._scale import make_divisible
from ._weights import weights


@dataclass
class Stage:
    """A stage of blocks of one kind: ``fused`` or with depth-wise convolutions."""

    expand_ratio: float
    kernel: int
    stride: int
    input_channels: int
    out_channels: int
    num_layers: int
    fused: bool = False


class MBConv(nn.Module):
    """Widen, convolve each channel alone, weigh the channels, narrow."""

    def __init__(
        self, cnf: Stage, stochastic_depth_prob: float, norm_layer: Callable
    ) -> None:
        super().__init__()
        if not 1 <= cnf.stride <= 2:
            raise ValueError("illegal stride value")
        self.use_res_connect = (
            cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        )
        self.block = nn.Sequential(*self._layers(cnf, norm_layer))
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")
        self.out_channels = cnf.out_channels

    def _layers(self, cnf: Stage, norm_layer: Callable) -> list[nn.Module]:
        wide = make_divisible(cnf.input_channels * cnf.expand_ratio, 8)
        options = {"norm_layer": norm_layer, "activation_layer": nn.SiLU}
        layers: list[nn.Module] = []
        if wide != cnf.input_channels:
            layers.append(
                Conv2dNormActivation(cnf.input_channels, wide, kernel_size=1, **options)
            )
        layers.append(
            Conv2dNormActivation(
                wide, wide, cnf.kernel, cnf.stride, groups=wide, **options
            )
        )
        squeezed = max(1, cnf.input_channels // 4)
        layers.append(
            SqueezeExcitation(wide, squeezed, activation=partial(nn.SiLU, inplace=True))
        )
        options["activation_layer"] = None
        return [
            *layers,
            Conv2dNormActivation(wide, cnf.out_channels, kernel_size=1, **options),
        ]

    def forward(self, input: Tensor) -> Tensor:
        result = self.block(input)
        if self.use_res_connect:
            result = self.stochastic_depth(result)
            result += input
        return result


class FusedMBConv(MBConv):
    """As :class:`MBConv`, with one full convolution that widens."""

    def _layers(self, cnf: Stage, norm_layer: Callable) -> list[nn.Module]:
        wide = make_divisible(cnf.input_channels * cnf.expand_ratio, 8)
        options = {"norm_layer": norm_layer, "activation_layer": nn.SiLU}
        sizes = (cnf.kernel, cnf.stride)
        if wide == cnf.input_channels:
            return [
                Conv2dNormActivation(
                    cnf.input_channels, cnf.out_channels, *sizes, **options
                )
            ]
        narrow = {**options, "activation_layer": None}
        return [
            Conv2dNormActivation(cnf.input_channels, wide, *sizes, **options),
            Conv2dNormActivation(wide, cnf.out_channels, kernel_size=1, **narrow),
        ]


class EfficientNet(nn.Module):
    """Stages whose widths and depths are scaled together.

    Shape: (N, 3, H, W) -> (N, num_classes).
    """

    def __init__(
        self,
        inverted_residual_setting: Sequence[Stage],
        dropout: float,
        stochastic_depth_prob: float = 0.2,
        num_classes: int = 1000,
        norm_layer: Callable[..., nn.Module] | None = None,
        last_channel: int | None = None,
    ) -> None:
        super().__init__()
        stages = inverted_residual_setting
        if not stages:
            raise ValueError("The inverted_residual_setting should not be empty")
        norm_layer = norm_layer or nn.BatchNorm2d
        options = {"norm_layer": norm_layer, "activation_layer": nn.SiLU}
        first, narrow = stages[0].input_channels, stages[-1].out_channels
        last = last_channel or 4 * narrow
        layers = [Conv2dNormActivation(3, first, kernel_size=3, stride=2, **options)]
        layers += _blocks(stages, stochastic_depth_prob, norm_layer)
        layers.append(Conv2dNormActivation(narrow, last, kernel_size=1, **options))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout, inplace=True), nn.Linear(last, num_classes)
        )
        self._initialize()

    def _initialize(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, (nn.BatchNorm2d, nn.GroupNorm)):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                bound = 1.0 / math.sqrt(module.out_features)
                nn.init.uniform_(module.weight, -bound, bound)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


def _blocks(stages, drop: float, norm_layer) -> list[nn.Sequential]:
    """One Sequential a stage; deeper blocks are dropped more often."""
    total, index, made = sum(s.num_layers for s in stages), 0, []
    for stage in stages:
        blocks = []
        for layer in range(stage.num_layers):
            cnf = Stage(**vars(stage))
            if layer:
                cnf.input_channels, cnf.stride = cnf.out_channels, 1
            kind = FusedMBConv if cnf.fused else MBConv
            blocks.append(kind(cnf, drop * float(index) / total, norm_layer))
            index += 1
        made.append(nn.Sequential(*blocks))
    return made


# expansion, kernel, stride, in, out, layers
_BASE = (
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
)
_V2 = {
    "s": (
        (1, 3, 1, 24, 24, 2, True),
        (4, 3, 2, 24, 48, 4, True),
        (4, 3, 2, 48, 64, 4, True),
        (4, 3, 2, 64, 128, 6),
        (6, 3, 1, 128, 160, 9),
        (6, 3, 2, 160, 256, 15),
    ),
    "m": (
        (1, 3, 1, 24, 24, 3, True),
        (4, 3, 2, 24, 48, 5, True),
        (4, 3, 2, 48, 80, 5, True),
        (4, 3, 2, 80, 160, 7),
        (6, 3, 1, 160, 176, 14),
        (6, 3, 2, 176, 304, 18),
        (6, 3, 1, 304, 512, 5),
    ),
    "l": (
        (1, 3, 1, 32, 32, 4, True),
        (4, 3, 2, 32, 64, 7, True),
        (4, 3, 2, 64, 96, 7, True),
        (4, 3, 2, 96, 192, 10),
        (6, 3, 1, 192, 224, 19),
        (6, 3, 2, 224, 384, 25),
        (6, 3, 1, 384, 640, 7),
    ),
}


def _scaled(width: float, depth: float, dropout: float, **kwargs) -> EfficientNet:
    stages = []
    for expansion, kernel, stride, in_c, out, layers in _BASE:
        channels = (make_divisible(c * width, 8) for c in (in_c, out))
        count = int(math.ceil(layers * depth))
        stages.append(Stage(expansion, kernel, stride, *channels, count))
    return EfficientNet(stages, dropout, **kwargs)


def _second(size: str, dropout: float, **kwargs) -> EfficientNet:
    stages = [Stage(*row) for row in _V2[size]]
    kwargs.setdefault("norm_layer", partial(nn.BatchNorm2d, eps=1e-03))
    return EfficientNet(stages, dropout, last_channel=1280, **kwargs)


def _b(number: int, width, depth, dropout, files, crop, resize, norm=None):
    enum = weights(
        f"EfficientNet_B{number}_Weights", *files, crop_size=crop, resize_size=resize,
        interpolation="bicubic" if number != 1 else ["bicubic", "bilinear"],
    )  # fmt: skip
    options = {"width": width, "depth": depth, "dropout": dropout}
    if norm is not None:
        options["norm_layer"] = norm
    return enum, builder(f"efficientnet_b{number}", enum, _scaled, **options)


_SLOW = partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
EfficientNet_B0_Weights, efficientnet_b0 = _b(
    0, 1.0, 1.0, 0.2, ["efficientnet_b0_rwightman-7f5810bc.pth"], 224, 256
)
EfficientNet_B1_Weights, efficientnet_b1 = _b(
    1, 1.0, 1.1, 0.2,
    ["efficientnet_b1_rwightman-bac287d4.pth", "efficientnet_b1-c27df63c.pth"],
    240, [256, 255],
)  # fmt: skip
EfficientNet_B2_Weights, efficientnet_b2 = _b(
    2, 1.1, 1.2, 0.3, ["efficientnet_b2_rwightman-c35c1473.pth"], 288, 288
)
EfficientNet_B3_Weights, efficientnet_b3 = _b(
    3, 1.2, 1.4, 0.3, ["efficientnet_b3_rwightman-b3899882.pth"], 300, 320
)
EfficientNet_B4_Weights, efficientnet_b4 = _b(
    4, 1.4, 1.8, 0.4, ["efficientnet_b4_rwightman-23ab8bcd.pth"], 380, 384
)
EfficientNet_B5_Weights, efficientnet_b5 = _b(
    5, 1.6, 2.2, 0.4, ["efficientnet_b5_lukemelas-1a07897c.pth"], 456, 456, _SLOW
)
EfficientNet_B6_Weights, efficientnet_b6 = _b(
    6, 1.8, 2.6, 0.5, ["efficientnet_b6_lukemelas-24a108a5.pth"], 528, 528, _SLOW
)
EfficientNet_B7_Weights, efficientnet_b7 = _b(
    7, 2.0, 3.1, 0.5, ["efficientnet_b7_lukemelas-c5b4e57e.pth"], 600, 600, _SLOW
)
EfficientNet_V2_S_Weights = weights(
    "EfficientNet_V2_S_Weights", "efficientnet_v2_s-dd5fe13b.pth",
    crop_size=384, resize_size=384, interpolation="bilinear",
)  # fmt: skip
EfficientNet_V2_M_Weights = weights(
    "EfficientNet_V2_M_Weights", "efficientnet_v2_m-dc08266a.pth",
    crop_size=480, resize_size=480, interpolation="bilinear",
)  # fmt: skip
EfficientNet_V2_L_Weights = weights(
    "EfficientNet_V2_L_Weights", "efficientnet_v2_l-59c71312.pth",
    crop_size=480, resize_size=480, interpolation="bicubic",
    mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5),
)  # fmt: skip
efficientnet_v2_s = builder(
    "efficientnet_v2_s", EfficientNet_V2_S_Weights, _second, size="s", dropout=0.2
)
efficientnet_v2_m = builder(
    "efficientnet_v2_m", EfficientNet_V2_M_Weights, _second, size="m", dropout=0.3
)
efficientnet_v2_l = builder(
    "efficientnet_v2_l", EfficientNet_V2_L_Weights, _second, size="l", dropout=0.4
)
