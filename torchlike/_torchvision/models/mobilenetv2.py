"""MobileNetV2 (Sandler et al. 2018)."""

from __future__ import annotations

from collections.abc import Callable

import torchlike as torch
import torchlike.nn.functional as F
from torchlike import Tensor, nn

from ..ops.misc import Conv2dNormActivation
from ._api import builder
from ._init import kaiming_fan_out
from ._scale import make_divisible
from ._weights import weights

# Expansion, width, blocks, stride of the first.
_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


class InvertedResidual(nn.Module):
    """Widen, convolve each channel alone, narrow; beside a shortcut if it fits."""

    def __init__(
        self,
        inp: int,
        oup: int,
        stride: int,
        expand_ratio: int,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        if stride not in (1, 2):
            raise ValueError(f"stride should be 1 or 2 instead of {stride}")
        norm_layer = norm_layer or nn.BatchNorm2d
        hidden = int(round(inp * expand_ratio))
        options = {"norm_layer": norm_layer, "activation_layer": nn.ReLU6}
        layers: list[nn.Module] = []
        if expand_ratio != 1:
            layers.append(Conv2dNormActivation(inp, hidden, kernel_size=1, **options))
        layers += [
            Conv2dNormActivation(
                hidden, hidden, stride=stride, groups=hidden, **options
            ),
            nn.Conv2d(hidden, oup, 1, 1, 0, bias=False),
            norm_layer(oup),
        ]
        self.stride = stride
        self.use_res_connect = stride == 1 and inp == oup
        self.conv = nn.Sequential(*layers)
        self.out_channels = oup
        self._is_cn = stride > 1

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


class MobileNetV2(nn.Module):
    """Inverted residuals of a width that ``width_mult`` scales.

    Shape: (N, 3, H, W) -> (N, num_classes).
    """

    def __init__(
        self,
        num_classes: int = 1000,
        width_mult: float = 1.0,
        inverted_residual_setting: list[list[int]] | None = None,
        round_nearest: int = 8,
        block: Callable[..., nn.Module] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        block = block or InvertedResidual
        norm_layer = norm_layer or nn.BatchNorm2d
        stages = inverted_residual_setting or _STAGES
        if len(stages) == 0 or len(stages[0]) != 4:
            raise ValueError(
                "inverted_residual_setting should be non-empty or a 4-element list, "
                f"got {inverted_residual_setting}"
            )
        channels = make_divisible(32 * width_mult, round_nearest)
        last = make_divisible(1280 * max(1.0, width_mult), round_nearest)
        options = {"norm_layer": norm_layer, "activation_layer": nn.ReLU6}
        layers = [Conv2dNormActivation(3, channels, stride=2, **options)]
        for expansion, width, count, stride in stages:
            out = make_divisible(width * width_mult, round_nearest)
            for index in range(count):
                first = stride if index == 0 else 1
                layers.append(
                    block(channels, out, first, expansion, norm_layer=norm_layer)
                )
                channels = out
        layers.append(Conv2dNormActivation(channels, last, kernel_size=1, **options))
        self.last_channel = last
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout), nn.Linear(last, num_classes)
        )
        kaiming_fan_out(self, linear_std=0.01)

    def forward(self, x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool2d(self.features(x), (1, 1))
        return self.classifier(torch.flatten(x, 1))


MobileNet_V2_Weights = weights(
    "MobileNet_V2_Weights",
    "mobilenet_v2-b0353104.pth",
    "mobilenet_v2-7ebf99e0.pth",
    resize_size=[256, 232],
)
mobilenet_v2 = builder("mobilenet_v2", MobileNet_V2_Weights, MobileNetV2)
