"""A module whose forward is made from a graph."""

from __future__ import annotations

import copy
import linecache
from pathlib import Path

from .. import serialization
from .._tensor import Tensor
from ..nn import Module, Parameter
from .graph import Graph

_numbers = iter(range(1 << 62))


def _compiled(code, name: str):
    """The function ``forward`` of generated source; tracebacks can show its lines."""
    filename = f"<eval_with_key>.{next(_numbers)}"
    linecache.cache[filename] = (
        len(code.src),
        None,
        code.src.splitlines(keepends=True),
        filename,
    )
    held = dict(code.globals)
    exec(compile(code.src, filename, "exec"), held)
    return held[name]


def _copy_attr(source: Module, target: Module, path: str) -> None:
    *prefix, name = path.split(".")
    for item in prefix:
        nested = getattr(target, item, None)
        if getattr(source, item) is nested:
            return
        if nested is None:
            nested = Module()
            target.add_module(item, nested)
        source, target = getattr(source, item), nested
    found = getattr(source, name)
    if isinstance(found, Tensor) and not isinstance(found, Parameter):
        target.register_buffer(name, found)
    else:
        setattr(target, name, found)


class GraphModule(Module):
    """``graph``, and the attributes it uses, from ``root`` (a module or a dict)."""

    def __new__(cls, *args, **kwargs):
        own = type(cls.__name__, (cls,), {"__module__": cls.__module__})
        own.__qualname__ = cls.__qualname__
        return super().__new__(own)

    def __init__(self, root, graph: Graph, class_name: str = "GraphModule") -> None:
        super().__init__()
        type(self).__name__ = class_name
        self._take_attributes(root, graph)
        if isinstance(root, Module) and hasattr(root, "training"):
            self.training = root.training
        self.meta: dict = {}
        self._tracer_cls = graph._tracer_cls
        self.graph = graph

    def _take_attributes(self, root, graph: Graph) -> None:
        used = [n.target for n in graph.nodes if n.op in ("get_attr", "call_module")]
        if isinstance(root, Module):
            for target in used:
                _copy_attr(root, self, target)
            return
        for target in sorted(used, key=lambda t: t.count(".")):
            if target not in root:
                raise RuntimeError(
                    f"Node referenced target {target} but that target was not provided "
                    "in ``root``!"
                )
            self._put(target, root[target])

    def _put(self, path: str, value) -> None:
        where: Module = self
        *prefix, name = path.split(".")
        for item in prefix:
            if not hasattr(where, item):
                where.add_module(item, Module())
            where = getattr(where, item)
        if isinstance(value, Tensor) and not isinstance(value, Parameter):
            where.register_buffer(name, value)
        else:
            setattr(where, name, value)

    @property
    def graph(self) -> Graph:
        """The graph; setting it makes forward anew."""
        return self.__dict__["_graph"]

    @graph.setter
    def graph(self, g: Graph) -> None:
        object.__setattr__(self, "_graph", g)
        g.owning_module = self
        self.recompile()

    @property
    def code(self) -> str:
        """The source of forward."""
        return self.__dict__["_code"]

    def recompile(self):
        """Make forward from the graph as it is now."""
        made = self.graph.python_code("self")
        object.__setattr__(self, "_code", made.src)
        type(self).forward = _compiled(made, "forward")
        return made

    def print_readable(self, print_output: bool = True, **options) -> str:
        """The source of forward, printed and returned."""
        text = f"class {type(self).__name__}(torch.nn.Module):{self.code}"
        if print_output:
            print(text)
        return text

    # ---- submodules
    def add_submodule(self, target: str, m: Module) -> bool:
        """Put a module at a path; whether that was possible."""
        self._put(target, m)
        return True

    def delete_submodule(self, target: str) -> bool:
        """Take a module away; whether it was there."""
        *prefix, name = target.split(".")
        where = self.get_submodule(".".join(prefix))
        if not isinstance(getattr(where, name, None), Module):
            return False
        delattr(where, name)
        return True

    def delete_all_unused_submodules(self) -> None:
        """Take away the modules that no node uses."""
        used = {
            n.target for n in self.graph.nodes if n.op in ("call_module", "get_attr")
        }
        kept = {
            ".".join(u.split(".")[:i]) for u in used for i in range(1, u.count(".") + 2)
        }
        for name, _ in list(self.named_modules()):
            inside = any(name.startswith(u + ".") for u in used)
            if name and name not in kept and not inside:
                self.delete_submodule(name)

    def to_folder(self, folder, module_name: str = "FxModule") -> None:
        """Write the source and the weights into a folder."""
        folder = Path(folder)
        folder.mkdir(exist_ok=True)
        (folder / "module.py").write_text(self.code)
        serialization.save(
            self.state_dict(), folder / "state_dict.pt", format="pytorch"
        )

    # ---- copies
    def __copy__(self):
        return GraphModule(self, copy.deepcopy(self.graph), type(self).__name__)

    def __deepcopy__(self, memo):
        made = GraphModule(
            self._whole_copy(memo), copy.deepcopy(self.graph), type(self).__name__
        )
        made.training = self.training
        memo[id(self)] = made
        return made

    def _whole_copy(self, memo) -> dict:
        used = [
            n.target for n in self.graph.nodes if n.op in ("get_attr", "call_module")
        ]
        return {path: copy.deepcopy(_at(self, path), memo) for path in used}

    def __reduce_ex__(self, protocol):
        raise NotImplementedError(
            "pickling a torch.fx.GraphModule (docs/differences.md): save its "
            "state_dict, or use to_folder()"
        )

    def __str__(self) -> str:
        return "\n".join([super().__repr__(), self.code])


def _at(module, path: str):
    for name in path.split("."):
        module = getattr(module, name)
    return module
