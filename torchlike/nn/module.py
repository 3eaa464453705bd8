"""``nn.Module``: PyTorch's module, and a Flax ``nnx.Module`` at the same time.

Parameters, buffers and submodules are plain entries of the instance ``__dict__``, so
reading one costs no more than any attribute; ``_parameters``, ``_buffers`` and
``_modules`` are dictionaries that write through to it.
"""

from __future__ import annotations

import abc
import inspect
from collections import OrderedDict
from types import FunctionType

from flax import nnx

from .._engine import opening
from .._native import quick
from .._tensor import Tensor
from ..autograd.grad_mode import mode
from ._call import call_with_hooks, call_without_grad, depth
from ._convert import Convert
from ._graph import REGISTRIES, GraphNode
from ._hooks import HOOK_TABLES, Hookable, check_registration, everywhere
from ._members import Members
from ._registry import Registry
from ._state_dict import StateDict
from .parameter import Buffer, Parameter

# The global tables by name: four fewer attribute reads in every call.
_FORWARD, _FORWARD_PRE = everywhere.forward, everywhere.forward_pre
_BACKWARD, _BACKWARD_PRE = everywhere.backward, everywhere.backward_pre
_WAITING = opening.waiting


class _MissingAttribute:
    """``__getattr__`` for subclasses that call ``super().__getattr__``, or whose own
    ``__setattr__`` may put plain dictionaries in the place of the registries.

    It is a base of those only: a class with ``__getattr__`` pays for it at every
    attribute read, found or not.
    """

    def __getattr__(self, name: str):
        for registry in REGISTRIES:
            members = self.__dict__.get(registry)
            if members is not None and name in members:
                return members[name]
        raise AttributeError(
            f"'{type(self).__name__}' object has no attribute '{name}'"
        )


def _needs_getattr(namespace: dict) -> bool:
    """Whether a class sets attributes by itself or calls ``self.__getattr__``."""
    return "__setattr__" in namespace or any(
        "__getattr__" in value.__code__.co_names
        for value in namespace.values()
        if isinstance(value, FunctionType)
    )


class _ModuleMeta(type(nnx.Module)):
    """Makes classes and instances as a plain ``type`` does, as PyTorch's are."""

    def __new__(mcls, name, bases, namespace, **options):
        own = any(isinstance(base, _ModuleMeta) for base in bases)
        if "__getattr__" in namespace or (own and _needs_getattr(namespace)):
            if not any(issubclass(base, _MissingAttribute) for base in bases):
                bases = (*bases, _MissingAttribute)
        made = super().__new__(mcls, name, bases, namespace, **options)
        if abc.ABC not in made.__mro__:
            made.__abstractmethods__ = frozenset()
        return made

    __call__ = type.__call__
    __instancecheck__ = type.__instancecheck__
    __subclasscheck__ = type.__subclasscheck__


def _forward_unimplemented(self, *input) -> None:
    raise NotImplementedError(
        f'Module [{type(self).__name__}] is missing the required "forward" function'
    )


class Module(
    GraphNode,
    Hookable,
    StateDict,
    Members,
    Convert,
    nnx.Module,
    pytree=False,
    metaclass=_ModuleMeta,
):
    """Base class of all neural network modules: subclass it and write ``forward``."""

    dump_patches: bool = False
    call_super_init: bool = False
    training: bool

    def __init_subclass__(cls, **options) -> None:
        options["pytree"] = False
        try:
            super().__init_subclass__(**options)
        except Exception:
            # nnx reads the annotations last, to find pytree data. PyTorch never reads
            # them, so one that cannot be evaluated does no harm.
            if "_pytree__is_pytree" not in cls.__dict__:
                raise

    def __init__(self, *args, **kwargs) -> None:
        if not self.call_super_init:
            self._reject_arguments(args, kwargs)
        held = self.__dict__
        held["training"] = True
        held["_parameters"] = Registry(self)
        held["_buffers"] = Registry(self)
        held["_non_persistent_buffers_set"] = set()
        for table in HOOK_TABLES:
            held[table] = OrderedDict()
        held["_is_full_backward_hook"] = None
        held["_modules"] = Registry(self)
        if self.call_super_init:
            super().__init__(*args, **kwargs)

    def _reject_arguments(self, args, kwargs) -> None:
        name = type(self).__name__
        if kwargs:
            raise TypeError(
                f"{name}.__init__() got an unexpected keyword argument "
                f"'{next(iter(kwargs))}'"
            )
        if args:
            raise TypeError(
                f"{name}.__init__() takes 1 positional argument but {len(args) + 1} "
                "were given"
            )

    # ---- calling
    forward = _forward_unimplemented

    def __call__(self, *args, **kwargs):
        if (
            self._forward_hooks
            or self._forward_pre_hooks
            or self._backward_hooks
            or self._backward_pre_hooks
            or _FORWARD
            or _FORWARD_PRE
            or _BACKWARD
            or _BACKWARD_PRE
            or _WAITING
        ):
            return call_with_hooks(self, args, kwargs)
        if mode.enabled:
            return self.forward(*args, **kwargs)
        return call_without_grad(self.forward, args, kwargs)

    _call_impl = __call__

    # ---- registration
    def register_parameter(self, name: str, param) -> None:
        """Add a parameter; ``None`` reserves the name."""
        _check_name(self, name, "_parameters", "parameter")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(
                f"cannot assign '{typename(param)}' object to parameter '{name}' "
                "(torch.nn.Parameter or None required)"
            )
        if param is not None and param.grad_fn:
            raise ValueError(
                f"Cannot assign non-leaf Tensor to parameter '{name}'. Model "
                f"parameters must be created explicitly. To express '{name}' as a "
                "function of another Tensor, compute the value in the forward() method."
            )
        table = everywhere.parameter_registration
        if param is not None and table:
            param = check_registration(table, self, name, param)
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor, persistent: bool = True) -> None:
        """Add a tensor that is state but no parameter; by default it is saved."""
        _check_name(self, name, "_buffers", "buffer")
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(
                f"cannot assign '{typename(tensor)}' object to buffer '{name}' "
                "(torch Tensor or None required)"
            )
        if everywhere.buffer_registration:
            table = everywhere.buffer_registration
            tensor = check_registration(table, self, name, tensor)
        self._buffers[name] = tensor
        if persistent:
            self._non_persistent_buffers_set.discard(name)
        else:
            self._non_persistent_buffers_set.add(name)

    def add_module(self, name: str, module) -> None:
        """Add a submodule; ``None`` reserves the name."""
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{typename(module)} is not a Module subclass")
        _check_name(self, name, "_modules", "module")
        if everywhere.module_registration:
            table = everywhere.module_registration
            module = check_registration(table, self, name, module)
        self._modules[name] = module

    def register_module(self, name: str, module) -> None:
        """The same as ``add_module``."""
        self.add_module(name, module)

    # ---- attributes
    def __setattr__(self, name: str, value) -> None:
        held = self.__dict__
        if isinstance(value, Tensor) and isinstance(value, Parameter):
            _need(held, "_parameters", "parameters")
            self._forget(name, keep="_parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            self._set_module(name, value)
        elif name in held and self._set_registered(name, value):
            return
        elif isinstance(value, Tensor) and isinstance(value, Buffer):
            self._set_buffer(name, value)
        elif name in REGISTRIES and not isinstance(value, Registry):
            self._replace_registry(name, value)
        else:
            object.__setattr__(self, name, value)

    def _set_module(self, name, value) -> None:
        held = self.__dict__
        if name in held.get("_parameters", ()):
            raise _wrong_kind(value, "parameter", name, "torch.nn.Parameter or None")
        _need(held, "_modules", "module")
        self._forget(name, keep="_modules")
        table = everywhere.module_registration
        self._modules[name] = check_registration(table, self, name, value)

    def _set_registered(self, name, value) -> bool:
        """Assign to a name that is registered; False where it is not."""
        if name in self.__dict__.get("_parameters", ()):
            if value is not None:
                raise _wrong_kind(
                    value, "parameter", name, "torch.nn.Parameter or None"
                )
            self.register_parameter(name, None)
        elif name in self.__dict__.get("_modules", ()):
            if value is not None:
                raise _wrong_kind(
                    value, "child module", name, "torch.nn.Module or None"
                )
            table = everywhere.module_registration
            self._modules[name] = check_registration(table, self, name, None)
        elif name in self.__dict__.get("_buffers", ()):
            self._set_buffer(name, value)
        else:
            return False
        return True

    def _set_buffer(self, name, value) -> None:
        if value is not None and not isinstance(value, Tensor):
            wanted = "torch.nn.Buffer, torch.Tensor or None"
            raise _wrong_kind(value, "buffer", name, wanted)
        persistent = name not in self._non_persistent_buffers_set
        if isinstance(value, Buffer):
            persistent = value.persistent
        register = self.register_buffer
        own = getattr(register, "__func__", None) is Module.register_buffer
        if own or "persistent" in inspect.signature(register).parameters:
            register(name, value, persistent)
            return
        if not persistent:
            raise RuntimeError(
                "Registering a non-persistent buffer on a Module subclass that "
                "implements register_buffer() without the persistent parameter is "
                "not allowed."
            )
        register(name, value)

    def _replace_registry(self, name, members) -> None:
        held = self.__dict__
        for old in held.get(name, ()):
            held.pop(old, None)
        held[name] = Registry(self, members)

    def _forget(self, name: str, keep: str) -> None:
        """Unregister ``name`` everywhere but in ``keep``, where it keeps its place."""
        held = self.__dict__
        for registry in REGISTRIES:
            if registry != keep and name in held[registry]:
                del held[registry][name]
        if name not in held[keep]:
            held.pop(name, None)
        held["_non_persistent_buffers_set"].discard(name)

    def __delattr__(self, name: str) -> None:
        for registry in REGISTRIES:
            if name in self.__dict__.get(registry, ()):
                del self.__dict__[registry][name]
                self._non_persistent_buffers_set.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self):
        names = {*dir(type(self)), *self.__dict__}
        return sorted(name for name in names if not name[0].isdigit())

    # ---- copying, pickling, text
    __deepcopy__ = None  # copy.deepcopy then goes by __reduce_ex__, as for PyTorch's

    def __getstate__(self):
        return self.__dict__.copy()

    def __setstate__(self, state) -> None:
        held = self.__dict__
        held.update(state)
        for registry in REGISTRIES:
            held[registry] = Registry(self, held.get(registry, {}))
        for table in HOOK_TABLES:
            held.setdefault(table, OrderedDict())
        held.setdefault("_non_persistent_buffers_set", set())
        held.setdefault("_is_full_backward_hook", None)

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What ``repr`` shows between the parentheses; to be overridden."""
        return ""

    def __repr__(self) -> str:
        text = self.extra_repr()
        extra = text.split("\n") if text else []
        children = [
            f"({name}): " + repr(module).replace("\n", "\n  ")
            for name, module in self._modules.items()
        ]
        lines = extra + children
        if not lines:
            return self._get_name() + "()"
        if len(lines) == 1 and not children:
            return f"{self._get_name()}({lines[0]})"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"

    def __str__(self) -> str:
        return repr(self)  # not Flax's, and a subclass' own `__repr__` is heeded

    def compile(self, *args, **kwargs) -> None:
        """Nothing to do: every module is recorded and compiled as it runs."""


if quick is not None:
    _TABLES = (_FORWARD, _FORWARD_PRE, _BACKWARD, _BACKWARD_PRE, _WAITING)
    Module.__call__ = quick.call_of(Module, _TABLES, Module.__call__, depth)
    Module._call_impl = Module.__call__


def typename(item) -> str:
    """PyTorch's name for the type of ``item``, as its error messages have it."""
    if isinstance(item, Tensor):
        return item.type()
    kind = item if isinstance(item, type) else type(item)
    if kind.__module__ in ("builtins", "__builtin__"):
        return kind.__name__
    path = kind.__module__.split(".")
    path[0] = "torch" if path[0] == "torchlike" else path[0]
    return ".".join((*path, kind.__qualname__))


def _need(held, registry: str, what: str) -> None:
    if registry not in held:
        raise AttributeError(f"cannot assign {what} before Module.__init__() call")


def _wrong_kind(value, role: str, name: str, wanted: str) -> TypeError:
    return TypeError(
        f"cannot assign '{typename(value)}' as {role} '{name}' ({wanted} expected)"
    )


def _check_name(module, name, registry: str, kind: str) -> None:
    held = module.__dict__
    if kind != "module":
        _need(held, registry, kind)
    if not isinstance(name, str):
        raise TypeError(f"{kind} name should be a string. Got {typename(name)}")
    if kind == "module":
        _check_free(module, name, registry)
    if "." in name:
        got = f", got: {name}" if kind == "module" else ""
        raise KeyError(f'{kind} name can\'t contain "."{got}')
    if name == "":
        raise KeyError(f'{kind} name can\'t be empty string ""')
    _check_free(module, name, registry)


def _check_free(module, name: str, registry: str) -> None:
    if hasattr(module, name) and name not in module.__dict__[registry]:
        raise KeyError(f"attribute '{name}' already exists")
