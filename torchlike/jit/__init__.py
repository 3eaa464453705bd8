"""``torch.jit``: annotations pass through; XLA compiles without TorchScript."""

from __future__ import annotations

import contextlib
from typing import Any
from typing import Final as Final

from ..nn import Module
from ._script import Attribute as Attribute
from ._script import CompilationUnit as CompilationUnit
from ._script import annotate as annotate
from ._script import ignore as ignore
from ._script import interface as interface
from ._script import isinstance as isinstance  # noqa: A004
from ._script import script_if_tracing as script_if_tracing
from ._script import unused as unused

ScriptFunction = type(lambda: None)


class Error(RuntimeError):
    """PyTorch's ``torch.jit.Error``."""


class TracerWarning(Warning):
    """PyTorch's warnings about traces; none is ever given."""


def _get_trace_graph(*args, **kwargs):
    """TorchScript's graphs are not made."""
    raise NotImplementedError("torch.jit._get_trace_graph (docs/differences.md)")


class ScriptModule(Module):
    """Base of modules written for TorchScript; an ordinary module here."""


class RecursiveScriptModule(ScriptModule):
    """What ``script`` would return in PyTorch; never made here."""


TopLevelTracedModule = RecursiveScriptModule


def script(obj, optimize=None, _frames_up=0, _rcb=None, example_inputs=None) -> Any:
    """``obj`` as it is: it runs as Python, recorded and compiled by XLA."""
    return obj


def _overload(func):
    """Type overloads say nothing more to Python."""
    return func


_overload_method = _overload


def script_method(fn):
    """``fn`` as it is."""
    return fn


def export(fn):
    """``fn`` as it is."""
    return fn


def trace(func, example_inputs=None, *args, **kwargs) -> Any:
    """``func`` as it is; nothing is fixed to the example's shapes or branches."""
    return func


def trace_module(mod, inputs, *args, **kwargs) -> Any:
    """``mod`` as it is."""
    return mod


def freeze(mod, preserved_attrs=None, optimize_numerics: bool = True):
    """``mod`` as it is; it must be in eval mode, as in PyTorch."""
    if mod.training:
        raise RuntimeError(
            "Freezing is currently only implemented for modules in eval mode. Please "
            "call .eval() on your module before freezing."
        )
    return mod


def optimize_for_inference(mod, other_methods=None):
    """``mod`` as it is."""
    return mod


def is_scripting() -> bool:
    """Whether TorchScript runs: never."""
    return False


def is_tracing() -> bool:
    """Whether TorchScript traces: never."""
    return False


def fork(func, *args, **kwargs):
    """Run ``func`` at once; ``wait`` returns its result."""
    return _Done(func(*args, **kwargs))


def wait(future):
    """The result of a ``fork``."""
    return future.wait()


class _Done:
    def __init__(self, value) -> None:
        self._value = value

    def wait(self):
        return self._value

    value = wait


Future = _Done


@contextlib.contextmanager
def optimized_execution(should_optimize: bool):
    """Accepted."""
    yield


@contextlib.contextmanager
def fuser(name: str):
    """Accepted; XLA fuses."""
    yield


def set_fusion_strategy(strategy) -> list:
    """Accepted; XLA fuses."""
    return []


def enable_onednn_fusion(enabled: bool) -> None:
    """Accepted; XLA fuses."""


def onednn_fusion_enabled() -> bool:
    """Never."""
    return False


def load(f, map_location=None, **options):
    """Archives of compiled TorchScript are not read."""
    raise NotImplementedError(
        "torch.jit.load: TorchScript archives are not read (docs/differences.md); "
        "save the state_dict with torch.save and load it into the module"
    )


def save(m, f, _extra_files=None) -> None:
    """TorchScript archives are not written."""
    raise NotImplementedError(
        "torch.jit.save: TorchScript archives are not written (docs/differences.md); "
        "save the state_dict with torch.save"
    )
