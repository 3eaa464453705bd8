"""Old methods of tensors and new names of the root, beside PyTorch's."""

from __future__ import annotations

import pytest

from tests.programs_beside import compare

PROGRAMS = []


def program(function):
    """Register a program: a function of the torch module."""
    PROGRAMS.append(function)
    return function


@program
def elementwise(m):
    x, y = m.arange(4.0), m.arange(4.0).reshape(2, 2).t()
    y.apply_(lambda v: v * v)
    x.map_(m.full((4,), 2.0), lambda a, b: a - b)
    return x, y, m.zeros(2).map2_(m.ones(2), m.ones(2), lambda a, b, c: a + b + c)


@program
def apply_a_number(m):
    return m.ones(2).apply_(3)


@program
def new(m):
    x = m.ones(2, dtype=m.float64)
    shapes = [tuple(x.new(*s).shape) for s in ((), (2, 3), (x.shape,))]
    return shapes, x.new([1, 2]), x.new((3, 4)), x.new(m.tensor([5.0, 6.0]).double())


@program
def resize(m):
    return m.arange(6.0).resize(2, 3), m.arange(6.0).resize_as(m.ones(3, 2))


@program
def resize_to_more(m):
    return m.arange(6.0).resize(7)


@program
def orders(m):
    x = m.ones(2, 3, 4)
    moved = x.permute(2, 0, 1)
    return x.dim_order(), moved.dim_order(), m.ones(()).dim_order()


@program
def ambiguous_order(m):
    return m.ones(1, 3).expand(2, 3)[:, :1].expand(2, 3).dim_order(ambiguity_check=True)


@program
def reinforce(m):
    return m.ones(1).reinforce(1.0)


@program
def flags(m):
    x = m.ones(1)
    found = x.is_mps, x.is_xpu, x.is_mtia, x.is_xla, x.is_vulkan, x.is_ipu, x.is_maia
    return found, x.name, x.is_distributed(), m.is_distributed(x)


@program
def conditions(m):
    x = m.tensor([1.0, -2.0], requires_grad=True)
    y = m.cond(x.sum() > 0, lambda x: x * 2, lambda x: x * 3, (x,))
    return y, m.autograd.grad(y.sum(), x)


@program
def condition_of_two(m):
    return m.cond(m.ones(2) > 0, lambda: 1, lambda: 2)


@program
def symbolic(m):
    m.sym_constrain_range(3, min=1, max=5)
    kinds = [isinstance(3, getattr(m, n)) for n in ("SymInt", "SymFloat", "SymBool")]
    return kinds, m.sym_sum([1, 2]), m.sym_ite(True, 1, 2), m.sym_sqrt(4)


@program
def eigenpairs(m):
    x = m.arange(36.0, dtype=m.float64).reshape(6, 6).sin()
    a, b = x @ x.t() + m.eye(6), 2 * m.eye(6).double() + 0.1
    found = [
        m.lobpcg(a, 2, niter=500, tol=1e-12),
        m.lobpcg(a, 1, b, largest=False, niter=500, tol=1e-12),
    ]
    return [values for values, _ in found], [v.abs() for _, v in found]


@program
def too_many_eigenpairs(m):
    return m.lobpcg(m.eye(6), 3)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.__name__)
@pytest.mark.filterwarnings("ignore")
def test_program(program):
    compare(program)
