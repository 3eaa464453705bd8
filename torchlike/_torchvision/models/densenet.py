"""DenseNet (Huang et al. 2016)."""

from __future__ import annotations

from collections import OrderedDict

import torchlike as torch
import torchlike.nn.functional as F
import torchlike.utils.checkpoint as checkpoint
from torchlike import Tensor, nn

from ._api import builder
from ._weights import weights


class _DenseLayer(nn.Module):
    """1×1 then 3×3 convolution of all maps so far, each behind norm and ReLU."""

    def __init__(
        self,
        channels: int,
        growth_rate: int,
        bn_size: int,
        drop_rate: float,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        inner = bn_size * growth_rate
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(channels, inner, kernel_size=1, stride=1, bias=False)
        self.norm2 = nn.BatchNorm2d(inner)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(
            inner, growth_rate, kernel_size=3, stride=1, padding=1, bias=False
        )
        self.drop_rate = float(drop_rate)
        self.memory_efficient = memory_efficient

    def _narrow(self, *maps: Tensor) -> Tensor:
        return self.conv1(self.relu1(self.norm1(torch.cat(maps, 1))))

    def forward(self, input) -> Tensor:
        maps = [input] if isinstance(input, Tensor) else input
        if self.memory_efficient and any(m.requires_grad for m in maps):
            narrow = checkpoint.checkpoint(self._narrow, *maps, use_reentrant=False)
        else:
            narrow = self._narrow(*maps)
        new = self.conv2(self.relu2(self.norm2(narrow)))
        if self.drop_rate > 0:
            new = F.dropout(new, p=self.drop_rate, training=self.training)
        return new


class _DenseBlock(nn.ModuleDict):
    def __init__(
        self,
        num_layers: int,
        channels: int,
        bn_size: int,
        growth_rate: int,
        drop_rate: float,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        for index in range(num_layers):
            layer = _DenseLayer(
                channels + index * growth_rate,
                growth_rate,
                bn_size,
                drop_rate,
                memory_efficient,
            )
            self.add_module(f"denselayer{index + 1}", layer)

    def forward(self, first: Tensor) -> Tensor:
        maps = [first]
        for layer in self.values():
            maps.append(layer(maps))
        return torch.cat(maps, 1)


class _Transition(nn.Sequential):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size=1, bias=False)
        self.pool = nn.AvgPool2d(kernel_size=2, stride=2)


def _stem(channels: int) -> OrderedDict:
    return OrderedDict(
        conv0=nn.Conv2d(3, channels, kernel_size=7, stride=2, padding=3, bias=False),
        norm0=nn.BatchNorm2d(channels),
        relu0=nn.ReLU(inplace=True),
        pool0=nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
    )


class DenseNet(nn.Module):
    """Blocks in which each layer sees the maps of all before it.

    Shape: (N, 3, H, W) -> (N, num_classes).
    """

    def __init__(
        self,
        growth_rate: int = 32,
        block_config: tuple[int, int, int, int] = (6, 12, 24, 16),
        num_init_features: int = 64,
        bn_size: int = 4,
        drop_rate: float = 0,
        num_classes: int = 1000,
        memory_efficient: bool = False,
    ) -> None:
        super().__init__()
        self.features = nn.Sequential(_stem(num_init_features))
        channels = num_init_features
        for index, layers in enumerate(block_config, 1):
            block = _DenseBlock(
                layers, channels, bn_size, growth_rate, drop_rate, memory_efficient
            )
            self.features.add_module(f"denseblock{index}", block)
            channels += layers * growth_rate
            if index != len(block_config):
                transition = _Transition(channels, channels // 2)
                self.features.add_module(f"transition{index}", transition)
                channels //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, num_classes)
        self._initialize()

    def _initialize(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.constant_(module.weight, 1)
                nn.init.constant_(module.bias, 0)
            elif isinstance(module, nn.Linear):
                nn.init.constant_(module.bias, 0)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.features(x), inplace=True)
        out = torch.flatten(F.adaptive_avg_pool2d(out, (1, 1)), 1)
        return self.classifier(out)


def _densenet(name, file, growth, blocks, first):
    number = name.removeprefix("densenet")
    enum = weights(f"DenseNet{number}_Weights", file)
    options = {"growth_rate": growth, "block_config": blocks}
    return enum, builder(name, enum, DenseNet, **options, num_init_features=first)


DenseNet121_Weights, densenet121 = _densenet(
    "densenet121", "densenet121-a639ec97.pth", 32, (6, 12, 24, 16), 64
)
DenseNet161_Weights, densenet161 = _densenet(
    "densenet161", "densenet161-8d451a50.pth", 48, (6, 12, 36, 24), 96
)
DenseNet169_Weights, densenet169 = _densenet(
    "densenet169", "densenet169-b2777c0a.pth", 32, (6, 12, 32, 32), 64
)
DenseNet201_Weights, densenet201 = _densenet(
    "densenet201", "densenet201-c1103571.pth", 32, (6, 12, 48, 32), 64
)
