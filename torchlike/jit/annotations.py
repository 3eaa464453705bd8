"""``torch.jit.annotations``: the names that packages import from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Dict, List, Optional, Tuple  # noqa: F401, UP035  timm takes List

BroadcastingList1 = BroadcastingList2 = BroadcastingList3 = Sequence


def try_ann_to_type(ann, loc=None, rcb=None) -> None:
    """No TorchScript types are known."""
    return None
