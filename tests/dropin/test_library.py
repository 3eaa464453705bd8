"""``torch.library`` and the classes packages make, beside PyTorch."""

import subprocess
import sys

import pytest

from . import both

CASES = {
    "custom_op": """
        @torch.library.custom_op("tl_test::f", mutates_args=())
        def f(x: torch.Tensor, n: int = 2) -> torch.Tensor:
            return x.sin() * n
        x = torch.ones(2, requires_grad=True)
        try:
            f(x).sum().backward()
        except RuntimeError as error:
            print(error)
        def backward(ctx, g):
            print(ctx.needs_input_grad, ctx.n)
            return g * ctx.saved_tensors[0].cos() * ctx.n, None
        def setup(ctx, inputs, output):
            ctx.save_for_backward(inputs[0])
            ctx.n = inputs[1]
        f.register_autograd(backward, setup_context=setup)
        f(x, n=3).sum().backward()
        torch.ops.tl_test.f(x).sum().backward()
        print(x.grad)
        f.register_fake(lambda x, n=2: torch.empty_like(x))
        print(f(torch.ones(2, device="meta")).shape)
    """,
    "library": """
        held = torch.library.Library("tl_lib", "DEF")
        print(held.define("g(Tensor x) -> Tensor"))
        try:
            torch.ops.tl_lib.g(torch.ones(2))
        except NotImplementedError as error:
            print(str(error).partition(" with")[0])
        held.impl("g", lambda x: x * 2, "CompositeImplicitAutograd")
        print(torch.ops.tl_lib.g(torch.ones(2, requires_grad=True)).requires_grad)
    """,
    "lists": """
        from torch import Tensor
        @torch.library.custom_op("tl_test::two", mutates_args=())
        def two(x: Tensor, ys: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
            return x * 2, [y * 3 for y in ys]
        def backward(ctx, a, b):
            print(type(b).__name__, ctx.needs_input_grad)
            return a * 2, [h * 3 for h in b]
        two.register_autograd(backward)
        x = torch.ones(2, requires_grad=True)
        a, b = two(x, [x * 2, x * 3])
        (a.sum() + b[0].sum() + b[1].sum()).backward()
        print(x.grad)
    """,
    "gradient": """
        class F(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * 2
            @staticmethod
            def backward(ctx, g):
                return torch.ones(3, 4)
        x = torch.ones(1, 1, requires_grad=True)
        F.apply(x).sum().backward()
        print(x.grad)
        try:
            F.apply(torch.ones(2, 1, requires_grad=True)).sum().backward()
        except RuntimeError as error:
            print(error)
    """,
    "getattr": """
        class M(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.w = torch.nn.Parameter(torch.ones(1))
            def read(self):
                return self.__getattr__("w")
        print(M().read())
        class S(torch.nn.Linear):
            def __setattr__(self, name, value):
                object.__setattr__(self, name, value)
        s = S.__new__(S)
        torch.nn.Module.__init__(s)
        s._parameters = {"weight": torch.ones(1, 2), "bias": None}
        print(s.weight, s.bias)
    """,
    "aten": """
        aten = torch.ops.aten
        print(aten.add.Tensor(torch.ones(2), 1), aten.mm.default is aten.mm.default)
        print(aten.slice.Tensor(torch.arange(4), 0, 1, 3))
    """,
}
UNDER_THE_ALIAS = """
import torch
class Meta(type):
    def __call__(cls, *args):
        made = super().__call__(*args)
        made.after = True
        return made
class Net(torch.nn.Module, metaclass=Meta):
    pass
class Plain(metaclass=Meta):
    pass
class Mixed(Plain, torch.nn.Module):
    pass
class Like:
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return func.__name__.removeprefix('linalg_')
print(Net().after, Mixed().after, torch.linalg.solve(Like(), torch.ones(1)))
print(torch.__name__)
"""


@pytest.mark.parametrize("name", CASES)
def test_library(name):
    """A snippet prints what it prints under PyTorch."""
    printed = both.output(CASES[name], "torchlike")
    assert printed and printed == both.output(CASES[name], "torch")


def test_classes(tmp_path):
    """Any metaclass over modules, and classes that override from the first call."""
    path = tmp_path / "script.py"
    path.write_text(UNDER_THE_ALIAS)
    printed = [
        subprocess.run([sys.executable, *by, path], capture_output=True, text=True)
        for by in (("-m", "torchlike"), ())
    ]
    assert printed[0].stdout and printed[0].stdout == printed[1].stdout, printed
