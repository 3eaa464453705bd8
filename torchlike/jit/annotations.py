"""``torch.jit.annotations``: the names that packages import from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any as Any
from typing import Dict as Dict  # noqa: UP035
from typing import List as List  # noqa: UP035
from typing import Optional as Optional
from typing import Tuple as Tuple  # noqa: UP035
from typing import Union as Union

BroadcastingList1 = BroadcastingList2 = BroadcastingList3 = Sequence


def try_ann_to_type(ann, loc=None, rcb=None) -> None:
    """No TorchScript types are known."""
    return None
