"""MNASNet (Tan et al. 2018)."""

from __future__ import annotations

from torchlike import Tensor, nn

from ._api import builder
from ._scale import make_divisible
from ._weights import weights

_MOMENTUM = 1 - 0.9997  # the paper's 0.9997, as PyTorch counts it


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, momentum=_MOMENTUM)


class _InvertedResidual(nn.Module):
    def __init__(
        self, inp: int, out: int, kernel: int, stride: int, factor: int
    ) -> None:
        super().__init__()
        wide = inp * factor
        self.apply_residual = inp == out and stride == 1
        self.layers = nn.Sequential(
            nn.Conv2d(inp, wide, 1, bias=False),
            _norm(wide),
            nn.ReLU(inplace=True),
            nn.Conv2d(
                wide, wide, kernel, padding=kernel // 2, stride=stride, groups=wide,
                bias=False,
            ),
            _norm(wide),
            nn.ReLU(inplace=True),
            nn.Conv2d(wide, out, 1, bias=False),
            _norm(out),
        )  # fmt: skip

    def forward(self, input: Tensor) -> Tensor:
        out = self.layers(input)
        return out + input if self.apply_residual else out


def _stack(inp, out, kernel, stride, factor, repeats) -> nn.Sequential:
    blocks = [_InvertedResidual(inp, out, kernel, stride, factor)]
    for _ in range(repeats - 1):
        blocks.append(_InvertedResidual(out, out, kernel, 1, factor))
    return nn.Sequential(*blocks)


# width, kernel, stride, expansion, repeats
_STAGES = (
    (24, 3, 2, 3, 3),
    (40, 5, 2, 3, 3),
    (80, 5, 2, 6, 3),
    (96, 3, 1, 6, 2),
    (192, 5, 2, 6, 4),
    (320, 3, 1, 6, 1),
)


class MNASNet(nn.Module):
    """Inverted residuals of a width that ``alpha`` scales.

    Shape: (N, 3, H, W) -> (N, num_classes).
    """

    def __init__(self, alpha: float, num_classes: int = 1000, dropout: float = 0.2):
        super().__init__()
        if alpha <= 0.0:
            raise ValueError(f"alpha should be greater than 0.0 instead of {alpha}")
        self.alpha = alpha
        self.num_classes = num_classes
        first, second = (make_divisible(c * alpha, 8) for c in (32, 16))
        layers = [
            nn.Conv2d(3, first, 3, padding=1, stride=2, bias=False),
            _norm(first),
            nn.ReLU(inplace=True),
            nn.Conv2d(first, first, 3, padding=1, groups=first, bias=False),
            _norm(first),
            nn.ReLU(inplace=True),
            nn.Conv2d(first, second, 1, bias=False),
            _norm(second),
        ]
        channels = second
        for width, *rest in _STAGES:
            out = make_divisible(width * alpha, 8)
            layers.append(_stack(channels, out, *rest))
            channels = out
        layers += [
            nn.Conv2d(channels, 1280, 1, bias=False),
            _norm(1280),
            nn.ReLU(inplace=True),
        ]
        self.layers = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout, inplace=True), nn.Linear(1280, num_classes)
        )
        self._initialize()

    def _initialize(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out", nonlinearity="relu"
                )
            elif isinstance(module, nn.BatchNorm2d):
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Linear):
                nn.init.kaiming_uniform_(
                    module.weight, mode="fan_out", nonlinearity="sigmoid"
                )
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.layers(x).mean([2, 3]))


MNASNet0_5_Weights = weights(
    "MNASNet0_5_Weights", "mnasnet0.5_top1_67.823-3ffadce67e.pth"
)
MNASNet0_75_Weights = weights("MNASNet0_75_Weights")
MNASNet1_0_Weights = weights(
    "MNASNet1_0_Weights", "mnasnet1.0_top1_73.512-f206786ef8.pth"
)
MNASNet1_3_Weights = weights("MNASNet1_3_Weights")
mnasnet0_5 = builder("mnasnet0_5", MNASNet0_5_Weights, MNASNet, alpha=0.5)
mnasnet0_75 = builder("mnasnet0_75", MNASNet0_75_Weights, MNASNet, alpha=0.75)
mnasnet1_0 = builder("mnasnet1_0", MNASNet1_0_Weights, MNASNet, alpha=1.0)
mnasnet1_3 = builder("mnasnet1_3", MNASNet1_3_Weights, MNASNet, alpha=1.3)
