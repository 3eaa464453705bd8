"""Neural networks: ``torch.nn``. Flax loads when this package is imported."""

from __future__ import annotations

import importlib

from .. import _gaps
from .._ops._intercept import disabled as _disabled
from . import functional as functional
from . import init as init
from . import modules as modules
from . import parallel as parallel
from . import parameter as parameter
from . import utils as utils
from ._factory import factory_kwargs as factory_kwargs
from .flax import from_flax as from_flax
from .module import Module as Module
from .modules import *  # noqa: F403
from .parallel import DataParallel as DataParallel
from .parameter import Buffer as Buffer
from .parameter import Parameter as Parameter
from .parameter import UninitializedBuffer as UninitializedBuffer
from .parameter import UninitializedParameter as UninitializedParameter

Parameter.__torch_function__ = _disabled
UninitializedBuffer.__torch_function__ = _disabled
_LAZY = _gaps.submodules(__spec__.submodule_search_locations)


def __getattr__(name: str):
    if name in _LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    raise _gaps.missing(name, "torch.nn")
