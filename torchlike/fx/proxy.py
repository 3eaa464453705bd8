"""Proxies: stand-ins for tensors that write down what is done with them."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Any

from .graph import Graph
from .node import Node, map_aggregate


class TraceError(ValueError):
    """Code whose way depends on values, which tracing does not know."""


class TracerBase:
    """Makes nodes and proxies in ``graph``."""

    graph: Graph
    record_stack_traces = False
    trace_asserts = False
    check_mutable_operations = False

    def create_node(
        self, kind: str, target, args, kwargs, name=None, type_expr=None
    ) -> Node:
        """Put a node into the graph."""
        return self.graph.create_node(kind, target, args, kwargs, name, type_expr)

    def proxy(self, node: Node) -> Proxy:
        """The stand-in for a node's value."""
        return Proxy(node, self)

    def create_proxy(
        self, kind, target, args, kwargs, name=None, type_expr=None,
        proxy_factory_fn=None,
    ):  # fmt: skip
        """A node for a call, and its proxy."""
        node = self.create_node(
            kind,
            target,
            self.create_arg(args),
            self.create_arg(kwargs),
            name,
            type_expr,
        )
        return (proxy_factory_fn or self.proxy)(node)

    def create_arg(self, a: Any) -> Any:
        """Arguments as they stand in the graph: nodes instead of proxies."""
        return map_aggregate(a, self._one_arg)

    def _one_arg(self, a):
        if isinstance(a, Proxy):
            return a.node
        if isinstance(a, range):
            return range(*(self._one_arg(x) for x in (a.start, a.stop, a.step)))
        return a

    def to_bool(self, obj: Proxy) -> bool:
        """Values are not known."""
        raise TraceError(
            "symbolically traced variables cannot be used as inputs to control flow"
        )

    def iter(self, obj: Proxy) -> Iterator:
        """Lengths are not known."""
        raise TraceError(
            "Proxy object cannot be iterated. This can be attempted when the Proxy is "
            "used in a loop or as a *args or **kwargs function argument. See the "
            "torch.fx docs on pytorch.org for a more detailed explanation of what "
            "types of control flow can be traced, and check out the Proxy docstring "
            "for help troubleshooting Proxy iteration errors"
        )

    def keys(self, obj: Proxy) -> Any:
        """The keys, as a proxy."""
        return Attribute(obj, "keys")()


class GraphAppendingTracer(TracerBase):
    """Adds to a graph that is there."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph


class Proxy:
    """Stands for the value of ``node``."""

    def __init__(self, node: Node, tracer: TracerBase | None = None) -> None:
        self.node = node
        self.tracer = GraphAppendingTracer(node.graph) if tracer is None else tracer

    def __repr__(self) -> str:
        return f"Proxy({self.node.name})"

    def __getattr__(self, k: str) -> Attribute:
        if k.startswith("__") and k.endswith("__"):
            raise AttributeError(k)
        return Attribute(self, k)

    def __call__(self, *args, **kwargs):
        return self.tracer.create_proxy(
            "call_method", "__call__", (self, *args), kwargs
        )

    def __iter__(self):
        return self.tracer.iter(self)

    def __bool__(self) -> bool:
        return self.tracer.to_bool(self)

    def keys(self):
        """The keys of a mapping."""
        return self.tracer.keys(self)

    def __len__(self):
        raise RuntimeError(
            "'len' is not supported in symbolic tracing by default. If you want this "
            "call to be recorded, please call torch.fx.wrap('len') at module scope"
        )

    @classmethod
    def __torch_function__(cls, orig_method, types, args=(), kwargs=None):
        found: list[Proxy] = []
        map_aggregate(
            (tuple(args), kwargs or {}),
            lambda x: found.append(x) if isinstance(x, Proxy) else None,
        )
        tracer = found[0].tracer
        return tracer.create_proxy("call_function", orig_method, args, kwargs or {})


class Attribute(Proxy):
    """``proxy.name``: a method once it is called, otherwise ``getattr``."""

    def __init__(self, root: Proxy, attr: str) -> None:
        self.root, self.attr, self.tracer = root, attr, root.tracer
        self._node: Node | None = None

    @property
    def node(self) -> Node:
        if self._node is None:
            self._node = self.tracer.create_proxy(
                "call_function", getattr, (self.root, self.attr), {}
            ).node
        return self._node

    def __call__(self, *args, **kwargs):
        return self.tracer.create_proxy(
            "call_method", self.attr, (self.root, *args), kwargs
        )


class ParameterProxy(Proxy):
    """A parameter whose shape may be asked for."""

    def __init__(self, tracer, node, name, param) -> None:
        super().__init__(node, tracer)
        self.name, self.param = name, param


_BINARY = (
    "add sub mul truediv floordiv mod pow matmul and_ or_ xor lshift rshift eq ne lt "
    "le gt ge getitem"
).split()
_REFLECTED = "add sub mul truediv floordiv mod pow matmul and_ or_ xor".split()
_UNARY = "neg pos invert abs".split()


def _operation(function, reverse: bool = False):
    def method(self, *args):
        given = (*args, self) if reverse else (self, *args)
        return self.tracer.create_proxy("call_function", function, given, {})

    return method


for _name in (*_BINARY, *_UNARY):
    _function = getattr(operator, _name)
    setattr(Proxy, f"__{_name.strip('_')}__", _operation(_function))
for _name in _REFLECTED:
    _function = getattr(operator, _name)
    setattr(Proxy, f"__r{_name.strip('_')}__", _operation(_function, reverse=True))
Proxy.__hash__ = object.__hash__
