"""Run a graph node by node; override a method to change what a kind of node does."""

from __future__ import annotations

from .graph import Graph
from .graph_module import GraphModule
from .node import Node, map_arg
from .proxy import Proxy
from .symbolic_trace import Tracer


class Interpreter:
    """``run(*args)`` gives what the module would."""

    def __init__(
        self, module, garbage_collect_values: bool = True, graph: Graph | None = None
    ) -> None:
        self.module = module
        self.submodules = dict(module.named_modules())
        self.graph = module.graph if graph is None else graph
        self.env: dict[Node, object] = {}
        self.garbage_collect_values = garbage_collect_values

    def run(self, *args, initial_env=None, enable_io_processing: bool = True):
        """Run every node; return the output's value."""
        self.env = dict(initial_env or {})
        self.args_iter = iter(args)
        left = {node: len(node.users) for node in self.graph.nodes}
        for node in self.graph.nodes:
            if node in self.env:
                continue
            self.env[node] = self.run_node(node)
            if node.op == "output":
                return self.env[node]
            self._release(node, left)
        return None

    def _release(self, node: Node, left: dict) -> None:
        if not self.garbage_collect_values:
            return
        for used in node.all_input_nodes:
            left[used] -= 1
            if not left[used]:
                self.env.pop(used, None)

    def run_node(self, n: Node):
        """Run one node."""
        args, kwargs = self.fetch_args_kwargs_from_env(n)
        return getattr(self, n.op)(n.target, args, kwargs)

    # ---- kinds of nodes
    def placeholder(self, target, args, kwargs):
        """The next argument, or the default."""
        if target.startswith("*"):
            return list(self.args_iter)
        try:
            return next(self.args_iter)
        except StopIteration:
            if args:
                return args[0]
            raise RuntimeError(
                f"Expected positional argument for parameter {target}, but one was not "
                "passed in!"
            ) from None

    def get_attr(self, target, args, kwargs):
        """An attribute of the module."""
        return self.fetch_attr(target)

    def call_function(self, target, args, kwargs):
        """Call it."""
        return target(*args, **kwargs)

    def call_method(self, target, args, kwargs):
        """Call it on the first argument."""
        obj, *rest = args
        return getattr(obj, target)(*rest, **kwargs)

    def call_module(self, target, args, kwargs):
        """Call the submodule."""
        return self.fetch_attr(target)(*args, **kwargs)

    def output(self, target, args, kwargs):
        """What is returned."""
        return args[0]

    # ---- helpers
    def fetch_attr(self, target: str):
        """The attribute at a path."""
        value = self.module
        for name in target.split("."):
            value = getattr(value, name)
        return value

    def fetch_args_kwargs_from_env(self, n: Node) -> tuple[tuple, dict]:
        """The arguments with values instead of nodes."""
        args = self.map_nodes_to_values(n.args, n)
        return args, self.map_nodes_to_values(n.kwargs, n)

    def map_nodes_to_values(self, args, n: Node):
        """Values instead of nodes."""
        return map_arg(args, lambda node: self.env[node])


class Transformer(Interpreter):
    """Makes a new module: each kind of node may become something else."""

    def __init__(self, module) -> None:
        super().__init__(module)
        self.new_graph = Graph()
        self.tracer = Tracer()
        self.tracer.graph, self.tracer.root = self.new_graph, module
        self.tracer._paths = {}

    def placeholder(self, target, args, kwargs) -> Proxy:
        default = args[0] if args else ...
        return Proxy(self.new_graph.placeholder(target, None, default), self.tracer)

    def get_attr(self, target, args, kwargs) -> Proxy:
        return self.tracer.create_proxy("get_attr", target, args, kwargs)

    def call_module(self, target, args, kwargs):
        return self.tracer.create_proxy("call_module", target, args, kwargs)

    def call_function(self, target, args, kwargs):
        return self.tracer.create_proxy("call_function", target, args, kwargs)

    def transform(self) -> GraphModule:
        """The new module."""
        result = super().run()
        if result is not None:
            self.new_graph.output(map_proxies(result))
        return GraphModule(self.module, self.new_graph)


def map_proxies(result):
    """Nodes instead of proxies."""
    if isinstance(result, Proxy):
        return result.node
    if isinstance(result, (tuple, list)):
        return type(result)(map_proxies(x) for x in result)
    if isinstance(result, dict):
        return {key: map_proxies(x) for key, x in result.items()}
    return result
