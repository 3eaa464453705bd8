"""``torch.testing`` and the numerical limits beside PyTorch's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

import torchlike

NAN = math.nan
CASES = {
    "floats": lambda m: ((m.tensor([1.0, 2, 3]), m.tensor([1.0, 2, 4])), {}),
    "ints": lambda m: ((m.tensor([1, 2, 3]), m.tensor([1, 2, 4])), {}),
    "shapes": lambda m: ((m.ones(2), m.ones(3)), {}),
    "dtypes": lambda m: ((m.ones(1), m.ones(1).double()), {}),
    "numbers": lambda m: ((1, 2), {}),
    "close numbers": lambda m: ((1.0, 1.1), {}),
    "lists": lambda m: (([m.ones(1), m.ones(1)], [m.ones(1), m.zeros(1)]), {}),
    "mappings": lambda m: (({"a": [m.ones(1)]}, {"a": [m.zeros(1)]}), {}),
    "keys": lambda m: (({"a": 1}, {"b": 1}), {}),
    "lengths": lambda m: (([1], [1, 2]), {}),
    "scalars": lambda m: ((m.tensor(1.0), m.tensor(2.0)), {}),
    "mixed": lambda m: ((m.ones(1), 1.0), {}),
    "nan": lambda m: ((m.tensor([NAN]), m.tensor([NAN])), {}),
    "equal nan": lambda m: ((m.tensor([NAN]), m.tensor([NAN])), {"equal_nan": True}),
    "one tolerance": lambda m: ((m.ones(2), m.ones(2)), {"rtol": 0.5}),
    "exact": lambda m: ((m.ones(2), m.ones(2) * 1.1), {"rtol": 0, "atol": 0}),
    "loose": lambda m: ((m.ones(2), m.ones(2) * 1.1), {"rtol": 0.2, "atol": 0}),
    "message": lambda m: ((m.ones(2), m.zeros(2)), {"msg": "hello"}),
    "made": lambda m: ((m.ones(2), m.zeros(2)), {"msg": lambda s: "X " + s}),
    "bools": lambda m: ((m.tensor([True, False]), m.tensor([True, True])), {}),
    "complex": lambda m: ((m.tensor([[1j, 2.0]]), m.tensor([[1j, 3.0]])), {}),
    "texts": lambda m: (("a", "a"), {}),
    "none": lambda m: ((None, None), {}),
    "none and one": lambda m: ((None, 1), {}),
    "true and false": lambda m: ((True, False), {}),
    "int and float": lambda m: ((1, 1.0), {}),
    "layouts": lambda m: ((m.ones(1).to_sparse(), m.ones(1)), {}),
    "sparse": lambda m: ((m.ones(2).to_sparse(), m.ones(2).to_sparse() * 2), {}),
    "stored": lambda m: ((m.ones(2).to_sparse(), m.eye(2)[0].to_sparse()), {}),
    "empty": lambda m: ((m.tensor([]), m.tensor([])), {}),
    "arrays": lambda m: ((np.ones(2), np.zeros(2)), {}),
    "other dtypes": lambda m: ((m.ones(2), m.ones(2).int()), {"check_dtype": False}),
    "bytes": lambda m: ((m.tensor([3]).byte(), m.tensor([1]).byte()), {}),
    "half": lambda m: ((m.ones(2).half(), m.ones(2).half() * 1.5), {}),
}


def _outcome(m, case):
    args, options = CASES[case](m)
    try:
        return m.testing.assert_close(*args, **options)
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("case", CASES)
def test_assert_close(case):
    assert _outcome(torchlike, case) == _outcome(torch, case)


MADE = [
    ((3, 4), "float32", {}),
    ((3,), "float64", {"low": 0, "high": 2}),
    ((2, 3), "complex64", {}),
    ((5,), "int64", {}),
    ((5,), "uint8", {"high": 5}),
    ((5,), "bool", {}),
    ((2, 3), "float32", {"noncontiguous": True, "requires_grad": True}),
    ((6,), "int32", {"low": 0, "high": 2, "exclude_zero": True}),
]


@pytest.mark.parametrize(("shape", "dtype", "options"), MADE)
def test_make_tensor(shape, dtype, options):
    made = []
    for m in (torch, torchlike):
        m.manual_seed(3)
        kind = getattr(m, dtype)
        made.append(m.testing.make_tensor(shape, dtype=kind, device="cpu", **options))
    assert made[0].requires_grad == made[1].requires_grad
    np.testing.assert_allclose(*(t.detach().numpy() for t in made), rtol=1e-6)


def test_make_tensor_refuses():
    for m in (torch, torchlike):
        with pytest.raises(ValueError, match="`low` must be less than `high`"):
            m.testing.make_tensor(2, dtype=m.int64, device="cpu", low=3, high=2)
        with pytest.raises(ValueError, match="is not supported for boolean"):
            m.testing.make_tensor(2, dtype=m.bool, device="cpu", requires_grad=True)


FLOATS = "float16 bfloat16 float32 float64 complex64 complex128".split()
INTS = "uint8 int8 int16 int32 int64 uint16 uint32 uint64".split()


@pytest.mark.parametrize("name", FLOATS)
def test_finfo(name):
    theirs, ours = (m.finfo(getattr(m, name)) for m in (torch, torchlike))
    for field in "bits eps max min tiny smallest_normal resolution dtype".split():
        assert getattr(ours, field) == getattr(theirs, field), field
    assert repr(ours) == repr(theirs)
    assert ours == torchlike.finfo(getattr(torchlike, name))


@pytest.mark.parametrize("name", INTS)
def test_iinfo(name):
    theirs, ours = (m.iinfo(getattr(m, name)) for m in (torch, torchlike))
    for field in ("bits", "max", "min", "dtype"):
        assert getattr(ours, field) == getattr(theirs, field), field
    assert repr(ours) == repr(theirs)


def test_limits_of_wrong_dtypes():
    for m in (torch, torchlike):
        with pytest.raises(TypeError, match="requires a floating point input type"):
            m.finfo(m.int8)
        with pytest.raises(TypeError, match="requires an integer input type"):
            m.iinfo(m.float32)
