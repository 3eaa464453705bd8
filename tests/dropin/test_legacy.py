"""Old names and global defaults, beside PyTorch."""

from __future__ import annotations

import pytest

from . import both

SNIPPETS = {
    "tensor types": """
        print(torch.FloatTensor([1, 2]), torch.LongTensor([1, 2]), torch.BoolTensor([0, 1]))
        print(torch.FloatTensor(2, 3).shape, torch.DoubleTensor().dtype)
        x = torch.ones(2)
        print(isinstance(x, torch.FloatTensor), isinstance(x, torch.LongTensor))
        print(isinstance(x, torch.cuda.FloatTensor), x.type(), torch.typename(x))
        print(x.type(torch.LongTensor), x.type("torch.DoubleTensor"), x.type(torch.int8))
    """,
    "default tensor type": """
        torch.set_default_tensor_type(torch.DoubleTensor)
        print(torch.ones(1).dtype, torch.get_default_dtype())
        torch.set_default_tensor_type("torch.FloatTensor")
        print(torch.ones(1).dtype)
    """,
    "default device": """
        torch.set_default_device("meta")
        print(torch.ones(2).device, torch.tensor([1]).device, torch.nn.Linear(1, 1).weight)
        print(torch.get_default_device(), torch.rand(1).device)
        torch.set_default_device(None)
        with torch.device("meta"):
            print(torch.zeros(1).device, torch.arange(3).device)
            with torch.device("cpu"):
                print(torch.zeros(1).device)
        print(torch.zeros(1).device, torch.get_default_device())
    """,
    "variable": """
        v = torch.autograd.Variable(torch.ones(2), requires_grad=True)
        (v * 2).sum().backward()
        print(v.grad, isinstance(v, torch.autograd.Variable))
    """,
    "jit": """
        class M(torch.nn.Module):
            n: torch.jit.Final[int]
            def __init__(self):
                super().__init__()
                self.n = 2
            @torch.jit.export
            def f(self, x): return x * self.n
            @torch.jit.unused
            def g(self, x): return x
            @torch.jit.ignore
            def h(self, x): return x
            def forward(self, x):
                return self.g(x) if torch.jit.is_scripting() else self.f(x)
        print(M()(torch.ones(1)), torch.jit.is_tracing())
        print(torch.jit.script(torch.nn.Linear(1, 1).eval()) is not None)
    """,
    "compile": """
        f = torch.compile(lambda x: x + 1, mode="default", fullgraph=True)
        @torch.compile(dynamic=True, backend="eager")
        def g(x): return x * 2
        torch.compiler.reset()
        print(torch.compiler.is_compiling())
    """,
    "multiprocessing": """
        import importlib
        mp = importlib.import_module(torch.__name__ + ".multiprocessing")
        print(mp.get_sharing_strategy(), "fork" in mp.get_all_start_methods())
    """,
    "pytree": """
        import importlib
        from collections import OrderedDict, namedtuple
        pytree = importlib.import_module(torch.__name__ + ".utils._pytree")
        P = namedtuple("P", "a b")
        tree = {"x": [1, (2, 3)], "y": OrderedDict(z=P(4, None))}
        leaves, spec = pytree.tree_flatten(tree)
        print(leaves, spec.num_leaves, pytree.tree_unflatten(leaves, spec))
        print(pytree.tree_map(lambda x: x, tree), pytree.tree_leaves(tree))
        print(pytree.tree_map_only(int, lambda x: x + 1, tree))
        paths = [p for p, _ in pytree.tree_leaves_with_path([1, {"a": 2}])]
        print([pytree.keystr(p) for p in paths])
        print(pytree.tree_map(lambda a, b: a + b, [1, 2], [3, 4]))
    """,
    "checkpoint": """
        import importlib
        c = importlib.import_module(torch.__name__ + ".utils.checkpoint")
        x = torch.ones(3, requires_grad=True)
        c.checkpoint(lambda a: (a * 2).sum(), x, use_reentrant=False).backward()
        print(x.grad)
    """,
    "dense tensors": """
        import importlib
        u = importlib.import_module(torch.__name__ + "._utils")
        parts = [torch.ones(2), torch.zeros(1, 2)]
        flat = u._flatten_dense_tensors(parts)
        print(flat, u._unflatten_dense_tensors(flat, parts))
    """,
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_legacy(name):
    snippet = SNIPPETS[name]
    assert both.output(snippet, "torchlike") == both.output(snippet, "torch")
