"""``torch.version``: what torchlike reports of itself as ``torch``."""

from __future__ import annotations

from torchlike._dropin.names import REPORTED_VERSION
from torchlike.torch_version import TorchVersion

__all__ = ["__version__", "cuda", "debug", "git_version", "hip", "rocm", "xpu"]

__version__ = TorchVersion(REPORTED_VERSION)
debug = False
# XLA's own CUDA libraries come as wheels with JAX; no toolkit version is built in.
cuda: str | None = None
git_version: str | None = None
hip: str | None = None
rocm: str | None = None
xpu: str | None = None
