"""``Module`` and the global hooks, where PyTorch's users import them from."""

from __future__ import annotations

from .._hooks import *  # noqa: F403
from .._state_dict import _IncompatibleKeys as _IncompatibleKeys
from ..module import Module as Module
