"""ConvNeXt (Liu et al. 2022)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torchlike as torch
import torchlike.nn.functional as F
from torchlike import Tensor, nn

from ..ops.misc import Conv2dNormActivation, Permute
from ..ops.stochastic_depth import StochasticDepth
from ._api import builder
from ._weights import weights


class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of maps (N, C, H, W)."""

    def forward(self, x: Tensor) -> Tensor:
        x = x.permute(0, 2, 3, 1)
        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.permute(0, 3, 1, 2)


class CNBlock(nn.Module):
    """A 7×7 convolution of each channel alone, then two linear layers."""

    def __init__(
        self,
        dim: int,
        layer_scale: float,
        stochastic_depth_prob: float,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        norm_layer = norm_layer or partial(nn.LayerNorm, eps=1e-6)
        self.block = nn.Sequential(
            nn.Conv2d(dim, dim, kernel_size=7, padding=3, groups=dim, bias=True),
            Permute([0, 2, 3, 1]),
            norm_layer(dim),
            nn.Linear(in_features=dim, out_features=4 * dim, bias=True),
            nn.GELU(),
            nn.Linear(in_features=4 * dim, out_features=dim, bias=True),
            Permute([0, 3, 1, 2]),
        )
        self.layer_scale = nn.Parameter(torch.ones(dim, 1, 1) * layer_scale)
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")

    def forward(self, input: Tensor) -> Tensor:
        result = self.layer_scale * self.block(input)
        result = self.stochastic_depth(result)
        result += input
        return result


class CNBlockConfig:
    """A stage: its width, the next one's, its number of blocks."""

    def __init__(
        self, input_channels: int, out_channels: int | None, num_layers: int
    ) -> None:
        self.input_channels = input_channels
        self.out_channels = out_channels
        self.num_layers = num_layers


class ConvNeXt(nn.Module):
    """A convolutional network with the manners of a transformer.

    Shape: (N, 3, H, W) -> (N, num_classes).
    """

    def __init__(
        self,
        block_setting: list[CNBlockConfig],
        stochastic_depth_prob: float = 0.0,
        layer_scale: float = 1e-6,
        num_classes: int = 1000,
        block: Callable[..., nn.Module] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        if not block_setting:
            raise ValueError("The block_setting should not be empty")
        block = block or CNBlock
        norm_layer = norm_layer or partial(LayerNorm2d, eps=1e-6)
        first = block_setting[0].input_channels
        layers: list[nn.Module] = [
            Conv2dNormActivation(
                3, first, kernel_size=4, stride=4, padding=0, norm_layer=norm_layer,
                activation_layer=None, bias=True,
            )
        ]  # fmt: skip
        total, index = sum(cnf.num_layers for cnf in block_setting), 0
        for cnf in block_setting:
            blocks = []
            for _ in range(cnf.num_layers):
                drop = stochastic_depth_prob * index / (total - 1.0)
                blocks.append(block(cnf.input_channels, layer_scale, drop))
                index += 1
            layers.append(nn.Sequential(*blocks))
            if cnf.out_channels is not None:
                layers.append(_halve(cnf.input_channels, cnf.out_channels, norm_layer))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        width = block_setting[-1].out_channels or block_setting[-1].input_channels
        self.classifier = nn.Sequential(
            norm_layer(width), nn.Flatten(1), nn.Linear(width, num_classes)
        )
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.avgpool(self.features(x)))


def _halve(width: int, wider: int, norm_layer) -> nn.Sequential:
    return nn.Sequential(
        norm_layer(width), nn.Conv2d(width, wider, kernel_size=2, stride=2)
    )


def _convnext(widths, depths, stochastic_depth_prob: float, **kwargs) -> ConvNeXt:
    following = [*widths[1:], None]
    setting = [
        CNBlockConfig(*stage) for stage in zip(widths, following, depths, strict=True)
    ]
    return ConvNeXt(setting, stochastic_depth_prob, **kwargs)


def _variant(name, file, resize, widths, depths, drop):
    enum = weights(f"ConvNeXt_{name.capitalize()}_Weights", file, resize_size=resize)
    options = {"widths": widths, "depths": depths, "stochastic_depth_prob": drop}
    return enum, builder(f"convnext_{name}", enum, _convnext, **options)


ConvNeXt_Tiny_Weights, convnext_tiny = _variant(
    "tiny", "convnext_tiny-983f1562.pth", 236, (96, 192, 384, 768), (3, 3, 9, 3), 0.1
)
ConvNeXt_Small_Weights, convnext_small = _variant(
    "small", "convnext_small-0c510722.pth", 230, (96, 192, 384, 768), (3, 3, 27, 3), 0.4
)
ConvNeXt_Base_Weights, convnext_base = _variant(
    "base", "convnext_base-6075fbad.pth", 232, (128, 256, 512, 1024), (3, 3, 27, 3), 0.5
)
ConvNeXt_Large_Weights, convnext_large = _variant(
    "large", "convnext_large-ea097f82.pth", 232, (192, 384, 768, 1536), (3, 3, 27, 3),
    0.5,
)  # fmt: skip
