"""A graph: an ordered list of nodes, and the Python code it stands for."""

from __future__ import annotations

import builtins
import contextlib
import copy
import keyword
import math
import operator
import re
import sys
from collections.abc import Callable
from typing import Any

from .. import _devices, _dtypes
from .._size import Size
from .._tensor import Tensor
from .node import Node, map_arg, public_name

_INFIX = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%",
    "pow": "**", "matmul": "@", "and_": "&", "or_": "|", "xor": "^", "lshift": "<<",
    "rshift": ">>", "eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">",
    "ge": ">=",
}  # fmt: skip


class _Names:
    """Names that are no keywords, builtins or taken already."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}
        self._nodes: set[str] = set()

    def make(self, candidate: str) -> str:
        """A free name like ``candidate``."""
        base = re.sub(r"\W", "_", candidate) or "_unnamed"
        base = f"_{base}" if base[0].isdigit() else base
        name, n = base, None
        if found := re.fullmatch(r"(.*)_(\d+)", base):
            base, n = found[1], int(found[2])
        while name in self._nodes or keyword.iskeyword(name) or hasattr(builtins, name):
            n = self._taken.get(base, 0) + 1 if n is None else n + 1
            name = f"{base}_{n}"
        self._taken[base] = max(n or 0, self._taken.get(base, 0))
        self._nodes.add(name)
        return name


class CodeGen:
    """How forward's head and returns are written; may be replaced."""

    def gen_fn_def(self, free_vars: list[str], maybe_return_annotation: str) -> str:
        """The line with ``def``."""
        inner = ", ".join(["self", *free_vars])
        return f"def forward({inner}){maybe_return_annotation}:"

    def generate_output(self, output_args) -> str:
        """The line with ``return``."""
        return f"return {_source(output_args, {})}"

    def process_inputs(self, *args):
        return args

    def process_outputs(self, outputs):
        return outputs


class PythonCode:
    """The text of forward, and the objects its names stand for."""

    def __init__(self, src: str, globals: dict) -> None:  # noqa: A002
        self.src, self.globals = src, globals


class Graph:
    """``nodes`` in order; methods add one at the point of insertion (the end)."""

    def __init__(self, owning_module=None, tracer_cls=None, tracer_extras=None) -> None:
        self._root = Node(self, "", "root", "", (), {})
        self._insert: Callable = self._root.prepend
        self._names = _Names()
        self._len = 0
        self._codegen = CodeGen()
        self.owning_module, self._tracer_cls = owning_module, tracer_cls

    @property
    def nodes(self) -> _Nodes:
        """The nodes in order."""
        return _Nodes(self)

    def find_nodes(self, *, op: str, target=None, sort: bool = True) -> list[Node]:
        """The nodes with this op and target."""
        return [
            n
            for n in self.nodes
            if n.op == op and (target is None or n.target == target)
        ]

    # ---- adding
    def create_node(
        self, op: str, target, args=None, kwargs=None, name=None, type_expr=None
    ) -> Node:
        """Put a node in."""
        name = self._names.make(name or _name_for(target))
        node = Node(self, name, op, target, args or (), kwargs or {}, type_expr)
        self._insert(node)
        self._len += 1
        return node

    def placeholder(self, name: str, type_expr=None, default_value: Any = ...) -> Node:
        """An input of forward."""
        args = () if default_value is ... else (default_value,)
        return self.create_node("placeholder", name, args, type_expr=type_expr)

    def get_attr(self, qualified_name: str, type_expr=None) -> Node:
        """A parameter, buffer or other attribute of the module."""
        return self.create_node("get_attr", qualified_name, type_expr=type_expr)

    def call_module(self, module_name: str, args=None, kwargs=None, type_expr=None):
        """A call of a submodule."""
        return self.create_node(
            "call_module", module_name, args, kwargs, type_expr=type_expr
        )

    def call_method(self, method_name: str, args=None, kwargs=None, type_expr=None):
        """A call of a method of the first argument."""
        return self.create_node(
            "call_method", method_name, args, kwargs, type_expr=type_expr
        )

    def call_function(
        self, the_function: Callable, args=None, kwargs=None, type_expr=None, name=None
    ) -> Node:
        """A call of a function."""
        return self.create_node(
            "call_function", the_function, args, kwargs, name, type_expr
        )

    def output(self, result, type_expr=None) -> Node:
        """What forward returns."""
        return self.create_node("output", "output", (result,), type_expr=type_expr)

    def output_node(self) -> Node:
        """The node that returns."""
        return next(n for n in reversed(self.nodes) if n.op == "output")

    def node_copy(self, node: Node, arg_transform=lambda x: x) -> Node:
        """A copy of a node of another graph; its arguments go through a function."""
        args = map_arg(node.args, arg_transform)
        kwargs = map_arg(node.kwargs, arg_transform)
        made = self.create_node(
            node.op, node.target, args, kwargs, node.name, node.type
        )
        made.meta = copy.copy(node.meta)
        return made

    def graph_copy(self, g: Graph, val_map: dict, return_output_node=False):
        """Copy all nodes of ``g`` here; return what it returns."""
        for node in g.nodes:
            if node in val_map:
                continue
            if node.op == "output":
                result = map_arg(node.args[0], lambda n: val_map[n])
                return (result, node) if return_output_node else result
            val_map[node] = self.node_copy(node, lambda n: val_map[n])
        return None

    def erase_node(self, to_erase: Node) -> None:
        """Take out a node that nothing uses."""
        if to_erase.users:
            raise RuntimeError(
                f"Tried to erase Node {to_erase} but it still had "
                f"{len(to_erase.users)} users in the graph: {to_erase.users}!"
            )
        if to_erase._erased:
            return
        to_erase._update((), {})
        to_erase._remove_from_list()
        to_erase._erased = True
        self._len -= 1

    def eliminate_dead_code(self, is_impure_node=None) -> bool:
        """Take out what nothing uses; whether anything was."""
        impure = is_impure_node or Node.is_impure
        changed = False
        for node in reversed(self.nodes):
            if not impure(node) and not node.users:
                self.erase_node(node)
                changed = True
        return changed

    # ---- where to insert
    def inserting_before(self, n: Node | None = None):
        """Inside, new nodes come before ``n``."""
        if n is None:
            return self.inserting_after(self._root)
        return self._inserting(n.prepend)

    def inserting_after(self, n: Node | None = None):
        """Inside, new nodes come behind ``n``."""
        if n is None:
            return self.inserting_before(self._root)
        return self._inserting(n.append)

    @contextlib.contextmanager
    def _inserting(self, insert: Callable):
        previous, self._insert = self._insert, insert
        try:
            yield
        finally:
            self._insert = previous

    def set_codegen(self, codegen: CodeGen) -> None:
        """Write forward's head and returns in another way."""
        self._codegen = codegen

    # ---- checks and text
    def lint(self) -> None:
        """Check that nodes come before their users and names differ."""
        seen: set[Node] = set()
        names: set[str] = set()
        for node in self.nodes:
            for used in node.all_input_nodes:
                if used.graph is not self or used not in seen:
                    raise RuntimeError(
                        f"Argument '{used}' of Node '{node}' was used before it has "
                        "been defined!"
                    )
            if node.name in names:
                raise RuntimeError(f"Node redefined name {node.name}!")
            seen.add(node)
            names.add(node.name)

    def __str__(self) -> str:
        lines = ["graph():"]
        return "\n    ".join([*lines, *(n.format_node() for n in self.nodes)])

    def print_tabular(self) -> None:
        """Print a table of the nodes."""
        rows = [("opcode", "name", "target", "args", "kwargs")]
        for n in self.nodes:
            cells = (n.op, n.name, n._pretty_print_target(n.target), n.args, n.kwargs)
            rows.append(tuple(map(str, cells)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(w) for cell, w in zip(row, widths, strict=True))
            print("  ".join(cells).rstrip())

    def python_code(self, root_module: str, **options) -> PythonCode:
        """The Python source of forward."""
        names: dict = {}
        lines, inputs = [], []
        last = self._last_uses()
        for node in self.nodes:
            done = last.get(node, ())
            free = ";  " + " = ".join([*done, "None"]) if done else ""
            if node.op == "placeholder":
                default = f" = {_source(node.args[0], names)}" if node.args else ""
                inputs.append(node.target + default)
                if node.target.lstrip("*") != node.name:
                    lines.append(f"{node.name} = {node.target.lstrip('*')}")
            elif node.op == "output":
                lines.append(f"return {_source(node.args[0], names)}")
            else:
                lines.append(f"{node.name} = {_call(node, root_module, names)}{free}")
        head = self._codegen.gen_fn_def(inputs, "")
        body = "\n    ".join(lines or ["pass"])
        return PythonCode(f"\n\n\n{head}\n    {body}\n    ", names)

    def _last_uses(self) -> dict[Node, list[str]]:
        """The values each node is the last to use: they are let go there."""
        seen: set[Node] = set()
        last: dict[Node, list[str]] = {}
        for node in reversed(self.nodes):
            for used in node.all_input_nodes:
                if used not in seen:
                    seen.add(used)
                    last.setdefault(node, []).append(used.name)
        return last

    def __deepcopy__(self, memo=None) -> Graph:
        made = Graph(tracer_cls=self._tracer_cls)
        made._codegen = copy.deepcopy(self._codegen)
        val_map: dict = {}
        result = made.graph_copy(self, val_map, return_output_node=True)
        if result is not None:
            value, old = result
            made.output(value, old.type).meta = copy.copy(old.meta)
        return made

    def on_generate_code(self, make_transformer):
        """Rewriting of generated source is not offered."""
        raise NotImplementedError("torch.fx.Graph.on_generate_code")


class _Nodes:
    """The nodes of a graph in order, while it may change."""

    def __init__(self, graph: Graph, direction: str = "_next") -> None:
        self.graph, self.direction = graph, direction

    def __len__(self) -> int:
        return self.graph._len

    def __iter__(self):
        node = getattr(self.graph._root, self.direction)
        while node is not self.graph._root:
            if not node._erased:
                yield node
            node = getattr(node, self.direction)

    def __reversed__(self) -> _Nodes:
        other = "_prev" if self.direction == "_next" else "_next"
        return _Nodes(self.graph, other)


# ---- source --------------------------------------------------------------------------
def _name_for(target) -> str:
    if isinstance(target, str):
        return target.lstrip("*").replace(".", "_")
    name = public_name(target).rpartition(".")[2]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().strip("_") or "function"


def attribute_source(root: str, target: str) -> str:
    """``self.a.b``, with ``getattr`` where a part is no identifier."""
    text = root
    for part in target.split("."):
        plain = part.isidentifier() and not keyword.iskeyword(part)
        text = f"{text}.{part}" if plain else f'getattr({text}, "{part}")'
    return text


def _call(node: Node, root: str, names: dict) -> str:
    if node.op == "get_attr":
        return attribute_source(root, node.target)
    args = [_source(a, names) for a in node.args]
    if node.op == "call_function" and node.target is getattr and len(args) == 2:
        if isinstance(node.args[1], str) and node.args[1].isidentifier():
            return f"{args[0]}.{node.args[1]}"
    name = getattr(node.target, "__name__", "")
    if name in _INFIX and node.target is getattr(operator, name, None):
        return f"{args[0]} {_INFIX[name]} {args[1]}"
    if node.target is operator.getitem:
        return f"{args[0]}[{_index_source(node.args[1], names)}]"
    args += [f"{key} = {_source(a, names)}" for key, a in node.kwargs.items()]
    if node.op == "call_method":
        return f"{args[0]}.{node.target}({', '.join(args[1:])})"
    if node.op == "call_module":
        called = attribute_source(root, node.target)
    else:
        called = _global_name(node.target, names)
    return f"{called}({', '.join(args)})"


def _index_source(index, names: dict) -> str:
    if isinstance(index, tuple) and any(isinstance(i, slice) for i in index):
        return f"({_source(index, names)[1:-1]})"
    return _source(index, names)


def _global_name(obj, names: dict) -> str:
    """How generated code calls ``obj``: ``torch.relu``, or a name of its own."""
    path = public_name(obj)
    root, _, rest = path.partition(".")
    module = _ROOTS.get(root)
    if module is not None and rest and _reached(module, rest) is obj:
        names[root] = module
        return path
    name = re.sub(r"\W", "_", path)
    while names.get(name, obj) is not obj:
        name += "_"
    names[name] = obj
    return name


_ROOTS = {"torch": sys.modules[__package__.partition(".")[0]], "math": math}
_ROOTS["operator"] = operator


def _reached(module, path: str):
    for name in path.split("."):
        module = getattr(module, name, None)
    return module


def _source(a, names: dict) -> str:
    if isinstance(a, Node):
        return a.name
    if isinstance(a, tuple) and type(a) is not Size:
        if hasattr(a, "_fields"):
            inner = ", ".join(_source(x, names) for x in a)
            return f"{_global_name(type(a), names)}({inner})"
        inner = ", ".join(_source(x, names) for x in a)
        return f"({inner},)" if len(a) == 1 else f"({inner})"
    if isinstance(a, list):
        return "[" + ", ".join(_source(x, names) for x in a) + "]"
    if isinstance(a, dict):
        inner = ", ".join(f"{k!r}: {_source(v, names)}" for k, v in a.items())
        return "{" + inner + "}"
    if isinstance(a, slice):
        inner = ", ".join(_source(x, names) for x in (a.start, a.stop, a.step))
        return f"slice({inner})"
    if a is ... or a is None or isinstance(a, (bool, int, str, bytes)):
        return "Ellipsis" if a is ... else repr(a)
    if isinstance(a, float) and a == a and abs(a) != float("inf"):
        return repr(a)
    if isinstance(a, (_dtypes.dtype, _devices.device, Tensor, Size)) or not callable(a):
        name = f"_value_{len(names)}"
        names[name] = a
        return name
    return _global_name(a, names)
