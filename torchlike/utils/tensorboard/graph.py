"""A model as the graph that TensorBoard draws: its layers and what flows in between."""

from __future__ import annotations

from tensorboardX.proto.attr_value_pb2 import AttrValue
from tensorboardX.proto.graph_pb2 import GraphDef
from tensorboardX.proto.node_def_pb2 import NodeDef
from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboardX.proto.versions_pb2 import VersionDef

from ... import fx
from ..._tensor import Tensor
from ...autograd import no_grad


class _Shapes(fx.Interpreter):
    """Runs the traced model once and notes the shape of each result."""

    def __init__(self, module) -> None:
        super().__init__(module)
        self.found: dict[str, tuple[int, ...]] = {}

    def run_node(self, n):
        result = super().run_node(n)
        if isinstance(result, Tensor):
            self.found[n.name] = tuple(result.shape)
        return result


def graph_of(model, inputs=None, verbose: bool = False) -> GraphDef:
    """Trace ``model``; with ``inputs`` (a tensor or several), shapes are shown too."""
    traced = fx.symbolic_trace(model)
    if verbose:
        print(traced.graph)
    shapes = _Shapes(traced)
    if inputs is not None:
        given = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
        with no_grad():
            shapes.run(*given)
    names = _names(traced)
    nodes = [_node(n, traced, names, shapes.found) for n in traced.graph.nodes]
    return GraphDef(node=nodes, versions=VersionDef(producer=22))


def _names(traced) -> dict:
    """Where each node stands: ``/`` opens a box, one for each module."""
    names, taken = {}, set()
    root = type(traced).__name__
    for n in traced.graph.nodes:
        inside = n.op in ("call_module", "get_attr")
        name = f"{root}/{str(n.target).replace('.', '/') if inside else n.name}"
        if name in taken:  # a module that is called twice
            name = f"{name}/{n.name}"
        taken.add(name)
        names[n] = name
    return names


def _node(n, traced, names, shapes) -> NodeDef:
    attributes = {}
    if n.op == "call_module":
        text = traced.get_submodule(n.target).extra_repr()
        attributes["attr"] = AttrValue(s=text.encode())
    if n.name in shapes:
        sizes = [TensorShapeProto.Dim(size=size) for size in shapes[n.name]]
        shape = AttrValue.ListValue(shape=[TensorShapeProto(dim=sizes)])
        attributes["_output_shapes"] = AttrValue(list=shape)
    return NodeDef(
        name=names[n],
        op=_kind(n, traced),
        input=[names[i] for i in n.all_input_nodes],
        attr=attributes,
    )


def _kind(n, traced) -> str:
    if n.op == "call_module":
        return type(traced.get_submodule(n.target)).__name__
    if n.op == "call_function":
        return getattr(n.target, "__name__", str(n.target))
    return {"placeholder": "input", "get_attr": "parameter"}.get(n.op, str(n.target))
