"""Sizes that change, brought to a few: ``torchlike.buckets`` (not in PyTorch).

XLA compiles a program for each shape. A loop whose batches are padded to their own
longest sentence meets dozens of them; padded to the next of a few sizes it meets a
handful, at the price of a little more work.

>>> import torchlike as torch
>>> [torch.buckets.size(n) for n in (5, 9, 33, 37, 1000)]
[5, 10, 40, 40, 1024]
>>> torch.buckets.pad(torch.ones(2, 37), 1).shape
torch.Size([2, 40])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ._ops.from_data import from_numpy
from ._ops.join import stack
from ._ops.random import randperm
from ._tensor import Tensor
from .nn.functional import pad as _pad
from .utils.data import Sampler


def size(n: int, steps: int = 4) -> int:
    """The smallest size of at least ``n`` among ``steps`` sizes to each doubling.

    The size is at most ``n · (1 + 1 / steps)``, rounded up: with the default 4, lengths
    up to 2,000 fall into 41 sizes, and at most a fifth of a dimension is padding.
    """
    if n < 0 or steps < 1:
        raise ValueError(f"size() expects n >= 0 and steps >= 1, got {n} and {steps}")
    width = 1
    while steps * width * 2 < n:
        width *= 2
    return -(-n // width) * width


def pad(tensor: Tensor, dim: int = -1, value: float = 0, steps: int = 4) -> Tensor:
    """``tensor`` with ``value`` behind it along ``dim``, up to a bucket's size.

    Data on the CPU is padded there and then, so that nothing is compiled for its own
    size; a tensor with a gradient, or on a GPU, is padded by an op.

    **Shape** that of ``tensor``, but for ``dim``.
    """
    rank = tensor.dim()
    if not -rank <= dim < rank:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-rank}, "
            f"{rank - 1}], but got {dim})"
        )
    dim %= rank
    return _to(tensor, size(tensor.shape[dim], steps), value, dim)


def _to(tensor: Tensor, length: int, value: float, dim: int = 0) -> Tensor:
    """``tensor``, ``length`` long along ``dim``."""
    rank, extra = tensor.dim(), length - tensor.shape[dim]
    if not extra:
        return tensor
    if tensor.requires_grad or tensor.device.type != "cpu":
        return _pad(tensor, (0, 0) * (rank - 1 - dim) + (0, extra), value=value)
    after = [(0, extra if d == dim else 0) for d in range(rank)]
    return from_numpy(np.pad(tensor.numpy(), after, constant_values=value))


def pad_sequence(
    sequences: Sequence[Tensor],
    batch_first: bool = False,
    padding_value: float = 0.0,
    steps: int = 4,
) -> Tensor:
    """``nn.utils.rnn.pad_sequence``, to a bucket's size instead of the longest's.

    **Shape** sequences (Lᵢ, …), result (T, N, …), or (N, T, …) with ``batch_first``.
    """
    longest = size(max(len(s) for s in sequences), steps)
    rows = [_to(s, longest, padding_value) for s in sequences]
    return stack(rows, 0 if batch_first else 1)


class BatchSampler(Sampler):
    """Batches of indices of samples whose lengths fall into the same bucket.

    Each epoch shuffles the samples and then the batches. ``lengths`` has the length of
    each sample; the last batch of a bucket may be smaller, unless ``drop_last``.
    """

    def __init__(
        self,
        lengths: Sequence[int],
        batch_size: int,
        *,
        steps: int = 4,
        shuffle: bool = True,
        drop_last: bool = False,
        generator=None,
    ) -> None:
        if batch_size < 1:
            raise ValueError(
                "batch_size should be a positive integer value, but got "
                f"batch_size={batch_size}"
            )
        self.sizes = [size(int(n), steps) for n in lengths]
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.generator = generator

    def _order(self, n: int) -> list[int]:
        if not self.shuffle:
            return list(range(n))
        return randperm(n, generator=self.generator).tolist()

    def __iter__(self) -> Iterator[list[int]]:
        buckets: dict[int, list[int]] = {}
        batches = []
        for i in self._order(len(self.sizes)):
            bucket = buckets.setdefault(self.sizes[i], [])
            bucket.append(i)
            if len(bucket) == self.batch_size:
                batches.append(buckets.pop(self.sizes[i]))
        if not self.drop_last:
            batches += buckets.values()
        return (batches[i] for i in self._order(len(batches)))

    def __len__(self) -> int:
        counts = [self.sizes.count(s) for s in set(self.sizes)]
        if self.drop_last:
            return sum(n // self.batch_size for n in counts)
        return sum(-(-n // self.batch_size) for n in counts)
