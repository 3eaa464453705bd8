"""``torch.fft``: discrete Fourier transforms."""

from __future__ import annotations

from ._ops import _registry
from ._tensor import Tensor as Tensor  # PyTorch lists it here

globals().update(_registry.functions["fft"])
