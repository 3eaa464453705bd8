"""Rows of computed tensors, which are recorded when first used, beside PyTorch."""

import numpy as np
import pytest
import torch

import torchlike
from torchlike._engine import stats

X = np.arange(24, dtype=np.float32).reshape(4, 3, 2)


def _written_base(lib, x):
    row = x[1]
    x.mul_(2)
    return [row, x]


def _written_row(lib, x):
    row = x[1][2]
    row += 100
    return [row, x[1], x]


def _set_through(lib, x):
    rows = list(x)
    rows[-1][0] = 7
    x[-1][2, 1] = 8
    return [x, *rows]


def _gradient_later(lib, x):
    row = x[2]
    x.requires_grad_()
    return [row, row.is_leaf, (x[2] * x[1]).sum().requires_grad]


def _joins_the_graph(lib, x):
    w = lib.tensor(3.0, requires_grad=True)
    row, other = x[0], x[1]
    row.mul_(w)
    x.sum().backward()
    named = other.grad_fn.name()
    return [row, row.requires_grad, other.requires_grad, w.grad, named, row.is_leaf]


def _own_gradient(lib, x):
    row = x[0].requires_grad_()
    (row * row).sum().backward()
    return [row.grad, row.is_leaf, x.requires_grad]


def _write_refused(lib, x):
    row = x[0]
    x.requires_grad_()
    return row.add_(1)


def _shared(lib, x):
    row = x[3]
    taken, copied = row.detach(), row.clone()
    row.zero_()
    return [taken, copied, x]


def _parts(lib, x):
    part = x[1:]
    return [part[0], part[-1][1], x.transpose(0, 2)[1], part[2].tolist(), part[1, 2]]


def _facts(lib, x):
    row = x[-2]
    return [
        *(tuple(row.shape), row.dtype.is_floating_point, row.dim(), len(row)),
        *(row.numel(), row.stride(), row.storage_offset(), row.is_contiguous()),
        *(str(row.device), row.requires_grad, row._is_view(), row[0][1].item()),
        *(float(row[1, 1]), row.numpy().tolist(), bool(row[0, 0]), repr(row)),
    ]


def _mapped(lib, x):
    row = x[1]
    return [lib.func.vmap(lambda v: v * row[:, 0])(x[:, :, 1]), row]


def _given_away(lib, x):
    row = x[1]
    del x
    return [row, row + 1]


CASES = {
    f.__name__.strip("_"): f
    for f in (
        *(_written_base, _written_row, _set_through, _gradient_later),
        *(_joins_the_graph, _own_gradient, _write_refused, _shared, _parts, _facts),
        *(_mapped, _given_away),
    )
}


def _outcome(case, lib):
    try:
        return _plain(case(lib, lib.tensor(X)))
    except RuntimeError as error:
        return str(error)


def _plain(x):
    if isinstance(x, list):
        return [_plain(item) for item in x]
    return x.tolist() if hasattr(x, "tolist") else x


@pytest.mark.parametrize("name", CASES)
def test_as_pytorch(name):
    assert _outcome(CASES[name], torchlike) == _outcome(CASES[name], torch)


@pytest.mark.parametrize("index", [4, -5])
def test_out_of_bounds(index):
    with pytest.raises(IndexError) as ours:
        torchlike.tensor(X)[index]
    with pytest.raises(IndexError) as theirs:
        torch.tensor(X)[index]
    assert str(ours.value) == str(theirs.value)


def test_reading_rows_runs_no_program():
    x = torchlike.tensor(X) + 0
    x.sum().item()
    before = stats().flushes
    assert [v.item() for v in x[1][0]] == X[1, 0].tolist()
    assert [row.tolist() for row in x] == X.tolist()
    assert stats().flushes == before
