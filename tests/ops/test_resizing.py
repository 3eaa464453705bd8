"""Tensors that change size or storage, beside PyTorch's."""

from __future__ import annotations

import pytest

from tests.programs_beside import compare

PROGRAMS = []


def program(function):
    """Register a program: a function of the torch module."""
    PROGRAMS.append(function)
    return function


@program
def resize(m):
    first = m.arange(6.0).resize_(2, 2)
    y = m.arange(6.0)[2:].resize_(2)
    z = m.arange(6.0)
    z.resize_(2, 2)[0, 1] = 9
    back = z.resize_(6).clone()
    return first, y, back, m.ones(2, 3).resize_as_(m.zeros(3, 2)), z.resize_(3, 4).shape


@program
def set_storage(m):
    x, y = m.arange(4.0), m.empty(0)
    y.set_(x[1:])
    y[0] = 9
    z = m.empty(0)
    z.set_(x.untyped_storage() if m.__name__ != "torch" else x.storage(), 1, (2,), (2,))
    return x, y, z, m.ones(3).set_().shape


@program
def resize_with_gradient(m):
    return m.ones(3, requires_grad=True).resize_(2)


@program
def set_other_dtype(m):
    return m.ones(3).set_(m.ones(3, dtype=m.float64))


@program
def write_into_an_expanded_tensor(m):
    return m.add(m.ones(2, 3), 1, out=m.zeros(3).expand(2, 3))


@program
def permuted(m):
    x = m.empty_permuted((2, 3, 4), (2, 0, 1))
    return tuple(x.shape), x.stride(), m.ones(2).new_empty_strided((2, 3), (3, 1)).shape


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_beside_pytorch(function):
    compare(function)
