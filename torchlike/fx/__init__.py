"""``torch.fx``: a module's forward as a graph of Python calls, to read and rewrite."""

from __future__ import annotations

from .graph import CodeGen as CodeGen
from .graph import Graph as Graph
from .graph_module import GraphModule as GraphModule
from .interpreter import Interpreter as Interpreter
from .interpreter import Transformer as Transformer
from .node import Node as Node
from .node import has_side_effect as has_side_effect
from .node import map_arg as map_arg
from .proxy import Attribute as Attribute
from .proxy import Proxy as Proxy
from .proxy import TraceError as TraceError
from .symbolic_trace import Tracer as Tracer
from .symbolic_trace import symbolic_trace as symbolic_trace
from .symbolic_trace import wrap as wrap
