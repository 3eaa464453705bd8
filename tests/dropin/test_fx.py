"""``torch.fx`` beside PyTorch: graphs, code and rewriting read the same."""

from __future__ import annotations

import pytest

from . import both

MODEL = """
import copy, importlib, math, operator
nn = torch.nn
fx = importlib.import_module(torch.__name__ + ".fx")
class M(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(3, 4)
        self.w = nn.Parameter(torch.ones(4))
        self.seq = nn.Sequential(nn.ReLU(), nn.Linear(4, 2))
        self.register_buffer("b", torch.zeros(4))
    def forward(self, x, y):
        h = self.lin(x) * self.w + self.b
        h = torch.relu(h) / math.sqrt(4)
        z = h.view(h.size(0), -1)
        return self.seq(z)[:, 0:1] * y + x.sum(dim=1, keepdim=True)
torch.manual_seed(0)
m, x, y = M().eval(), torch.randn(5, 3), torch.randn(5, 1)
g = fx.symbolic_trace(m)
"""
SNIPPETS = {
    "graph and code": "print(g.graph); print(g.code); print(torch.equal(g(x, y), m(x, y)))",
    "interpreter": "print(torch.equal(fx.Interpreter(g).run(x, y), m(x, y)))",
    "rewrite": """
for n in g.graph.nodes:
    if n.target is torch.relu:
        n.target = torch.tanh
g.recompile()
print(g.code, (g(x, y) - m(x, y)).abs().sum() > 0)
""",
    "copy": "c = copy.deepcopy(g); print(torch.equal(c(x, y), g(x, y)), "
    "sorted(c.state_dict()))",
    "by hand": """
graph = fx.Graph()
a = graph.placeholder("x")
b = graph.call_function(torch.add, (a, 1))
graph.output(graph.call_method("mul", (b, 2)))
graph.lint()
made = fx.GraphModule(nn.Module(), graph)
print(made(torch.ones(2)), made.code, [n.op for n in graph.nodes], len(graph.nodes))
""",
    "control flow": """
try:
    fx.symbolic_trace(lambda x: x if x.sum() > 0 else -x)
except fx.proxy.TraceError as error:
    print(error)
""",
    "transformer": """
class T(fx.Transformer):
    def call_function(self, target, args, kwargs):
        target = torch.sigmoid if target is torch.relu else target
        return super().call_function(target, args, kwargs)
print(T(g).transform().code)
""",
    "insert and erase": """
node = next(n for n in g.graph.nodes if n.op == "call_module")
with g.graph.inserting_after(node):
    new = g.graph.call_function(torch.neg, (node,))
node.replace_all_uses_with(new, lambda user: user is not new)
print(list(new.users), g.graph)
new.replace_all_uses_with(node)
g.graph.eliminate_dead_code()
g.graph.lint()
print(len(g.graph.nodes))
""",
    "leaves": """
class Whole(fx.Tracer):
    def is_leaf_module(self, m, name):
        return isinstance(m, nn.Sequential) or super().is_leaf_module(m, name)
print(Whole().trace(m))
""",
    "training": """
g(x, y).sum().backward()
print(m.lin.weight.grad is not None, g.lin.weight is m.lin.weight)
""",
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_fx(name):
    snippet = MODEL + SNIPPETS[name]
    assert both.output(snippet, "torchlike") == both.output(snippet, "torch")
