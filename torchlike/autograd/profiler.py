"""``torch.autograd.profiler``: the older address of ``torch.profiler``."""

from __future__ import annotations

import importlib

from .. import _gaps

# Where ``torch.profiler``, which stands above autograd, has these names.
_HOMES = {
    "EventList": "_report",
    "FunctionEventAvg": "_report",
    "profile": "_older",
    "record_function": "_ranges",
}


class _Nothing:
    def __init__(self, enabled: bool = True, *args, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass


class emit_nvtx(_Nothing):
    """Accepted; does nothing."""


class emit_itt(_Nothing):
    """Accepted; does nothing."""


def __getattr__(name: str):
    if name in _HOMES:
        home = importlib.import_module(f"torchlike.profiler.{_HOMES[name]}")
        return getattr(home, name)
    raise _gaps.missing(name, "torch.autograd.profiler")
