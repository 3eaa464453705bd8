"""Quantised kernels, which torchlike does not have."""

from __future__ import annotations

engine = "none"
supported_engines: list[str] = ["none"]
