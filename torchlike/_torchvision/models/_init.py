"""The first values that several models give to their layers."""

from __future__ import annotations

from torchlike import nn


def kaiming_fan_out(
    model: nn.Module, linear_std: float | None = None, relu: bool = False
) -> None:
    """Kaiming's normal by fan-out for convolutions, 1 and 0 for norms.

    Linear layers are drawn from a normal of ``linear_std``, unless that is None.
    """
    gain = {"nonlinearity": "relu"} if relu else {}
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", **gain)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, (nn.BatchNorm2d, nn.GroupNorm)):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear) and linear_std is not None:
            nn.init.normal_(module.weight, 0, linear_std)
            nn.init.zeros_(module.bias)


def xavier_linear(model: nn.Module) -> None:
    """Xavier's uniform for linear layers, a narrow normal for their biases."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            nn.init.normal_(module.bias, std=1e-6)
