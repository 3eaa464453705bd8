"""``torchlike.buckets``: a few sizes in place of many."""

from __future__ import annotations

import numpy as np
import pytest

import torchlike as torch
from torchlike import buckets


@pytest.mark.parametrize("steps", [1, 2, 4, 8])
def test_sizes_are_few_and_near(steps):
    sizes = [buckets.size(n, steps) for n in range(2001)]
    assert all(n <= s <= n * (1 + 1 / steps) + 1 for n, s in enumerate(sizes))
    assert sizes == sorted(sizes)
    assert len(set(sizes)) <= 2 * steps + steps * 11 + 1
    assert all(buckets.size(s, steps) == s for s in set(sizes))


def test_size_refuses():
    with pytest.raises(ValueError, match="n >= 0"):
        buckets.size(-1)
    with pytest.raises(ValueError, match="steps >= 1"):
        buckets.size(3, 0)


def test_pad():
    x = torch.arange(74.0).reshape(2, 37)
    y = buckets.pad(x, 1, value=-1.0)
    assert y.shape == (2, 40)
    assert y[:, :37].equal(x) and (y[:, 37:] == -1).all()
    assert buckets.pad(x, 0).shape == (2, 37)
    assert buckets.pad(x.T, 0).shape == (40, 2)
    with pytest.raises(IndexError, match="Dimension out of range"):
        buckets.pad(x, 2)


def test_pad_sequence():
    rows = [torch.ones(n, 3) for n in (5, 33, 2)]
    padded = buckets.pad_sequence(rows, batch_first=True, padding_value=7.0)
    assert padded.shape == (3, 40, 3)
    assert (padded[0, 5:] == 7).all() and (padded[1, :33] == 1).all()
    assert buckets.pad_sequence(rows).shape == (40, 3, 3)


@pytest.mark.parametrize("drop_last", [False, True])
def test_batches_of_one_bucket(drop_last):
    lengths = torch.randint(1, 100, (300,), generator=torch.Generator().manual_seed(0))
    lengths = lengths.tolist()
    sampler = buckets.BatchSampler(
        lengths, 8, drop_last=drop_last, generator=torch.Generator().manual_seed(1)
    )
    batches = list(sampler)
    assert len(batches) == len(sampler)
    for batch in batches:
        assert len({buckets.size(lengths[i]) for i in batch}) == 1
    seen = sorted(i for batch in batches for i in batch)
    assert len(set(seen)) == len(seen)
    if drop_last:
        assert all(len(batch) == 8 for batch in batches)
    else:
        assert seen == list(range(300))
    assert list(sampler) != batches  # another order in each epoch


def test_a_loop_of_many_lengths_compiles_few_programs():
    data = [torch.from_numpy(np.ones((3, n), np.float32)) for n in range(33, 65)]
    before = torch._engine.stats().compiles
    for row in data:
        (buckets.pad(row, 1).exp() * 2).sum().item()
    # Lengths of 40, 48, 56 and 64, and once more for rows that need no padding: those
    # are held and cannot be donated. With a flush after every op three programs each.
    most = 24 if torch._config.flush_every_op else 8
    assert torch._engine.stats().compiles - before <= most


def test_rows_with_gradients_are_padded_too():
    rows = [torch.ones(n, requires_grad=True) for n in (3, 9)]
    (buckets.pad_sequence(rows) * 2).sum().backward()
    assert [r.grad.tolist() for r in rows] == [[2.0] * 3, [2.0] * 9]
