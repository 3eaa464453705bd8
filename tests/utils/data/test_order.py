"""The same seed visits the same samples in the same order as PyTorch."""

import numpy as np
import pytest

from .both import generator, ours, plain, reference, same, seed, tensor


class Squares:
    """A map-style dataset that returns Python and NumPy values."""

    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return i, float(i), np.full(2, i * i, np.float32)


LOADERS = [
    dict(batch_size=3),
    dict(batch_size=3, shuffle=True),
    dict(batch_size=3, shuffle=True, drop_last=True),
    dict(batch_size=None, shuffle=True),
    dict(batch_size=4, shuffle=True, num_workers=2),
    dict(batch_size=4, shuffle=True, num_workers=2, persistent_workers=True),
    dict(batch_size=1, num_workers=2, prefetch_factor=1),
]


@pytest.mark.parametrize("options", LOADERS, ids=str)
def test_three_epochs_from_the_default_generator(options):
    def run(module):
        seed(module, 11)
        loader = module.DataLoader(Squares(10), **options)
        return [[plain(b) for b in loader] for _ in range(3)]

    same(run)


@pytest.mark.parametrize("options", LOADERS, ids=str)
def test_epochs_from_a_generator_and_its_state_after(options):
    def run(module):
        g = generator(module, 5)
        loader = module.DataLoader(Squares(8), generator=g, **options)
        batches = [[plain(b) for b in loader] for _ in range(2)]
        return batches, list(module.RandomSampler(range(50), generator=g))

    same(run)


@pytest.mark.parametrize("workers", [0, 2])
def test_what_an_epoch_takes_from_the_default_generator(workers):
    """Draws after an epoch cut short are PyTorch's too."""

    def run(module):
        seed(module, 3)
        loader = module.DataLoader(
            Squares(9), batch_size=2, shuffle=True, num_workers=workers
        )
        next(iter(loader))
        return list(module.RandomSampler(range(20)))

    same(run)


SAMPLERS = [
    lambda m, g: m.RandomSampler(range(10), generator=g),
    lambda m, g: m.RandomSampler(range(10), num_samples=25, generator=g),
    lambda m, g: m.RandomSampler(range(10), num_samples=4, generator=g),
    lambda m, g: m.RandomSampler(range(10), True, 70, generator=g),
    lambda m, g: m.RandomSampler(range(10), True, 32, generator=g),
    lambda m, g: m.SubsetRandomSampler([3, 5, 8, 13], generator=g),
    lambda m, g: m.WeightedRandomSampler([0.1, 2, 0.5, 1], 12, generator=g),
    lambda m, g: m.WeightedRandomSampler([0.1, 2, 0.5, 1], 3, False, generator=g),
    lambda m, g: m.SequentialSampler(range(4)),
    lambda m, g: m.BatchSampler(m.RandomSampler(range(10), generator=g), 4, False),
    lambda m, g: m.BatchSampler(m.RandomSampler(range(10), generator=g), 4, True),
    lambda m, g: m.BatchSampler([1, 2, 3], 5, True),
    lambda m, g: m.BatchSampler("abcde", 2, False),
]


@pytest.mark.parametrize("own", [True, False], ids=["generator", "default"])
@pytest.mark.parametrize("make", SAMPLERS, ids=range(len(SAMPLERS)))
def test_samplers(make, own):
    def run(module):
        seed(module, 7)
        sampler = make(module, generator(module, 9) if own else None)
        return list(sampler), list(sampler), len(sampler)

    if make is SAMPLERS[12]:
        with pytest.raises(TypeError):
            len(ours.BatchSampler(iter("abc"), 2, False))
    same(run)


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("n, replicas", [(10, 3), (9, 3), (2, 5), (7, 2)])
def test_distributed_shares(n, replicas, shuffle, drop_last):
    def run(module):
        shares = []
        for rank in range(replicas):
            sampler = module.DistributedSampler(
                range(n), replicas, rank, shuffle, seed=4, drop_last=drop_last
            )
            sampler.set_epoch(2)
            shares.append((list(sampler), len(sampler)))
        return shares

    same(run)


SPLITS = [
    [3, 7],
    [0.3, 0.7],
    [0.25, 0.25, 0.5],
    [1 / 3, 1 / 3, 1 / 3],
    [10],
    [1.0],
    [3, 8],
    [-0.5, 1.5],
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("lengths", SPLITS, ids=str)
@pytest.mark.parametrize("own", [True, False], ids=["generator", "default"])
def test_random_split(lengths, own):
    def run(module):
        seed(module, 1)
        options = {"generator": generator(module, 2)} if own else {}
        parts = module.random_split(range(10), lengths, **options)
        return [list(p.indices) for p in parts], [
            [*map(p.__getitem__, [0])] for p in parts
        ]

    same(run)


def test_random_split_warns_of_an_empty_part():
    for module in (ours, reference):
        with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
            module.random_split(range(1), [0.5, 0.5])


def test_tensor_dataset_rows_at_once_equal_rows_one_by_one():
    x = np.arange(24, dtype=np.float32).reshape(12, 2)

    def run(module):
        seed(module, 2)
        data = module.TensorDataset(tensor(module, x), tensor(module, np.arange(12)))
        part, _ = module.random_split(data, [9, 3])
        batches = [
            *module.DataLoader(data, batch_size=5, shuffle=True),
            *module.DataLoader(part, batch_size=4, shuffle=True),
            *module.DataLoader(data, batch_sampler=[[0, -1], [3]]),
        ]
        return batches, module.DataLoader(data, sampler=[12])

    same(lambda m: run(m)[0])
    same(lambda m: list(run(m)[1]))
