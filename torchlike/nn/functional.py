"""The functions behind the layers; every op with the scope ``nn.functional``."""

from __future__ import annotations

from .. import _gaps
from .._ops import _registry

globals().update(_registry.functions["nn.functional"])
for _name in ("sigmoid", "tanh"):
    globals()[_name] = _registry.functions["torch"].get(_name)


def __getattr__(name: str):
    raise _gaps.missing(name, "torch.nn.functional")
