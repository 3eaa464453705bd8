"""SqueezeNet (Iandola et al. 2016)."""

from __future__ import annotations

import torchlike as torch
from torchlike import Tensor, nn

from ._api import builder
from ._weights import weights

# The widths of the fire modules (squeeze, expand); None halves the size.
_FIRES = {
    "1_0": [(16, 64), (16, 64), (32, 128), None, (32, 128), (48, 192), (48, 192),
            (64, 256), None, (64, 256)],
    "1_1": [(16, 64), (16, 64), None, (32, 128), (32, 128), None, (48, 192),
            (48, 192), (64, 256), (64, 256)],
}  # fmt: skip


class Fire(nn.Module):
    """A 1×1 convolution that narrows, and two beside each other that widen."""

    def __init__(
        self,
        inplanes: int,
        squeeze_planes: int,
        expand1x1_planes: int,
        expand3x3_planes: int,
    ) -> None:
        super().__init__()
        self.inplanes = inplanes
        self.squeeze = nn.Conv2d(inplanes, squeeze_planes, kernel_size=1)
        self.squeeze_activation = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeeze_planes, expand1x1_planes, kernel_size=1)
        self.expand1x1_activation = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(
            squeeze_planes, expand3x3_planes, kernel_size=3, padding=1
        )
        self.expand3x3_activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.squeeze_activation(self.squeeze(x))
        one = self.expand1x1_activation(self.expand1x1(x))
        three = self.expand3x3_activation(self.expand3x3(x))
        return torch.cat([one, three], 1)


def _halve() -> nn.MaxPool2d:
    return nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)


class SqueezeNet(nn.Module):
    """Fire modules, and a convolution whose means are the classes.

    Shape: (N, 3, H, W) -> (N, num_classes).
    """

    def __init__(
        self, version: str = "1_0", num_classes: int = 1000, dropout: float = 0.5
    ) -> None:
        super().__init__()
        if version not in _FIRES:
            raise ValueError(
                f"Unsupported SqueezeNet version {version}: 1_0 or 1_1 expected"
            )
        channels, kernel = (96, 7) if version == "1_0" else (64, 3)
        layers = [nn.Conv2d(3, channels, kernel_size=kernel, stride=2)]
        layers += [nn.ReLU(inplace=True), _halve()]
        for fire in _FIRES[version]:
            if fire is None:
                layers.append(_halve())
                continue
            layers.append(Fire(channels, fire[0], fire[1], fire[1]))
            channels = 2 * fire[1]
        self.num_classes = num_classes
        self.features = nn.Sequential(*layers)
        final = nn.Conv2d(512, num_classes, kernel_size=1)
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout),
            final,
            nn.ReLU(inplace=True),
            nn.AdaptiveAvgPool2d((1, 1)),
        )
        self._initialize(final)

    def _initialize(self, final: nn.Module) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                if module is final:
                    nn.init.normal_(module.weight, mean=0.0, std=0.01)
                else:
                    nn.init.kaiming_uniform_(module.weight)
                nn.init.constant_(module.bias, 0)

    def forward(self, x: Tensor) -> Tensor:
        return torch.flatten(self.classifier(self.features(x)), 1)


SqueezeNet1_0_Weights = weights("SqueezeNet1_0_Weights", "squeezenet1_0-b66bff10.pth")
SqueezeNet1_1_Weights = weights("SqueezeNet1_1_Weights", "squeezenet1_1-b8a52dc0.pth")
squeezenet1_0 = builder(
    "squeezenet1_0", SqueezeNet1_0_Weights, SqueezeNet, version="1_0"
)
squeezenet1_1 = builder(
    "squeezenet1_1", SqueezeNet1_1_Weights, SqueezeNet, version="1_1"
)
