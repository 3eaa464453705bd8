"""``torch.utils.deterministic``."""

from __future__ import annotations

# Tensors from `torch.empty` are zeros here in any case.
fill_uninitialized_memory = True
