"""Datasets beside PyTorch's."""

import numpy as np
import pytest

from .both import error, ours, plain, reference, same, tensor


class Batched(list):
    """A dataset that serves whole batches."""

    def __getitems__(self, indices):
        return [self[i] * 10 for i in indices]


class Lying(Batched):
    """Its batches have one item too few."""

    def __getitems__(self, indices):
        return super().__getitems__(indices[1:])


def streams(module, *lengths):
    """Streams of the given lengths, made of the module's own class."""

    class Stream(module.IterableDataset):
        def __init__(self, n):
            self.n = n

        def __iter__(self):
            return iter(range(self.n))

        def __len__(self):
            return self.n

    return [Stream(n) for n in lengths]


def strict_subset(module):
    class Doubled(module.Subset):
        def __getitem__(self, i):
            return 2 * super().__getitem__(i)

    return Doubled(range(3), [0])


CASES = {
    "no getitem": lambda m: m.Dataset()[0],
    "no len": lambda m: len(m.Dataset()),
    "add": lambda m: [*(m.ConcatDataset([[1, 2]]) + [3])],
    "concat": lambda m: [m.ConcatDataset([[1, 2], [], [3]])[i] for i in (0, 2, -1, -3)],
    "concat sizes": lambda m: m.ConcatDataset([[1, 2], [], [3]]).cumulative_sizes,
    "concat too low": lambda m: m.ConcatDataset([[1], [2]])[-3],
    "concat too high": lambda m: m.ConcatDataset([[1], [2]])[2],
    "concat nothing": lambda m: m.ConcatDataset([]),
    "concat stream": lambda m: m.ConcatDataset(streams(m, 2)),
    "chain": lambda m: list(m.ChainDataset(streams(m, 2, 3))),
    "chain len": lambda m: len(m.ChainDataset(streams(m, 2, 3))),
    "chain add": lambda m: list(streams(m, 2)[0] + streams(m, 1)[0]),
    "chain list": lambda m: list(m.ChainDataset([[1]])),
    "subset": lambda m: [m.Subset("abcd", [3, 1])[i] for i in (0, 1, -1)],
    "subset batch": lambda m: m.Subset(Batched([1, 2, 3]), [2, 0]).__getitems__([0, 1]),
    "subset list": lambda m: m.Subset(np.arange(5), [4, 2])[[0, 1]],
    "subset len": lambda m: len(m.Subset("abcd", [3, 1])),
    "subset range": lambda m: m.Subset("abcd", [3, 1])[2],
    "stack tuple": lambda m: m.StackDataset([1, 2], "ab")[1],
    "stack dict": lambda m: m.StackDataset(x=[1, 2], y="ab")[1],
    "stack batch": lambda m: m.StackDataset(Batched([1, 2]), "ab").__getitems__([1, 0]),
    "stack dict batch": lambda m: m.StackDataset(
        x=Batched([1, 2]), y="ab"
    ).__getitems__([1, 0]),
    "stack lying": lambda m: m.StackDataset(Lying([1, 2]), "ab").__getitems__([1, 0]),
    "stack lengths": lambda m: m.StackDataset([1], [1, 2]),
    "stack nothing": lambda m: m.StackDataset(),
    "stack both": lambda m: m.StackDataset([1], x=[1]),
    "stack len": lambda m: len(m.StackDataset([1, 2], [3, 4])),
    "tensors": lambda m: m.TensorDataset(tensor(m, [[1], [2]]), tensor(m, [3, 4]))[1],
    "tensors len": lambda m: len(m.TensorDataset(tensor(m, [[1], [2]]))),
    "tensors lengths": lambda m: m.TensorDataset(tensor(m, [1]), tensor(m, [1, 2])),
    "sampler": lambda m: list(m.Sampler()),
    "loader getitems": lambda m: list(m.DataLoader(Batched([1, 2, 3]), batch_size=2)),
}


@pytest.mark.parametrize("name", CASES)
def test_dataset(name):
    same(CASES[name])


def test_a_subset_class_must_serve_batches_too():
    texts = [error(lambda m=m: strict_subset(m)) for m in (ours, reference)]
    assert texts[0] == texts[1] and texts[0][0] is NotImplementedError


def test_the_misspelt_name_warns():
    with pytest.warns(FutureWarning, match="renamed to `cumulative_sizes`"):
        assert ours.ConcatDataset([[1]]).cummulative_sizes == [1]


def test_datasets_are_generic():
    assert ours.Dataset[int] and ours.DataLoader[int] and ours.Sampler[int]


def test_the_same_public_names():
    assert {*ours.__all__} == {*reference.__all__}
    assert plain(ours.DataLoader([1, 2]).batch_size) == 1
