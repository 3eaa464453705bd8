"""``Module`` and the global hooks, where PyTorch's users import them from."""

from __future__ import annotations

from .._hooks import *  # noqa: F403
from .._state_dict import _IncompatibleKeys as _IncompatibleKeys
from ..module import Module as Module


def _addindent(s_: str, numSpaces: int) -> str:  # noqa: N803
    """All lines but the first moved to the right."""
    return s_.replace("\n", "\n" + " " * numSpaces)
