"""DataLoader's arguments, attributes, checks and warnings beside PyTorch's."""

import inspect
import multiprocessing
import pickle
import warnings

import numpy as np
import pytest

from .both import ours, reference, same

DATA = [float(i) for i in range(5)]


def stream(module, n=5, promised=None):
    class Stream(module.IterableDataset):
        def __iter__(self):
            return iter(range(n))

        def __len__(self):
            if promised is None:
                raise TypeError("no length")
            return promised

        def __repr__(self):
            return "Stream"

    return Stream()


BAD = {
    "workers": dict(num_workers=-1),
    "timeout": dict(timeout=-1),
    "prefetch alone": dict(prefetch_factor=2),
    "prefetch": dict(num_workers=1, prefetch_factor=-1),
    "persistent": dict(persistent_workers=True),
    "sampler and shuffle": dict(sampler=[0], shuffle=True),
    "batch sampler and size": dict(batch_sampler=[[0]], batch_size=2),
    "batch sampler and shuffle": dict(batch_sampler=[[0]], shuffle=True),
    "batch sampler and sampler": dict(batch_sampler=[[0]], sampler=[0]),
    "batch sampler and drop": dict(batch_sampler=[[0]], drop_last=True),
    "drop without batch": dict(batch_size=None, drop_last=True),
    "batch size": dict(batch_size=0),
    "batch size type": dict(batch_size=2.5),
    "batch size bool": dict(batch_size=True),
    "drop type": dict(drop_last=1),
    "context alone": dict(multiprocessing_context="fork"),
    "context name": dict(num_workers=1, multiprocessing_context="threads"),
    "context type": dict(num_workers=1, multiprocessing_context=3),
    "timeout without workers": dict(timeout=3),
    "prefetch of nothing": dict(num_workers=1, prefetch_factor=0),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments(name):
    same(lambda m: list(m.DataLoader(DATA, **BAD[name])))


@pytest.mark.parametrize(
    "options",
    [
        dict(shuffle=True),
        dict(shuffle=False),
        dict(sampler=[0]),
        dict(batch_sampler=[[0]]),
        dict(batch_size=2),
        dict(batch_size=2, drop_last=True),
        dict(batch_size=None),
    ],
    ids=str,
)
def test_streams(options):
    same(lambda m: list(m.DataLoader(stream(m), **options)))


def test_shuffling_an_empty_dataset():
    same(lambda m: m.DataLoader([], shuffle=True))
    same(lambda m: list(m.DataLoader([])))


@pytest.mark.parametrize(
    "bad",
    [
        lambda m: m.RandomSampler([], False),
        lambda m: m.RandomSampler([1], replacement=1),
        lambda m: m.RandomSampler([1], num_samples=0),
        lambda m: m.RandomSampler([1], num_samples=1.5),
        lambda m: m.WeightedRandomSampler([1], 0),
        lambda m: m.WeightedRandomSampler([1], True),
        lambda m: m.WeightedRandomSampler([1], 1, 1),
        lambda m: m.WeightedRandomSampler([[1.0]], 1),
        lambda m: m.DistributedSampler([1], 2, 2),
        lambda m: m.DistributedSampler([1], 2, -1),
    ],
)
def test_bad_samplers(bad):
    same(bad)


def test_signature():
    kinds = [
        [(p.name, p.kind, p.default) for p in signature.parameters.values()]
        for signature in map(inspect.signature, (ours.DataLoader, reference.DataLoader))
    ]
    assert kinds[0] == kinds[1]


@pytest.mark.parametrize(
    "name",
    "batch_size batch_sampler sampler drop_last dataset persistent_workers".split(),
)
def test_fixed_attributes(name):
    same(lambda m: setattr(m.DataLoader(DATA), name, None))


def test_other_attributes_may_change():
    loader = ours.DataLoader(DATA)
    loader.num_workers, loader.own = 1, 2
    assert loader.own == 2 and loader.prefetch_factor is None


def test_context_by_name_or_object():
    for context in ("fork", multiprocessing.get_context("fork")):
        loader = ours.DataLoader(DATA, num_workers=1, multiprocessing_context=context)
        assert loader.multiprocessing_context.get_start_method() == "fork"


@pytest.mark.parametrize(
    "options",
    [
        dict(),
        dict(batch_size=2),
        dict(batch_size=2, drop_last=True),
        dict(batch_size=None),
        dict(batch_sampler=[[0, 1], [2]]),
        dict(sampler=[1, 2, 3]),
    ],
    ids=str,
)
def test_length(options):
    same(lambda m: (len(m.DataLoader(DATA, **options)),))
    same(lambda m: len(iter(m.DataLoader(DATA, **options))))


@pytest.mark.parametrize("drop", [False, True])
def test_length_of_streams(drop):
    def run(m):
        loader = m.DataLoader(stream(m, 5, promised=5), batch_size=2, drop_last=drop)
        return len(loader)

    same(run)
    same(lambda m: len(m.DataLoader(stream(m))))


def caught(call):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        call()
    return [(w.category, str(w.message)) for w in seen]


def test_a_stream_longer_than_it_said_warns():
    def run(m):
        loader = m.DataLoader(stream(m, 4, promised=3), batch_size=None)
        len(loader)
        return caught(lambda: list(loader))

    same(run)
    assert len(run(ours)) == 1


@pytest.mark.parametrize("device", ["", "cuda"])
def test_pinning_without_an_accelerator_warns(device):
    def run(m):
        loader = m.DataLoader(DATA, pin_memory=True, pin_memory_device=device)
        return caught(lambda: list(loader))

    same(run)


def test_too_many_workers_warn():
    same(lambda m: caught(lambda: m.DataLoader(DATA, num_workers=10_000)))


def test_iterators_do_not_pickle():
    same(lambda m: pickle.dumps(iter(m.DataLoader(DATA))))


def test_collate_fn_gets_the_samples():
    same(lambda m: list(m.DataLoader(DATA, batch_size=2, collate_fn=tuple)))
    same(lambda m: list(m.DataLoader(DATA, batch_size=None, collate_fn=str)))


def test_single_samples_are_converted():
    rows = [(np.float32(1), "a", [np.arange(2)]), (np.float32(2), "b", [np.arange(2)])]
    same(lambda m: list(m.DataLoader(rows, batch_size=None)))


def test_two_iterators_of_one_loader():
    loader = ours.DataLoader(DATA, batch_size=2)
    pairs = [(a.tolist(), b.tolist()) for a, b in zip(loader, loader, strict=True)]
    assert pairs == [(p, p) for p in ([0.0, 1.0], [2.0, 3.0], [4.0])]
