"""torchlike: PyTorch scripts on JAX. ``import torchlike as torch``."""

from __future__ import annotations

import importlib
from math import e as e
from math import inf as inf
from math import nan as nan
from math import pi as pi

from . import _config as _config
from . import _dtypes, _gaps
from ._devices import device as device
from ._dtypes import dtype as dtype
from ._dtypes import get_default_dtype as get_default_dtype
from ._dtypes import layout as layout
from ._dtypes import promote_types as promote_types
from ._dtypes import strided as strided
from ._limits import finfo as finfo
from ._limits import iinfo as iinfo
from ._ops import _registry
from ._settings import *  # noqa: F403
from ._size import Size as Size
from ._tensor import Tensor as Tensor
from .autograd import enable_grad as enable_grad
from .autograd import inference_mode as inference_mode
from .autograd import no_grad as no_grad
from .autograd import set_grad_enabled as set_grad_enabled
from .autograd.grad_mode import is_grad_enabled as is_grad_enabled
from .autograd.grad_mode import is_inference_mode_enabled as is_inference_mode_enabled
from .version import __version__ as __version__

newaxis = None


contiguous_format = _dtypes.memory_format("contiguous_format")
channels_last = _dtypes.memory_format("channels_last")
channels_last_3d = _dtypes.memory_format("channels_last_3d")
preserve_format = _dtypes.memory_format("preserve_format")

# The dtypes, under both names, and the functions of the ops.
globals().update({d.name: d for d in _dtypes.ALL})
globals().update(_dtypes.ALIASES)
for _layout in ("coo", "csr", "csc", "bsr", "bsc"):
    globals()[f"sparse_{_layout}"] = getattr(_dtypes, f"sparse_{_layout}")
jagged = _dtypes.jagged
globals().update(_registry.functions["torch"])

# Modules that load when first used: Flax, Optax and Orbax come with them.
_LAZY = _gaps.submodules(__spec__.submodule_search_locations)
_FROM = {
    "save": "serialization",
    "load": "serialization",
    "manual_seed": "random",
    "seed": "random",
    "initial_seed": "random",
    "get_rng_state": "random",
    "set_rng_state": "random",
    "default_generator": "random",
    "Generator": "random",
    "set_printoptions": "_printing",
    "get_printoptions": "_printing",
    "printoptions": "_printing",
    "vmap": "func",
}


def __getattr__(name: str):
    if name in _LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _FROM:
        value = getattr(importlib.import_module(f"{__name__}.{_FROM[name]}"), name)
        globals()[name] = value
        return value
    raise _gaps.missing(name)
