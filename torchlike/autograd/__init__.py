"""``torch.autograd``: backward, grad, grad modes and custom functions."""

import importlib

from .. import _gaps
from . import graph, saved
from .api import backward as backward
from .api import grad as grad
from .function import Function as Function
from .grad_mode import enable_grad as enable_grad
from .grad_mode import inference_mode as inference_mode
from .grad_mode import no_grad as no_grad
from .grad_mode import set_grad_enabled as set_grad_enabled
from .legacy import Variable as Variable
from .saved import detect_anomaly as detect_anomaly
from .saved import set_detect_anomaly as set_detect_anomaly

# PyTorch has these names in ``torch.autograd.graph``.
for _name in (
    "GradientEdge",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
):
    setattr(graph, _name, getattr(saved, _name))

# What is built on the rooms above loads when first used.
_FROM = {"gradcheck": "_gradcheck", "gradgradcheck": "_gradcheck"}
_LAZY = _gaps.submodules(__spec__.submodule_search_locations)


def __getattr__(name: str):
    if name in _FROM:
        module = importlib.import_module(f"{__name__}.{_FROM[name]}")
        globals()[name] = value = getattr(module, name)
        return value
    if name in _LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    raise _gaps.missing(name, "torch.autograd")
