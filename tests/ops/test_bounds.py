"""Indices out of range are seen where their values are known, and never waited for."""

import numpy as np
import pytest
import torch as theirs

import torchlike as ours
from torchlike import _config

WRONG = [
    lambda x, t: x[t([7])],
    lambda x, t: x[t([1, 7, -9])],
    lambda x, t: x[t([-4])],
    lambda x, t: x[t(7)],
    lambda x, t: x[t([0]), t([4])],
    lambda x, t: x[t([3]), 1],
    lambda x, t: x[:0][t([0])],
    lambda x, t: x.__setitem__(t([7]), 1.0),
    lambda x, t: x.__setitem__(t(-4), 1.0),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_items(wrong):
    data = np.arange(12.0).reshape(3, 4)
    with pytest.raises(IndexError) as want:
        wrong(theirs.tensor(data), theirs.tensor)
    with pytest.raises(IndexError) as got:
        wrong(ours.tensor(data), ours.tensor)
    assert str(got.value) == str(want.value).splitlines()[0]


def test_an_index_that_was_read_is_checked():
    x, index = ours.arange(3.0), ours.tensor([1, 2]) + 5
    assert index.tolist() == [6, 7]
    with pytest.raises(IndexError, match="index 6 is out of bounds for dimension 0"):
        x[index]
    with pytest.raises(RuntimeError, match="index 6 is out of bounds for dimension 0"):
        x.gather(0, index)


def test_a_recorded_index_is_not_waited_for():
    if _config.flush_every_op:
        return
    index = ours.tensor([1, 2]) + 5
    ours.arange(3.0)[index]
    assert index._value().array is None


def test_in_place_forms_are_checked():
    x = ours.zeros(3)
    with pytest.raises(RuntimeError, match="index 3 is out of bounds"):
        x.index_add_(0, ours.tensor([3]), ours.ones(1))
    with pytest.raises(RuntimeError, match="index -1 is out of bounds"):
        x.scatter_(0, ours.tensor([-1]), 1.0)
    assert x.tolist() == [0, 0, 0]
