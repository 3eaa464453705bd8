"""ShuffleNetV2 (Ma et al. 2018)."""

from __future__ import annotations

import torchlike as torch
from torchlike import Tensor, nn

from ._api import builder
from ._weights import weights


def channel_shuffle(x: Tensor, groups: int) -> Tensor:
    """The channels dealt out among the groups, in turn."""
    n, channels, height, width = x.size()
    x = x.view(n, groups, channels // groups, height, width)
    return torch.transpose(x, 1, 2).contiguous().view(n, channels, height, width)


def _each_alone(channels: int, stride: int) -> nn.Conv2d:
    return nn.Conv2d(channels, channels, 3, stride, 1, bias=False, groups=channels)


class InvertedResidual(nn.Module):
    """Half of the channels pass, or both halves are made from all at stride 2."""

    def __init__(self, inp: int, oup: int, stride: int) -> None:
        super().__init__()
        if not 1 <= stride <= 3:
            raise ValueError("illegal stride value")
        self.stride = stride
        half = oup // 2
        self.branch1 = nn.Sequential()
        if stride > 1:
            self.branch1 = nn.Sequential(
                _each_alone(inp, stride),
                nn.BatchNorm2d(inp),
                nn.Conv2d(inp, half, 1, bias=False),
                nn.BatchNorm2d(half),
                nn.ReLU(inplace=True),
            )
        self.branch2 = nn.Sequential(
            nn.Conv2d(inp if stride > 1 else half, half, 1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
            _each_alone(half, stride),
            nn.BatchNorm2d(half),
            nn.Conv2d(half, half, 1, bias=False),
            nn.BatchNorm2d(half),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.stride == 1:
            kept, x = x.chunk(2, dim=1)
        else:
            kept = self.branch1(x)
        return channel_shuffle(torch.cat((kept, self.branch2(x)), dim=1), 2)


class ShuffleNetV2(nn.Module):
    """Three stages of shuffled halves.

    Shape: (N, 3, H, W) -> (N, num_classes).
    """

    def __init__(
        self,
        stages_repeats: list[int],
        stages_out_channels: list[int],
        num_classes: int = 1000,
        inverted_residual=InvertedResidual,
    ) -> None:
        super().__init__()
        if len(stages_repeats) != 3:
            raise ValueError("expected stages_repeats as list of 3 positive ints")
        if len(stages_out_channels) != 5:
            raise ValueError("expected stages_out_channels as list of 5 positive ints")
        first, *widths, last = stages_out_channels
        self.conv1 = _unit(3, first, 3, 2)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        channels = first
        for number, (count, out) in enumerate(
            zip(stages_repeats, widths, strict=True), 2
        ):
            blocks = [inverted_residual(channels, out, 2)]
            blocks += [inverted_residual(out, out, 1) for _ in range(count - 1)]
            setattr(self, f"stage{number}", nn.Sequential(*blocks))
            channels = out
        self.conv5 = _unit(channels, last, 1, 1)
        self.fc = nn.Linear(last, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.conv1(x))
        x = self.conv5(self.stage4(self.stage3(self.stage2(x))))
        return self.fc(x.mean([2, 3]))


def _unit(channels: int, out: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(inplace=True),
    )


def _shufflenet(size: str, files: list[str], widths: list[int]):
    enum = weights(f"ShuffleNet_V2_X{size}_Weights", *files)
    options = {"stages_repeats": [4, 8, 4], "stages_out_channels": widths}
    return enum, builder(f"shufflenet_v2_x{size}", enum, ShuffleNetV2, **options)


ShuffleNet_V2_X0_5_Weights, shufflenet_v2_x0_5 = _shufflenet(
    "0_5", ["shufflenetv2_x0.5-f707e7126e.pth"], [24, 48, 96, 192, 1024]
)
ShuffleNet_V2_X1_0_Weights, shufflenet_v2_x1_0 = _shufflenet(
    "1_0", ["shufflenetv2_x1-5666bf0f80.pth"], [24, 116, 232, 464, 1024]
)
ShuffleNet_V2_X1_5_Weights, shufflenet_v2_x1_5 = _shufflenet(
    "1_5", [], [24, 176, 352, 704, 1024]
)
ShuffleNet_V2_X2_0_Weights, shufflenet_v2_x2_0 = _shufflenet(
    "2_0", [], [24, 244, 488, 976, 2048]
)
