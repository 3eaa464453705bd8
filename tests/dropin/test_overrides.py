"""``__torch_function__``: subclasses, other classes, modes, beside PyTorch."""

from __future__ import annotations

import subprocess
import sys

import pytest

from . import both

SUBCLASS = """
class S(torch.Tensor):
    log = []
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.log.append(func.__name__)
        return super().__torch_function__(func, types, args, kwargs or {})
x = torch.arange(3.0).as_subclass(S)
def show(result):
    kind = type(result)
    print([type(r).__name__ for r in result] if kind is tuple else kind.__name__,
          S.log[:1])
    S.log.clear()
"""
CALLS = """
x + 1
1 + x
x - 1
x / 2
x ** 2
x @ x
-x
x == 1
x < 1
abs(x)
x.add(1)
x.add_(1)
x.sum()
x[0]
x.view(3, 1)
x.split(1)
x.clone()
x.detach()
x.tolist()
float(x[0])
torch.add(x, 1)
torch.relu(x)
torch.stack([x, x])
torch.cat([x, torch.ones(2)])
torch.where(x > 0, x, x)
F.relu(x)
F.softmax(x, 0)
F.cross_entropy(x, torch.tensor(1))
F.layer_norm(x, (3,))
torch.nn.Linear(3, 2)(x)
torch.nn.Parameter(x)
""".strip().splitlines()

SNIPPETS = {
    "plain subclass": """
        class P(torch.Tensor): pass
        p = P([1.0, 2.0])
        print(type(p * 2).__name__, type(p.mean()).__name__, p * 2, type(p.max(0)[0]))
        leaf = torch.ones(2, requires_grad=True)
        q = leaf.as_subclass(P)
        (q * 3).sum().backward()
        print(leaf.grad, q.is_leaf, type(torch.Tensor._make_subclass(P, leaf)).__name__)
    """.replace(", type(p.max(0)[0])", ", type(p.max(0)[0]).__name__"),
    "other class": """
        class D:
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                return func.__name__, [t.__name__ for t in types], len(args)
        d = D()
        print(torch.mean(d), torch.add(d, 2), torch.matmul(torch.ones(2), d))
        print(torch.ones(2) @ d, torch.sum(d, dim=1), torch.stack([torch.ones(1), d]))
        print(F.cross_entropy(d, d), torch.nn.functional.linear(torch.ones(1), d))
    """,
    "table by function": """
        handled = {}
        class D:
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                if func not in handled:
                    return NotImplemented
                return handled[func](*args, **(kwargs or {}))
        handled[torch.mean] = lambda d: "mean"
        print(torch.mean(D()))
        try:
            torch.add(D(), 1)
        except TypeError as error:
            print(str(error).splitlines()[0])
    """,
    "subclasses first": """
        class A(torch.Tensor):
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                print(cls.__name__, [t.__name__ for t in types])
                return super().__torch_function__(func, types, args, kwargs or {})
        class B(A): pass
        a, b = torch.ones(1).as_subclass(A), torch.ones(1).as_subclass(B)
        print(type(torch.add(a, b)).__name__)
    """,
    "disabled": """
        class A(torch.Tensor):
            __torch_function__ = torch._C._disabled_torch_function_impl
        print(type(torch.ones(1).as_subclass(A) + 1).__name__)
        class P(torch.Tensor): pass
        with torch._C.DisableTorchFunctionSubclass():
            print(type(torch.ones(1).as_subclass(P) + 1).__name__)
    """,
    "mode": """
        from importlib import import_module
        overrides = import_module(torch.__name__ + ".overrides")
        class M(overrides.TorchFunctionMode):
            def __torch_function__(self, func, types, args=(), kwargs=None):
                print(func.__name__)
                return func(*args, **(kwargs or {}))
        with M():
            F.linear(torch.ones(2, 2), torch.ones(2, 2)) + 1
            torch.zeros(2)
        torch.ones(1) + 1
        print(overrides.is_tensor_like(1), overrides.has_torch_function((1,)))
    """,
    "own function": """
        from importlib import import_module
        overrides = import_module(torch.__name__ + ".overrides")
        def mine(x):
            if overrides.has_torch_function_unary(x):
                return overrides.handle_torch_function(mine, (x,), x)
            return x + 1
        class D:
            @classmethod
            def __torch_function__(cls, func, types, args=(), kwargs=None):
                return func.__name__
        print(mine(torch.ones(1)), mine(D()))
    """,
}


@pytest.mark.parametrize("call", CALLS, ids=range(len(CALLS)))
def test_a_subclass_sees_calls(call):
    snippet = f"{SUBCLASS}\nshow({call})"
    assert both.output(snippet, "torchlike") == both.output(snippet, "torch")


@pytest.mark.parametrize("name", SNIPPETS)
def test_protocol(name):
    snippet = SNIPPETS[name]
    printed = both.output(snippet, "torchlike")
    assert printed and printed == both.output(snippet, "torch")


UNTOUCHED = """
import torchlike as torch
from torchlike._ops import _intercept
before = torch.add.__code__
torch.nn.Linear(2, 2)(torch.ones(1, 2)).sum().backward()
assert torch.add.__code__ is before and not _intercept._guarded
class P(torch.Tensor): pass
assert not _intercept._guarded
add = torch.add
P([1.0])
assert add is torch.add and add.__code__ is not before and "alpha" in str(
    __import__("inspect").signature(add))
"""


def test_nothing_is_looked_at_before_the_first_instance():
    subprocess.run([sys.executable, "-c", UNTOUCHED], check=True)
