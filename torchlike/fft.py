"""``torch.fft``: discrete Fourier transforms."""

from __future__ import annotations

from ._ops import _registry

globals().update(_registry.functions["fft"])
