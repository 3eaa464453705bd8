"""ResNet (He et al. 2015), ResNeXt (Xie et al. 2016), wide ResNet (Zagoruyko 2016)."""

from __future__ import annotations

from collections.abc import Callable

import torchlike as torch
from torchlike import Tensor, nn

from ._api import builder
from ._init import kaiming_fan_out
from ._weights import weights


def conv3x3(
    in_planes: int, out_planes: int, stride: int = 1, groups: int = 1, dilation: int = 1
) -> nn.Conv2d:
    """A 3×3 convolution that keeps the size at stride 1."""
    return nn.Conv2d(
        in_planes,
        out_planes,
        kernel_size=3,
        stride=stride,
        padding=dilation,
        groups=groups,
        bias=False,
        dilation=dilation,
    )


def conv1x1(in_planes: int, out_planes: int, stride: int = 1) -> nn.Conv2d:
    """A 1×1 convolution."""
    return nn.Conv2d(in_planes, out_planes, kernel_size=1, stride=stride, bias=False)


class BasicBlock(nn.Module):
    """Two 3×3 convolutions beside a shortcut."""

    expansion: int = 1

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        if groups != 1 or base_width != 64:
            raise ValueError("BasicBlock only supports groups=1 and base_width=64")
        if dilation > 1:
            raise NotImplementedError("Dilation > 1 not supported in BasicBlock")
        self.conv1 = conv3x3(inplanes, planes, stride)
        self.bn1 = norm_layer(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3x3(planes, planes)
        self.bn2 = norm_layer(planes)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += identity
        return self.relu(out)


class Bottleneck(nn.Module):
    """Narrow, convolve 3×3 (where the stride is), widen; beside a shortcut."""

    expansion: int = 4

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = conv1x1(inplanes, width)
        self.bn1 = norm_layer(width)
        self.conv2 = conv3x3(width, width, stride, groups, dilation)
        self.bn2 = norm_layer(width)
        self.conv3 = conv1x1(width, planes * self.expansion)
        self.bn3 = norm_layer(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        identity = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += identity
        return self.relu(out)


class ResNet(nn.Module):
    """Four stages of residual blocks.

    Shape: (N, 3, H, W) -> (N, num_classes); each stage but the first halves the size.
    """

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        layers: list[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: list[bool] | None = None,
        norm_layer: Callable[..., nn.Module] | None = None,
    ) -> None:
        super().__init__()
        self._norm_layer = norm_layer or nn.BatchNorm2d
        self.inplanes = 64
        self.dilation = 1
        dilated = replace_stride_with_dilation or [False, False, False]
        if len(dilated) != 3:
            raise ValueError(
                "replace_stride_with_dilation should be None or a 3-element tuple, "
                f"got {dilated}"
            )
        self.groups = groups
        self.base_width = width_per_group
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = self._norm_layer(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._make_layer(block, 64, layers[0])
        self.layer2 = self._make_layer(block, 128, layers[1], 2, dilated[0])
        self.layer3 = self._make_layer(block, 256, layers[2], 2, dilated[1])
        self.layer4 = self._make_layer(block, 512, layers[3], 2, dilated[2])
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        kaiming_fan_out(self, relu=True)
        if zero_init_residual:
            self._zero_residuals()

    def _zero_residuals(self) -> None:
        # Each block begins as its shortcut (Goyal et al. 2017).
        for module in self.modules():
            last = {Bottleneck: "bn3", BasicBlock: "bn2"}.get(type(module))
            if last is not None and getattr(module, last).weight is not None:
                nn.init.constant_(getattr(module, last).weight, 0)

    def _make_layer(
        self, block, planes: int, blocks: int, stride: int = 1, dilate: bool = False
    ) -> nn.Sequential:
        before = self.dilation
        if dilate:
            self.dilation, stride = self.dilation * stride, 1
        out, downsample = planes * block.expansion, None
        if stride != 1 or self.inplanes != out:
            downsample = nn.Sequential(
                conv1x1(self.inplanes, out, stride), self._norm_layer(out)
            )
        same = (self.groups, self.base_width)
        made = [
            block(
                self.inplanes, planes, stride, downsample, *same, before,
                self._norm_layer,
            )
        ]  # fmt: skip
        self.inplanes = out
        for _ in range(1, blocks):
            made.append(
                block(out, planes, 1, None, *same, self.dilation, self._norm_layer)
            )
        return nn.Sequential(*made)

    def _forward_impl(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))

    def forward(self, x: Tensor) -> Tensor:
        return self._forward_impl(x)


_NEW = {"resize_size": [256, 232]}  # the second files were trained on other sizes
ResNet18_Weights = weights("ResNet18_Weights", "resnet18-f37072fd.pth")
ResNet34_Weights = weights("ResNet34_Weights", "resnet34-b627a593.pth")
ResNet50_Weights = weights(
    "ResNet50_Weights", "resnet50-0676ba61.pth", "resnet50-11ad3fa6.pth", **_NEW
)
ResNet101_Weights = weights(
    "ResNet101_Weights", "resnet101-63fe2227.pth", "resnet101-cd907fc2.pth", **_NEW
)
ResNet152_Weights = weights(
    "ResNet152_Weights", "resnet152-394f9c45.pth", "resnet152-f82ba261.pth", **_NEW
)
ResNeXt50_32X4D_Weights = weights(
    "ResNeXt50_32X4D_Weights",
    "resnext50_32x4d-7cdf4587.pth",
    "resnext50_32x4d-1a0047aa.pth",
    **_NEW,
)
ResNeXt101_32X8D_Weights = weights(
    "ResNeXt101_32X8D_Weights",
    "resnext101_32x8d-8ba56ff5.pth",
    "resnext101_32x8d-110c445d.pth",
    **_NEW,
)
ResNeXt101_64X4D_Weights = weights(
    "ResNeXt101_64X4D_Weights", "resnext101_64x4d-173b62eb.pth", resize_size=232
)
Wide_ResNet50_2_Weights = weights(
    "Wide_ResNet50_2_Weights",
    "wide_resnet50_2-95faca4d.pth",
    "wide_resnet50_2-9ba9bcbe.pth",
    **_NEW,
)
Wide_ResNet101_2_Weights = weights(
    "Wide_ResNet101_2_Weights",
    "wide_resnet101_2-32ee1156.pth",
    "wide_resnet101_2-d733dc28.pth",
    **_NEW,
)


def _resnet(name, enum, block, *layers: int, **options):
    return builder(name, enum, ResNet, block=block, layers=list(layers), **options)


resnet18 = _resnet("resnet18", ResNet18_Weights, BasicBlock, 2, 2, 2, 2)
resnet34 = _resnet("resnet34", ResNet34_Weights, BasicBlock, 3, 4, 6, 3)
resnet50 = _resnet("resnet50", ResNet50_Weights, Bottleneck, 3, 4, 6, 3)
resnet101 = _resnet("resnet101", ResNet101_Weights, Bottleneck, 3, 4, 23, 3)
resnet152 = _resnet("resnet152", ResNet152_Weights, Bottleneck, 3, 8, 36, 3)
resnext50_32x4d = _resnet(
    "resnext50_32x4d", ResNeXt50_32X4D_Weights, Bottleneck, 3, 4, 6, 3,
    groups=32, width_per_group=4,
)  # fmt: skip
resnext101_32x8d = _resnet(
    "resnext101_32x8d", ResNeXt101_32X8D_Weights, Bottleneck, 3, 4, 23, 3,
    groups=32, width_per_group=8,
)  # fmt: skip
resnext101_64x4d = _resnet(
    "resnext101_64x4d", ResNeXt101_64X4D_Weights, Bottleneck, 3, 4, 23, 3,
    groups=64, width_per_group=4,
)  # fmt: skip
wide_resnet50_2 = _resnet(
    "wide_resnet50_2", Wide_ResNet50_2_Weights, Bottleneck, 3, 4, 6, 3,
    width_per_group=128,
)  # fmt: skip
wide_resnet101_2 = _resnet(
    "wide_resnet101_2", Wide_ResNet101_2_Weights, Bottleneck, 3, 4, 23, 3,
    width_per_group=128,
)  # fmt: skip
