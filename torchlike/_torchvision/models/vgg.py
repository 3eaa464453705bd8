"""VGG (Simonyan and Zisserman 2014)."""

from __future__ import annotations

import torchlike as torch
from torchlike import Tensor, nn

from ._api import builder
from ._init import kaiming_fan_out
from ._weights import weights

# Widths of the convolutions in each of the five stages.
_STAGES = {
    11: ([64], [128], [256] * 2, [512] * 2, [512] * 2),
    13: ([64] * 2, [128] * 2, [256] * 2, [512] * 2, [512] * 2),
    16: ([64] * 2, [128] * 2, [256] * 3, [512] * 3, [512] * 3),
    19: ([64] * 2, [128] * 2, [256] * 4, [512] * 4, [512] * 4),
}


class VGG(nn.Module):
    """Stages of 3×3 convolutions, each halving the size, and three linear layers.

    Shape: (N, 3, H, W), H and W at least 32 -> (N, num_classes).
    """

    def __init__(
        self,
        features: nn.Module,
        num_classes: int = 1000,
        init_weights: bool = True,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, num_classes),
        )
        if init_weights:
            kaiming_fan_out(self, linear_std=0.01, relu=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


def make_layers(stages, batch_norm: bool = False) -> nn.Sequential:
    """The convolutions of all stages."""
    layers: list[nn.Module] = []
    channels = 3
    for stage in stages:
        for width in stage:
            layers.append(nn.Conv2d(channels, width, kernel_size=3, padding=1))
            if batch_norm:
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.ReLU(inplace=True))
            channels = width
        layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)


def _vgg(depth: int, batch_norm: bool, **kwargs) -> VGG:
    return VGG(make_layers(_STAGES[depth], batch_norm), **kwargs)


VGG11_Weights = weights("VGG11_Weights", "vgg11-8a719046.pth")
VGG11_BN_Weights = weights("VGG11_BN_Weights", "vgg11_bn-6002323d.pth")
VGG13_Weights = weights("VGG13_Weights", "vgg13-19584684.pth")
VGG13_BN_Weights = weights("VGG13_BN_Weights", "vgg13_bn-abd245e5.pth")
VGG16_Weights = weights("VGG16_Weights", "vgg16-397923af.pth")
VGG16_BN_Weights = weights("VGG16_BN_Weights", "vgg16_bn-6c64b313.pth")
VGG19_Weights = weights("VGG19_Weights", "vgg19-dcbb9e9d.pth")
VGG19_BN_Weights = weights("VGG19_BN_Weights", "vgg19_bn-c79401a0.pth")

vgg11 = builder("vgg11", VGG11_Weights, _vgg, depth=11, batch_norm=False)
vgg11_bn = builder("vgg11_bn", VGG11_BN_Weights, _vgg, depth=11, batch_norm=True)
vgg13 = builder("vgg13", VGG13_Weights, _vgg, depth=13, batch_norm=False)
vgg13_bn = builder("vgg13_bn", VGG13_BN_Weights, _vgg, depth=13, batch_norm=True)
vgg16 = builder("vgg16", VGG16_Weights, _vgg, depth=16, batch_norm=False)
vgg16_bn = builder("vgg16_bn", VGG16_BN_Weights, _vgg, depth=16, batch_norm=True)
vgg19 = builder("vgg19", VGG19_Weights, _vgg, depth=19, batch_norm=False)
vgg19_bn = builder("vgg19_bn", VGG19_BN_Weights, _vgg, depth=19, batch_norm=True)
