"""``torch.utils``."""

import importlib

from .. import _gaps
from . import data as data

_LAZY = _gaps.submodules(__spec__.submodule_search_locations)


def __getattr__(name: str):
    if name in _LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    raise _gaps.missing(name, "torch.utils")
