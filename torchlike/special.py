"""``torch.special``: special functions."""

from __future__ import annotations

from ._ops import _registry

globals().update(_registry.functions["special"])
