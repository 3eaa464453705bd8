"""Let others take over calls of the public functions: ``__torch_function__``, modes
and autocast.

The functions themselves know nothing of it, and cost nothing more, until a first
overriding object, mode or autocast region turns up. Then :func:`guard` gives them a
new ``__code__`` that looks at the arguments first; they stay the same function
objects, so that tables keyed by ``torch.add`` and names imported earlier stay right.
"""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Callable
from types import CodeType, FunctionType

from .._native import quick
from ..autograd import variable
from . import _registry

_PUBLIC_OF_OPERATOR = {
    "__add__": "add",
    "__radd__": "add",
    "__sub__": "sub",
    "__mul__": "mul",
    "__rmul__": "mul",
    "__truediv__": "div",
    "__pow__": "pow",
    "__matmul__": "matmul",
    "__neg__": "neg",
    "__abs__": "abs",
    **{f"__{name}__": name for name in ("ne", "lt", "le", "gt", "ge")},
}
# Methods that make or show a tensor object rather than compute with it.
_LEFT_ALONE = frozenset(
    "__new__ __init_subclass__ __hash__ __format__ __deepcopy__ __reduce_ex__ "
    "__array__ __jax_array__ __contains__ __torch_function__ as_subclass __dir__ "
    "__getattr__ __array_wrap__".split()
)


class _State(threading.local):
    """``disabled``: subclasses count as plain tensors; ``cast``: see amp."""

    disabled = 0
    cast: Callable | None = None

    def __init__(self) -> None:
        self.modes: list = []


state = _State()
_guarded: set[int] = set()
_lock = threading.Lock()
_everything = False


def unwatched(*tensors) -> bool:
    """Whether calls on these would be seen by nobody: plain tensors, no mode, no cast.

    Then one op of our own may stand for several public functions.
    """
    if state.modes or state.cast is not None:
        return False
    return all([t.__class__ is variable.tensor_class for t in tensors])


# ---- guarding ------------------------------------------------------------------------
def guard_everything() -> None:
    """Guard every public function and method; from now on they can be overridden."""
    global _everything
    if _everything:
        return
    with _lock:
        for function, public in _all_functions():
            _guard(function, public)
        _everything = True


def guard(functions) -> None:
    """Guard some functions."""
    with _lock:
        for function in functions:
            _guard(function, function)


def _all_functions():
    for table in (*_registry.functions.values(), _registry.methods):
        for function in table.values():
            yield function, function
    tensor = variable.tensor_class
    for name, function in vars(tensor).items():
        if name in _LEFT_ALONE or (name.startswith("_") and name[:2] != "__"):
            continue
        public = getattr(tensor, _PUBLIC_OF_OPERATOR.get(name, name), function)
        if quick is not None and type(function) is quick.Method:
            function = function.__wrapped__
        yield function, public


_TEMPLATE = "def template(*args, **kwargs): return 'the entry'(args, kwargs)"


def _template() -> CodeType:
    held: dict = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a string is no function, it says
        exec(_TEMPLATE, held)
    return held["template"].__code__


def _guard(function, public) -> None:
    if type(function) is not FunctionType or id(function) in _guarded:
        return
    _guarded.add(id(function))
    code = function.__code__
    run = FunctionType(
        code,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    run.__kwdefaults__ = function.__kwdefaults__
    run.__dict__.update(vars(function))
    function.__wrapped__ = run  # `inspect.signature` still tells the true parameters
    function.__code__ = _entry_code(_entry(public, run, function), code)


def _entry_code(entry: Callable, code: CodeType) -> CodeType:
    """The code of ``def f(*args, **kwargs): return entry(args, kwargs)``."""
    template = _template()
    consts = tuple(entry if c == "the entry" else c for c in template.co_consts)
    return template.replace(
        co_consts=consts,
        co_freevars=code.co_freevars,
        co_filename=f"<torchlike {code.co_name}>",
        co_name=code.co_name,
    )


def _entry(public, run, function):
    """What a guarded function does: look for overriding arguments, then autocast."""

    def entry(args, kwargs):
        if state.modes or not state.disabled:
            found = overriding(args, kwargs)
            if found or state.modes:
                return dispatch(public, found, args, kwargs)
        if state.cast is not None:
            return state.cast(function, run, args, kwargs)
        return run(*args, **kwargs)

    return entry


# ---- overriding arguments ------------------------------------------------------------
def disabled(func, types, args=(), kwargs=None):
    """The ``__torch_function__`` of classes that do not override."""
    with DisableTorchFunctionSubclass():
        return func(*args, **(kwargs or {}))


@functools.lru_cache(maxsize=1 << 12)
def overrides(cls: type) -> bool:
    """Whether operands of this class take calls over."""
    method = getattr(cls, "__torch_function__", None)
    return (
        cls is not variable.tensor_class
        and method is not None
        and method is not disabled
    )


def overriding(args, kwargs) -> list:
    """The arguments, also those in lists, that override: subclasses come first."""
    found: list = []
    if state.disabled:
        return found
    for x in (*args, *kwargs.values()):
        cls = x.__class__
        if cls is tuple or cls is list:
            for item in x:
                if overrides(item.__class__):
                    add_overriding(found, item)
        elif overrides(cls):
            add_overriding(found, x)
    return found


def add_overriding(found: list, x) -> None:
    """Put ``x`` before the first found argument whose class it refines."""
    cls = type(x)
    if any(type(other) is cls for other in found):
        return
    for i, other in enumerate(found):
        if issubclass(cls, type(other)):
            found.insert(i, x)
            return
    found.append(x)


def dispatch(public, found: list, args, kwargs):
    """Ask the innermost mode, then each overriding argument."""
    types = tuple(type(x) for x in found)
    if state.modes:
        mode = state.modes.pop()
        try:
            result = mode.__torch_function__(public, types, args, kwargs)
        finally:
            state.modes.append(mode)
        if result is not NotImplemented:
            return result
    for x in found:
        result = x.__torch_function__(public, types, args, kwargs)
        if result is not NotImplemented:
            return result
    home = str(getattr(public, "__module__", "torch"))
    name = f"{home.replace('torchlike', 'torch', 1)}.{public.__name__}"
    asked = "".join(f"\n  - tensor subclass {t}" for t in types)
    raise TypeError(
        f"Multiple dispatch failed for '{name}'; all __torch_function__ handlers "
        f"returned NotImplemented:\n{asked}"
    )


def met(cls: type) -> bool:
    """A class of operands turns up: guard if it is the first that overrides."""
    if _everything or not overrides(cls):
        return False
    guard_everything()
    return True


class DisableTorchFunctionSubclass:
    """Inside, tensor subclasses count as plain tensors; modes still see calls."""

    def __enter__(self) -> None:
        state.disabled += 1

    def __exit__(self, *exc) -> None:
        state.disabled -= 1


class DisableTorchFunction:
    """Inside, nothing overrides: neither subclasses nor modes."""

    def __enter__(self) -> None:
        state.disabled += 1
        self._modes, state.modes = state.modes, []

    def __exit__(self, *exc) -> None:
        state.disabled -= 1
        state.modes = self._modes
