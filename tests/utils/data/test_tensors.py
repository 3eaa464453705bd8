"""Datasets that hold and compute tensors, beside PyTorch, with workers and without."""

import numpy as np
import pytest
import torch

import torchlike

from .both import plain

LIBRARIES = {"torchlike": torchlike, "torch": torch}
X = np.arange(60, dtype=np.float32).reshape(10, 3, 2)
Y = np.arange(10)


def dataset(lib, read):
    class Data(lib.utils.data.Dataset):
        def __init__(self):
            self.x, self.y = lib.tensor(X), lib.tensor(Y)

        def __len__(self):
            return len(self.x)

        def __getitem__(self, i):
            return read(lib, self, i)

    return Data()


def flipped(lib, d, i):
    """A random augmentation: every batch takes another path."""
    x = d.x[i]
    return (-x if lib.rand(1).item() < 0.5 else x) + lib.rand(2), d.y[i]


READS = {
    "rows": lambda lib, d, i: (d.x[i], d.y[i]),
    "row by tensor": lambda lib, d, i: d.x[d.y[i]],
    "parts": lambda lib, d, i: {"a": d.x[i, 1:], "b": d.x[i].T, "c": d.x[i][0][1]},
    "normalised": lambda lib, d, i: ((d.x[i] - 3.0) / 2, d.y[i] % 3),
    "written": lambda lib, d, i: _written(d.x[i].clone(), i),
    "augmented": flipped,
    "unequal": lambda lib, d, i: d.x[i, : i % 2],
    "constant": lambda lib, d, i: lib.ones(2) * i,
    "not a leaf": lambda lib, d, i: d.x[i].requires_grad_() * 2,
}


def _written(x, i):
    x[0, 0] = -i
    x += 1
    return x


def epochs(lib, read, **options):
    """Two epochs, or the error that ended them."""
    lib.manual_seed(8)
    loader = lib.utils.data.DataLoader(
        dataset(lib, read), batch_size=4, shuffle=True, **options
    )
    try:
        return [[plain(b) for b in loader] for _ in range(2)]
    except Exception as e:
        lines = str(e).splitlines()
        return type(e), [x for x in lines if x.startswith(type(e).__name__)] or lines


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("name", READS)
def test_computed_samples(name, workers):
    if (name, workers) == ("not a leaf", 2):
        pytest.skip("PyTorch's worker dies of it; ours reports it, tested below")
    got, want = (
        epochs(lib, READS[name], num_workers=workers) for lib in (torchlike, torch)
    )
    assert got == want


def test_samples_on_the_graph_are_refused_by_workers():
    got = epochs(torchlike, READS["not a leaf"], num_workers=2)
    assert got[0] is RuntimeError and "graph leaves" in got[1][0]


def test_writes_to_the_data_show_in_the_next_batch():
    for lib in LIBRARIES.values():
        data = dataset(lib, READS["rows"])
        batches = iter(lib.utils.data.DataLoader(data, batch_size=5))
        first = next(batches)
        data.x.zero_()
        assert first[0].sum().item() == X[:5].sum()
        assert next(batches)[0].sum().item() == 0


def test_a_tensor_dataset_sees_writes_and_pending_values():
    for lib in LIBRARIES.values():
        x = lib.arange(6.0) * 2
        loader = lib.utils.data.DataLoader(lib.utils.data.TensorDataset(x), 3)
        assert [b.tolist() for (b,) in loader] == [[0, 2, 4], [6, 8, 10]]
        x += 1
        assert [b.tolist() for (b,) in loader] == [[1, 3, 5], [7, 9, 11]]


def test_a_tensor_dataset_that_needs_gradients():
    for lib in LIBRARIES.values():
        x = lib.ones(4, 2, requires_grad=True)
        (batch,) = next(
            iter(lib.utils.data.DataLoader(lib.utils.data.TensorDataset(x), 4))
        )
        batch.sum().backward()
        assert x.grad.tolist() == [[1.0, 1.0]] * 4


def test_batches_can_be_changed_without_changing_the_data():
    for lib in LIBRARIES.values():
        x = lib.zeros(4, 2)
        for (batch,) in lib.utils.data.DataLoader(lib.utils.data.TensorDataset(x), 2):
            batch += 1
        assert x.sum().item() == 0


def test_parameters_and_gradients_of_samples_arrive():
    def read(lib, d, i):
        leaf = lib.ones(2) * i
        return leaf.requires_grad_()

    for lib in LIBRARIES.values():
        loader = lib.utils.data.DataLoader(dataset(lib, read), None, num_workers=1)
        got = list(loader)
        assert all(t.requires_grad and t.is_leaf for t in got)
        assert [t.tolist() for t in got] == [[i, i] for i in range(10)]


def test_reading_batches_compiles_nothing_after_the_first_epoch():
    from torchlike._engine import stats

    data = dataset(torchlike, READS["normalised"])
    loader = torchlike.utils.data.DataLoader(data, 4, shuffle=True)
    list(loader)
    before = stats().compiles
    for _ in range(3):
        list(loader)
    assert stats().compiles == before


def test_the_parent_goes_on_with_what_it_had_recorded():
    w = torchlike.ones(3, requires_grad=True)
    loss = (w * 3).sum()
    loader = torchlike.utils.data.DataLoader([1.0, 2.0], num_workers=1)
    assert [b.item() for b in loader] == [1.0, 2.0]
    loss.backward()
    assert w.grad.tolist() == [3.0] * 3
