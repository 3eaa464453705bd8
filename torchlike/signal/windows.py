"""``torch.signal.windows``: window functions."""

from __future__ import annotations

from .._ops import _registry

globals().update(_registry.functions["signal.windows"])
