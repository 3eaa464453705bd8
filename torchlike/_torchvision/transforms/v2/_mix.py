"""Batches mixed with themselves: MixUp and CutMix."""

from __future__ import annotations

import math

import torchlike as torch
from torchlike import Tensor, nn


class _Mixed(nn.Module):
    """Each picture with the one before it; the labels become shares.

    The batch is ``(pictures, labels)``: (N, C, H, W), and (N,) or (N, num_classes).
    """

    def __init__(self, *, alpha: float = 1.0, num_classes: int | None = None,
                 labels_getter="default") -> None:  # fmt: skip
        super().__init__()
        if labels_getter != "default":
            raise NotImplementedError(
                "torchvision.transforms.v2: labels_getter of MixUp and CutMix"
            )
        self.alpha = float(alpha)
        self.num_classes = num_classes
        held = torch.tensor([self.alpha])
        self._dist = torch.distributions.Beta(held, held)

    def forward(self, *inputs):
        images, labels = inputs if len(inputs) > 1 else inputs[0]
        if images.ndim != 4 or labels.ndim not in (1, 2):
            raise ValueError(
                f"Expected a batch (N, C, H, W) and labels (N,) or (N, num_classes), "
                f"got {tuple(images.shape)} and {tuple(labels.shape)}"
            )
        if labels.ndim == 1 and self.num_classes is None:
            raise ValueError(
                "num_classes must be passed if the labels are not one-hot."
            )
        share = float(self._dist.sample(()))
        images, share = self._mix(images, share)
        return images, self._shares(labels, share)

    def _mix(self, images: Tensor, share: float) -> tuple[Tensor, float]:
        raise NotImplementedError

    def _shares(self, labels: Tensor, share: float) -> Tensor:
        if labels.ndim == 1:
            labels = nn.functional.one_hot(labels, num_classes=self.num_classes)
        labels = labels if labels.dtype.is_floating_point else labels.float()
        return labels.roll(1, 0).mul(1.0 - share).add(labels.mul(share))

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}, num_classes={self.num_classes}"


class MixUp(_Mixed):
    """Pictures are blended (Zhang et al. 2018)."""

    def _mix(self, images: Tensor, share: float) -> tuple[Tensor, float]:
        return images.roll(1, 0).mul(1.0 - share).add(images.mul(share)), share


class CutMix(_Mixed):
    """A rectangle of one picture is put into the other (Yun et al. 2019)."""

    def _mix(self, images: Tensor, share: float) -> tuple[Tensor, float]:
        height, width = images.shape[-2:]
        x, y = (
            torch.randint(width, size=(1,)).item(),
            torch.randint(height, size=(1,)).item(),
        )
        half = 0.5 * math.sqrt(1.0 - share)
        across, down = int(half * width), int(half * height)
        x1, x2 = max(x - across, 0), min(x + across, width)
        y1, y2 = max(y - down, 0), min(y + down, height)
        out = images.clone()
        out[..., y1:y2, x1:x2] = images.roll(1, 0)[..., y1:y2, x1:x2]
        return out, 1.0 - (x2 - x1) * (y2 - y1) / (width * height)
