"""The ops: all of the numerics, one family a file. See docs/adding_an_op.md."""

import importlib
import pkgutil

from .._devices import jax_device as jax_device
from .._errors import wrap_dim as wrap_dim
from ._place import device_of as device_of

# Every public file of this folder is a family that registers itself.
for _module in pkgutil.iter_modules(__path__):
    if not _module.name.startswith("_"):
        importlib.import_module(f"{__name__}.{_module.name}")
