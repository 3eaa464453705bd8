"""Operators and indexing of tensors, tried in C first: they are methods like others."""

from __future__ import annotations

import inspect
import operator

import numpy as np
import pytest
import torch as real
from torch.overrides import TorchFunctionMode as RealMode

import torchlike as torch
from torchlike.overrides import TorchFunctionMode

OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"]
OPERATORS += ["eq", "ne", "lt", "le", "gt", "ge", "and_", "or_", "xor"]


def outcome(call):
    """What it gives, or the kind of its error."""
    try:
        found = call()
    except Exception as error:
        return type(error).__name__
    is_tensor = isinstance(found, (torch.Tensor, real.Tensor))
    return found.tolist() if is_tensor else found


def operands(lib):
    class Own(lib.Tensor):
        pass

    class Alien:
        def __radd__(self, other):
            return "alien"

    ones = lib.ones(2, dtype=lib.int64)
    parameter = lib.nn.Parameter(lib.ones(2))
    numbers = [2, 2.0, True, 1j, -1, "a", None, [1], Alien()]
    return [*numbers, ones, lib.ones(2), lib.ones(3), parameter, ones.as_subclass(Own)]


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name):
    function = getattr(operator, name)

    def outcomes(lib):
        x = lib.tensor([3, 4])
        for other in operands(lib):
            yield outcome(lambda other=other: function(x, other))
            yield outcome(lambda other=other: function(other, x))

    assert list(outcomes(torch)) == list(outcomes(real))


def test_arrays_of_numpy():
    x = torch.tensor([1.0, 2.0])
    assert (x == np.array([1.0, 5.0])).tolist() == [True, False]


INDICES = [0, -1, 5, True, None, ..., (0, 1), (0, 5), (slice(None), 1), (..., 0)]
INDICES += [slice(1, None), (slice(None), slice(0, 2)), 1.0, (0, 0, 0)]


@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_indices(index):
    def outcomes(lib):
        data = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
        for kind in (lib.tensor, lambda data: lib.tensor(data) + 0):
            yield outcome(lambda kind=kind: kind(data)[index])
            x = kind(data)
            yield outcome(lambda x=x: operator.setitem(x, index, 7.0))
            yield outcome(lambda x=x: operator.setitem(x, index, lib.tensor(8)))
            yield outcome(lambda x=x: operator.setitem(x, index, "a"))
            yield x.tolist()

    assert list(outcomes(torch)) == list(outcomes(real))


@pytest.mark.parametrize("name", ["__add__", "__rsub__", "__getitem__", "__setitem__"])
def test_they_look_like_functions(name):
    method = getattr(torch.Tensor, name)
    assert method.__name__ == name
    assert method is getattr(torch.Tensor, name)
    names = list(inspect.signature(method).parameters)
    assert names[0] == "self" and len(names) == (3 if name == "__setitem__" else 2)
    assert callable(getattr(torch.ones(2), name))


def test_wrong_calls_are_refused():
    with pytest.raises(TypeError):
        torch.Tensor.__add__(torch.ones(2))
    with pytest.raises(TypeError):
        torch.Tensor.__getitem__(torch.ones(2), 0, 1)
    with pytest.raises(TypeError):
        torch.Tensor.__rsub__(1, 2)
    assert torch.ones(2).__add__(other=torch.ones(2)).tolist() == [2.0, 2.0]


def test_their_calls_can_be_taken_over():
    """Modes and classes see them, also once they have been called."""

    def seen(lib, base):
        names = []

        class Mode(base):
            def __torch_function__(self, func, types, args=(), kwargs=None):
                names.append(func.__name__)
                return func(*args, **(kwargs or {}))

        x = lib.arange(4.0)
        x + 1, x[0], x[1:, None]
        with Mode():
            x + 1
            2 - x
            x.__eq__(1)
            x[0]
            x[0] = 1
        x + 1
        return names

    ours, theirs = seen(torch, TorchFunctionMode), seen(real, RealMode)
    assert len(ours) == len(theirs) == 5
    assert ours[3:] == theirs[3:] == ["__getitem__", "__setitem__"]
