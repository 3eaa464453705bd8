"""The functions behind the layers; every op with the scope ``nn.functional``."""

from __future__ import annotations

import importlib

from .. import _gaps
from .._ops import _registry
from .._ops.scaled_mm import ScalingType as ScalingType
from .._ops.scaled_mm import SwizzleType as SwizzleType

globals().update(_registry.functions["nn.functional"])
for _name in ("sigmoid", "tanh"):
    globals()[_name] = _registry.functions["torch"].get(_name)


native_channel_shuffle = _registry.functions["nn.functional"]["channel_shuffle"]
GRID_SAMPLE_INTERPOLATION_MODES = {"bilinear": 0, "nearest": 1, "bicubic": 2}
GRID_SAMPLE_PADDING_MODES = {"zeros": 0, "border": 1, "reflection": 2}


def __getattr__(name: str):
    if name == "grad":  # the module needs these functions
        return importlib.import_module("torchlike.nn.grad")
    if "torch_function" in name:
        return getattr(importlib.import_module("torchlike.overrides"), name)
    raise _gaps.missing(name, "torch.nn.functional")
