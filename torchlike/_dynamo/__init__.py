"""``torch._dynamo``: not needed here; its switches are accepted and do nothing."""

from __future__ import annotations

from types import SimpleNamespace

from ..compiler import allow_in_graph as allow_in_graph
from ..compiler import assume_constant_result as assume_constant_result
from ..compiler import disable as disable
from ..compiler import is_compiling as is_compiling
from ..compiler import list_backends as list_backends
from ..compiler import reset as reset
from . import config as config
from . import eval_frame as eval_frame


def optimize(backend="xla", **options):
    """A decorator that returns its function as it is."""
    return lambda fn: fn


def run(fn=None):
    """``fn`` as it is."""
    return fn


def is_dynamo_supported() -> bool:
    """Never: Python's bytecode is not looked at here."""
    return False


def graph_break(msg: str = "") -> None:
    """Nothing to break: recording follows Python."""


def mark_dynamic(t, index, **options) -> None:
    """Accepted; each new shape is compiled for itself."""


maybe_mark_dynamic = mark_static = mark_static_address = mark_dynamic
utils = SimpleNamespace(is_compile_supported=lambda device_type: False)
