"""Symbolic tracing: run forward on proxies and keep what it did."""

from __future__ import annotations

import builtins
import functools
import inspect
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

from .. import nn
from .._ops import _intercept
from .._tensor import Tensor
from .graph import Graph
from .graph_module import GraphModule
from .node import map_aggregate
from .proxy import Proxy, TracerBase

_wrapped: list[tuple[dict, str]] = []


def wrap(fn_or_name):
    """At module scope: calls of this function stay one node."""
    names = inspect.currentframe().f_back.f_globals
    name = fn_or_name if isinstance(fn_or_name, str) else fn_or_name.__name__
    _wrapped.append((names, name))
    return fn_or_name


class _Patches:
    """Attributes replaced for a while."""

    def __init__(self) -> None:
        self._saved: list = []

    def set(self, holder: dict | type, name: str, value) -> None:
        """Replace a global or an attribute of a class."""
        if isinstance(holder, dict):
            self._saved.append((holder, name, holder.get(name, ...)))
            holder[name] = value
        else:
            self._saved.append((holder, name, holder.__dict__.get(name, ...)))
            setattr(holder, name, value)

    def undo(self) -> None:
        """Put everything back."""
        for holder, name, value in reversed(self._saved):
            if isinstance(holder, dict):
                holder.pop(name) if value is ... else holder.__setitem__(name, value)
            else:
                delattr(holder, name) if value is ... else setattr(holder, name, value)


def _first_proxy(args, kwargs) -> Proxy | None:
    found: list[Proxy] = []
    map_aggregate(
        (tuple(args), dict(kwargs)),
        lambda x: found.append(x) if isinstance(x, Proxy) else None,
    )
    return found[0] if found else None


def _leaf_function(function: Callable) -> Callable:
    @functools.wraps(function)
    def call(*args, **kwargs):
        proxy = _first_proxy(args, kwargs)
        if proxy is None:
            return function(*args, **kwargs)
        return proxy.tracer.create_proxy("call_function", function, args, kwargs)

    return call


class Tracer(TracerBase):
    """Override ``is_leaf_module`` to choose which modules stay one node."""

    def __init__(
        self,
        autowrap_modules: tuple[ModuleType, ...] = (math,),
        autowrap_functions: tuple[Callable, ...] = (),
        param_shapes_constant: bool = False,
    ) -> None:
        self._autowrapped = {
            id(value): value
            for module in autowrap_modules
            for name, value in vars(module).items()
            if not name.startswith("_") and callable(value)
        }
        self._autowrapped |= {id(f): f for f in autowrap_functions}
        self._autowrap_search = list(autowrap_modules)
        self.submodule_paths: dict | None = None
        self.root: Any = None
        self.tensor_attrs: dict = {}

    def is_leaf_module(self, m, module_qualified_name: str) -> bool:
        """PyTorch's own layers stay one node; Sequential is looked into."""
        own = m.__module__.startswith(("torch.nn", "torchlike.nn", "torch.ao.nn"))
        return own and not isinstance(m, nn.Sequential)

    def path_of_module(self, mod) -> str:
        """The name of a submodule of the root."""
        for name, module in self.root.named_modules():
            if module is mod:
                return name
        raise NameError("module is not installed as a submodule")

    def call_module(self, m, forward, args, kwargs):
        """What a call of a submodule becomes."""
        path = self.path_of_module(m)
        if self.is_leaf_module(m, path):
            return self.create_proxy("call_module", path, args, kwargs)
        return forward(*args, **kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict):
        """What reading an attribute of a module becomes: parameters are nodes."""
        if isinstance(attr_val, Tensor):
            path = self._paths.get(id(attr_val))
            if path is not None:
                if path not in parameter_proxy_cache:
                    made = self.create_proxy("get_attr", path, (), {})
                    parameter_proxy_cache[path] = made
                return parameter_proxy_cache[path]
        return attr_val

    def create_arg(self, a: Any) -> Any:
        """Parameters become ``get_attr`` nodes, other tensors constants of the root."""
        return map_aggregate(super().create_arg(a), self._tensor_arg)

    def _tensor_arg(self, a):
        if isinstance(a, Tensor):
            path = self._paths.get(id(a))
            if path is None:
                path = self._new_constant(a)
            return self.create_node("get_attr", path, (), {})
        if isinstance(a, nn.Module):
            return self.create_node("get_attr", self.path_of_module(a), (), {})
        return a

    def _new_constant(self, tensor: Tensor) -> str:
        i = 0
        while hasattr(self.root, f"_tensor_constant{i}"):
            i += 1
        path = f"_tensor_constant{i}"
        setattr(self.root, path, tensor)
        self._paths[id(tensor)] = path
        return path

    # ---- tracing
    def create_args_for_root(self, root_fn, is_module, concrete_args=None):
        """The function to run, and a proxy for each of its parameters."""
        parameters = list(inspect.signature(root_fn).parameters.values())
        args, kwargs = [], {}
        if is_module:
            args.append(self.root)
            parameters = parameters[1:] if not inspect.ismethod(root_fn) else parameters
        concrete = concrete_args or {}
        for p in parameters:
            value = concrete[p.name] if p.name in concrete else self._placeholder(p)
            if p.kind is p.VAR_POSITIONAL or p.kind is p.VAR_KEYWORD:
                continue
            if p.kind is p.KEYWORD_ONLY:
                kwargs[p.name] = value
            else:
                args.append(value)
        return root_fn, args, kwargs

    def _placeholder(self, p: inspect.Parameter):
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            return None
        default = () if p.default is p.empty else (p.default,)
        return self.create_proxy("placeholder", p.name, default, {})

    def trace(self, root, concrete_args: dict | None = None) -> Graph:
        """The graph of a module's forward or of a function."""
        _intercept.guard_everything()
        if isinstance(root, nn.Module):
            self.root, function = root, type(root).forward
        else:
            self.root, function = nn.Module(), root
        self.graph = Graph(tracer_cls=type(self))
        self._paths = _tensor_paths(self.root)
        run, args, kwargs = self.create_args_for_root(
            function, isinstance(root, nn.Module), concrete_args
        )
        patches = self._patch(run)
        try:
            result = run(*args, **kwargs)
        finally:
            patches.undo()
        self.create_node("output", "output", (self.create_arg(result),), {})
        return self.graph

    def _patch(self, run) -> _Patches:
        patches, proxies = _Patches(), {}
        plain_call = nn.Module.__call__

        @functools.wraps(plain_call)
        def module_call(module, *args, **kwargs):
            def forward(*args, **kwargs):
                return plain_call(module, *args, **kwargs)

            return self.call_module(module, forward, args, kwargs)

        def module_getattribute(module, name):
            value = object.__getattribute__(module, name)
            if isinstance(value, Tensor) and name[:1] != "_":
                return self.getattr(name, value, proxies)
            return value

        patches.set(nn.Module, "__call__", module_call)
        patches.set(nn.Module, "__getattribute__", module_getattribute)
        names = getattr(run, "__globals__", {})
        for name, value in list(names.items()):
            if id(value) in self._autowrapped and self._autowrapped[id(value)] is value:
                patches.set(names, name, _leaf_function(value))
        for module in self._autowrap_search:
            for name, value in list(vars(module).items()):
                if not name.startswith("_") and callable(value):
                    patches.set(vars(module), name, _leaf_function(value))
        for held, name in _wrapped:
            function = held.get(name) or getattr(builtins, name)
            patches.set(held, name, _leaf_function(function))
        return patches


def _tensor_paths(root) -> dict[int, str]:
    named = (*root.named_parameters(), *root.named_buffers())
    paths = {id(tensor): name for name, tensor in named}
    for prefix, module in root.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Tensor):
                path = f"{prefix}.{name}" if prefix else name
                paths.setdefault(id(value), path)
    return paths


def symbolic_trace(root, concrete_args: dict | None = None) -> GraphModule:
    """A module that does what ``root`` (a module or function) does, from its graph."""
    tracer = Tracer()
    graph = tracer.trace(root, concrete_args)
    is_module = isinstance(root, nn.Module)
    name = type(root).__name__ if is_module else root.__name__
    return GraphModule(tracer.root, graph, name)
