"""Random numbers of the transforms, from torch's generator, one by one."""

from __future__ import annotations

import torchlike as torch


def uniform(low: float, high: float) -> float:
    """One number of [low, high)."""
    return torch.empty(1).uniform_(float(low), float(high)).item()


def below(end: int) -> int:
    """One whole number of [0, end)."""
    return torch.randint(0, end, size=(1,)).item()


def happens(p: float) -> bool:
    """True with probability ``p``."""
    return bool(torch.rand(1) < p)
