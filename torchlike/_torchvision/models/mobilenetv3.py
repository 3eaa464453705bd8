"""MobileNetV3 (Howard et al. 2019)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torchlike as torch
from torchlike import Tensor, nn

from ..ops.misc import Conv2dNormActivation, SqueezeExcitation
from ._api import builder
from ._init import kaiming_fan_out
from ._scale import make_divisible
from ._weights import weights


class InvertedResidualConfig:
    """One block: widths, kernel, whether it weighs channels, activation, stride."""

    def __init__(
        self,
        input_channels: int,
        kernel: int,
        expanded_channels: int,
        out_channels: int,
        use_se: bool,
        activation: str,
        stride: int,
        dilation: int,
        width_mult: float,
    ) -> None:
        self.input_channels = self.adjust_channels(input_channels, width_mult)
        self.kernel = kernel
        self.expanded_channels = self.adjust_channels(expanded_channels, width_mult)
        self.out_channels = self.adjust_channels(out_channels, width_mult)
        self.use_se = use_se
        self.use_hs = activation == "HS"
        self.stride = stride
        self.dilation = dilation

    @staticmethod
    def adjust_channels(channels: int, width_mult: float) -> int:
        """The scaled width."""
        return make_divisible(channels * width_mult, 8)


class InvertedResidual(nn.Module):
    """Widen, convolve each channel alone, weigh the channels, narrow."""

    def __init__(
        self,
        cnf: InvertedResidualConfig,
        norm_layer: Callable[..., nn.Module],
        se_layer: Callable[..., nn.Module] = partial(  # noqa: B008
            SqueezeExcitation, scale_activation=nn.Hardsigmoid
        ),
    ) -> None:
        super().__init__()
        if not 1 <= cnf.stride <= 2:
            raise ValueError("illegal stride value")
        self.use_res_connect = (
            cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        )
        wide = cnf.expanded_channels
        options = {
            "norm_layer": norm_layer,
            "activation_layer": nn.Hardswish if cnf.use_hs else nn.ReLU,
        }
        layers: list[nn.Module] = []
        if wide != cnf.input_channels:
            layers.append(
                Conv2dNormActivation(cnf.input_channels, wide, kernel_size=1, **options)
            )
        layers.append(
            Conv2dNormActivation(
                wide,
                wide,
                kernel_size=cnf.kernel,
                stride=1 if cnf.dilation > 1 else cnf.stride,
                dilation=cnf.dilation,
                groups=wide,
                **options,
            )
        )
        if cnf.use_se:
            layers.append(se_layer(wide, make_divisible(wide // 4, 8)))
        options["activation_layer"] = None
        layers.append(
            Conv2dNormActivation(wide, cnf.out_channels, kernel_size=1, **options)
        )
        self.block = nn.Sequential(*layers)
        self.out_channels = cnf.out_channels
        self._is_cn = cnf.stride > 1

    def forward(self, input: Tensor) -> Tensor:
        result = self.block(input)
        return result + input if self.use_res_connect else result


class MobileNetV3(nn.Module):
    """Inverted residuals as a search found them.

    Shape: (N, 3, H, W) -> (N, num_classes).
    """

    def __init__(
        self,
        inverted_residual_setting: list[InvertedResidualConfig],
        last_channel: int,
        num_classes: int = 1000,
        block: Callable[..., nn.Module] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
        dropout: float = 0.2,
        **kwargs,
    ) -> None:
        super().__init__()
        if not inverted_residual_setting:
            raise ValueError("The inverted_residual_setting should not be empty")
        block = block or InvertedResidual
        norm_layer = norm_layer or partial(nn.BatchNorm2d, eps=0.001, momentum=0.01)
        options = {"norm_layer": norm_layer, "activation_layer": nn.Hardswish}
        first = inverted_residual_setting[0].input_channels
        narrow = inverted_residual_setting[-1].out_channels
        layers = [Conv2dNormActivation(3, first, kernel_size=3, stride=2, **options)]
        layers += [block(cnf, norm_layer) for cnf in inverted_residual_setting]
        layers.append(
            Conv2dNormActivation(narrow, 6 * narrow, kernel_size=1, **options)
        )
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Linear(6 * narrow, last_channel),
            nn.Hardswish(inplace=True),
            nn.Dropout(p=dropout, inplace=True),
            nn.Linear(last_channel, num_classes),
        )
        kaiming_fan_out(self, linear_std=0.01)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


def _settings(
    arch: str,
    width_mult: float = 1.0,
    reduced_tail: bool = False,
    dilated: bool = False,
) -> tuple[list[InvertedResidualConfig], int]:
    reduce, dilation = 2 if reduced_tail else 1, 2 if dilated else 1
    if arch == "mobilenet_v3_large":
        tail, rows, last = 160 // reduce, _LARGE, 1280
    else:
        tail, rows, last = 96 // reduce, _SMALL, 1024
    made = []
    for row in rows:
        in_c, kernel, wide, out, se, activation, stride, in_tail = row
        in_c, out = (tail if c == "tail" else c for c in (in_c, out))
        wide = wide // reduce if wide in (960, 576) and in_c == tail else wide
        made.append(
            InvertedResidualConfig(
                in_c, kernel, wide, out, se, activation, stride,
                dilation if in_tail else 1, width_mult,
            )
        )  # fmt: skip
    return made, InvertedResidualConfig.adjust_channels(last // reduce, width_mult)


# in, kernel, expanded, out, weighs channels, activation, stride, in the tail
_LARGE = (
    (16, 3, 16, 16, False, "RE", 1, False),
    (16, 3, 64, 24, False, "RE", 2, False),
    (24, 3, 72, 24, False, "RE", 1, False),
    (24, 5, 72, 40, True, "RE", 2, False),
    (40, 5, 120, 40, True, "RE", 1, False),
    (40, 5, 120, 40, True, "RE", 1, False),
    (40, 3, 240, 80, False, "HS", 2, False),
    (80, 3, 200, 80, False, "HS", 1, False),
    (80, 3, 184, 80, False, "HS", 1, False),
    (80, 3, 184, 80, False, "HS", 1, False),
    (80, 3, 480, 112, True, "HS", 1, False),
    (112, 3, 672, 112, True, "HS", 1, False),
    (112, 5, 672, "tail", True, "HS", 2, True),
    ("tail", 5, 960, "tail", True, "HS", 1, True),
    ("tail", 5, 960, "tail", True, "HS", 1, True),
)
_SMALL = (
    (16, 3, 16, 16, True, "RE", 2, False),
    (16, 3, 72, 24, False, "RE", 2, False),
    (24, 3, 88, 24, False, "RE", 1, False),
    (24, 5, 96, 40, True, "HS", 2, False),
    (40, 5, 240, 40, True, "HS", 1, False),
    (40, 5, 240, 40, True, "HS", 1, False),
    (40, 5, 120, 48, True, "HS", 1, False),
    (48, 5, 144, 48, True, "HS", 1, False),
    (48, 5, 288, "tail", True, "HS", 2, True),
    ("tail", 5, 576, "tail", True, "HS", 1, True),
    ("tail", 5, 576, "tail", True, "HS", 1, True),
)


def _mobilenet(
    arch: str, width_mult: float = 1.0, reduced_tail=False, dilated=False, **kwargs
) -> MobileNetV3:
    settings, last = _settings(arch, width_mult, reduced_tail, dilated)
    return MobileNetV3(settings, last, **kwargs)


MobileNet_V3_Large_Weights = weights(
    "MobileNet_V3_Large_Weights",
    "mobilenet_v3_large-8738ca79.pth",
    "mobilenet_v3_large-5c1a4163.pth",
    resize_size=[256, 232],
)
MobileNet_V3_Small_Weights = weights(
    "MobileNet_V3_Small_Weights", "mobilenet_v3_small-047dcff4.pth"
)
mobilenet_v3_large = builder(
    "mobilenet_v3_large", MobileNet_V3_Large_Weights, _mobilenet,
    arch="mobilenet_v3_large",
)  # fmt: skip
mobilenet_v3_small = builder(
    "mobilenet_v3_small", MobileNet_V3_Small_Weights, _mobilenet,
    arch="mobilenet_v3_small",
)  # fmt: skip
