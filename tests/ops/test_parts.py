"""Indices of ints and slices are one op off the graph, and behave as in PyTorch."""

import numpy as np
import pytest
import torch

import torchlike
from torchlike._engine import current, stats

INDICES = [
    (slice(1, -1), slice(1, -1)),
    (slice(None, None, 2), -1),
    (0, slice(1, None)),
    (slice(-3, None), slice(2, 100, 3)),
    (-1, 0),
    (slice(3, 1), 0),
    (slice(2, 4),),
    (slice(None), 1),
    slice(None, -2),
    slice(1, None, 2),
    2,
]


def both(shape=(6, 5, 3), computed=False):
    flat = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    theirs, ours = torch.from_numpy(flat.copy()), torchlike.from_numpy(flat.copy())
    ours = ours if computed else ours + 0
    return theirs, ours


@pytest.mark.parametrize("computed", [False, True])
@pytest.mark.parametrize("index", INDICES, ids=str)
def test_views_show_and_write_the_same(index, computed):
    theirs, ours = both(computed=computed)
    a, b = theirs[index], ours[index]
    assert tuple(a.shape) == tuple(b.shape) and a.tolist() == b.tolist()
    assert a.storage_offset() == b.storage_offset() or not a.numel()
    assert a.stride() == b.stride() or not a.numel()
    a += 1
    b += 1
    assert theirs.tolist() == ours.tolist() and a.tolist() == b.tolist()
    a.mul_(2)
    b.mul_(2)
    theirs *= 3
    ours *= 3
    assert theirs.tolist() == ours.tolist() and a.tolist() == b.tolist()


@pytest.mark.parametrize("index", INDICES, ids=str)
@pytest.mark.parametrize("kind", ["float", "int", "bool", "0-d", "long", "itself"])
def test_assignments_convert_and_broadcast(index, kind):
    theirs, ours = both()
    for library, x in ((torch, theirs), (torchlike, ours)):
        x[index] = {
            "float": 2.5,
            "int": 7,
            "bool": True,
            "0-d": library.tensor(1.5, dtype=library.float64),
            "long": library.tensor([3], dtype=library.int64),
            "itself": x[index] * 2,
        }[kind]
    assert theirs.tolist() == ours.tolist()


def test_numbers_are_converted_to_integers():
    theirs, ours = torch.zeros(4, dtype=torch.int32), torchlike.zeros(4).int()
    theirs[1:3] = 2.75
    ours[1:3] = 2.75
    assert theirs.tolist() == ours.tolist() and str(ours.dtype) == "torch.int32"


@pytest.mark.parametrize("value", [(2, 3), (7,)])
def test_a_value_that_does_not_fit_is_pytorchs_error(value):
    theirs, ours = both()
    with pytest.raises(RuntimeError) as theirs_error:
        theirs[1:-1, 0] = torch.ones(value)
    with pytest.raises(RuntimeError) as our_error:
        ours[1:-1, 0] = torchlike.ones(value)
    assert str(our_error.value) == str(theirs_error.value)


def test_writes_through_views_of_views():
    theirs, ours = both()
    for x in (theirs, ours):
        part = x[1:-1, 1:]
        part[:, 0] = part[:, 1]
        part.transpose(0, 1)[-1, :2] = -1.0
    assert theirs.tolist() == ours.tolist()


def test_gradients_reach_a_base_that_joins_the_graph_later():
    grads = []
    for library in (torch, torchlike):
        x = library.zeros(4, 4)
        part = x[1:-1, 1:-1]
        w = library.full((4, 4), 2.0, requires_grad=True)
        x += w
        (x[1] * part.sum()).sum().backward()
        grads.append(w.grad.tolist())
    assert grads[0] == grads[1]


def test_an_index_and_an_assignment_are_one_op_each():
    x = torchlike.rand(8, 8) + 0
    before = current().state.depth
    if before == 0:
        pytest.skip("ops are flushed one by one")
    x[1:-1, 1:-1]
    assert current().state.depth == before + 1
    x[0, 2:] = 1.0
    assert current().state.depth == before + 2


def test_a_loop_over_rows_and_columns_compiles_nothing_new():
    x = torchlike.zeros(6, 6)
    for i in range(2):
        x[i, 1:3] = x[2:4, i]
        x.sum().item()
    compiled = stats().compiles
    for i in range(2, 6):
        x[i, 1:3] = x[2:4, i]
        x.sum().item()
    assert stats().compiles == compiled
