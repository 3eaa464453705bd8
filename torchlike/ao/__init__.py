"""``torch.ao``: tools of quantisation, of which torchlike has the float layers."""

import importlib

from .. import _gaps
from . import quantization as quantization


def __getattr__(name: str):
    if name == "nn":
        return importlib.import_module(f"{__name__}.nn")
    raise _gaps.missing(name, "torch.ao")
