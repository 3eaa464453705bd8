"""``torch.overrides``: the protocol with which other classes take calls over."""

from __future__ import annotations

import functools
import inspect

from ._ops import _intercept, _registry
from ._ops._intercept import DisableTorchFunction as DisableTorchFunction
from ._ops._intercept import (
    DisableTorchFunctionSubclass as DisableTorchFunctionSubclass,
)
from ._tensor import Tensor

__all__ = [
    "TorchFunctionMode",
    "get_default_nowrap_functions",
    "get_ignored_functions",
    "get_overridable_functions",
    "get_testing_overrides",
    "handle_torch_function",
    "has_torch_function",
    "has_torch_function_unary",
    "has_torch_function_variadic",
    "is_tensor_like",
    "is_tensor_method_or_property",
    "resolve_name",
    "wrap_torch_function",
]


def has_torch_function(relevant_args) -> bool:
    """Whether one of the arguments overrides, or a mode is active."""
    return bool(
        _intercept.state.modes or _intercept.overriding(tuple(relevant_args), {})
    )


def has_torch_function_unary(arg) -> bool:
    """``has_torch_function`` of one argument."""
    return has_torch_function((arg,))


def has_torch_function_variadic(*args) -> bool:
    """``has_torch_function`` of several arguments."""
    return has_torch_function(args)


def handle_torch_function(public_api, relevant_args, *args, **kwargs):
    """Let the overriding arguments take the call of ``public_api``."""
    found = _get_overloaded_args(relevant_args)
    return _intercept.dispatch(public_api, found, args, kwargs)


def _get_overloaded_args(relevant_args, get_type_fn=None) -> list:
    return _intercept.overriding(tuple(relevant_args), {})


def wrap_torch_function(dispatcher):
    """Decorate a function so that the arguments ``dispatcher`` returns may override."""

    def decorate(func):
        @functools.wraps(func)
        def call(*args, **kwargs):
            relevant = dispatcher(*args, **kwargs)
            if has_torch_function(relevant):
                return handle_torch_function(call, relevant, *args, **kwargs)
            return func(*args, **kwargs)

        return call

    return decorate


def is_tensor_like(inp) -> bool:
    """Whether ``inp`` is a Tensor or has ``__torch_function__``."""
    return isinstance(inp, Tensor) or hasattr(inp, "__torch_function__")


# ---- the functions that can be overridden --------------------------------------------
@functools.cache
def _overridable() -> dict:
    found = {
        scope: list(table.values()) for scope, table in _registry.functions.items()
    }
    methods = [f for f in vars(Tensor).values() if inspect.isfunction(f)]
    return {**found, "Tensor": methods}


def get_overridable_functions() -> dict:
    """The functions by the module (or class) they belong to."""
    found = _overridable()
    named = {name: found[s] for s, name in _registry.SCOPES.items() if s in found}
    return {**named, Tensor: found["Tensor"]}


@functools.cache
def _names() -> dict:
    names = {}
    for name, f in vars(Tensor).items():
        if inspect.isfunction(f):
            names[f] = f"torch.Tensor.{name}"
    for scope, table in _registry.functions.items():
        home = _registry.SCOPES.get(scope, scope)
        names.update({f: f"{home}.{n}" for n, f in table.items()})
    return names


def resolve_name(f) -> str | None:
    """The public name of an overridable function."""
    return _names().get(f)


def is_tensor_method_or_property(func) -> bool:
    """Whether ``func`` is a method of Tensor or the getter of a property."""
    return func in _overridable()["Tensor"] or func.__name__ == "__get__"


def get_ignored_functions() -> set:
    """Functions that cannot be overridden: those that take no tensor."""
    table = _registry.functions["torch"]
    names = "zeros ones empty full arange linspace logspace eye rand randn randint"
    return {table[name] for name in names.split() if name in table}


def get_testing_overrides() -> dict:
    """A dummy of the right signature for each overridable function."""
    every = {f for fs in _overridable().values() for f in fs}
    return {f: (lambda *args, **kwargs: -1) for f in every}


def get_default_nowrap_functions() -> set:
    """Functions whose results stay plain tensors."""
    return set()


# ---- modes ---------------------------------------------------------------------------
class TorchFunctionMode:
    """Inside ``with mode:``, ``mode.__torch_function__`` sees every call."""

    inner: TorchFunctionMode

    def __init__(self) -> None:
        pass

    def __torch_function__(self, func, types, args=(), kwargs=None):
        raise NotImplementedError

    def __enter__(self):
        _intercept.guard_everything()
        _intercept.state.modes.append(self)
        return self

    def __exit__(self, exc_type, exc_val, exc_tb) -> None:
        _intercept.state.modes.pop()

    @classmethod
    def push(cls, *args, **kwargs):
        """A new mode."""
        return cls(*args, **kwargs)


class BaseTorchFunctionMode(TorchFunctionMode):
    """A mode that changes nothing."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


def _get_current_function_mode() -> TorchFunctionMode | None:
    modes = _intercept.state.modes
    return modes[-1] if modes else None


def _len_torch_function_stack() -> int:
    return len(_intercept.state.modes)


def enable_reentrant_dispatch():
    """Subclasses override again inside a dispatch."""
    return _Reentrant()


class _Reentrant:
    def __enter__(self) -> None:
        self._saved = _intercept.state.disabled
        _intercept.state.disabled = 0

    def __exit__(self, *exc) -> None:
        _intercept.state.disabled = self._saved
