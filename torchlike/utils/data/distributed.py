"""The share of one process of a dataset split among several."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ._tensors import Generator, permutation
from .sampler import Sampler


class DistributedSampler(Sampler[int]):
    """Every ``num_replicas``-th index from ``rank`` on, of a common shuffle.

    The shuffle of an epoch is seeded by ``seed + epoch``: call ``set_epoch`` before
    each epoch. Shares have equal lengths: the last indices are dropped
    (``drop_last``) or the first repeated.

    Differs: ``num_replicas`` and ``rank`` must be given; torchlike has no process
    groups to take them from.
    """

    def __init__(
        self,
        dataset,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if num_replicas is None or rank is None:
            raise RuntimeError("Requires distributed package to be available")
        if rank >= num_replicas or rank < 0:
            raise ValueError(
                f"Invalid rank {rank}, rank should be in the interval "
                f"[0, {num_replicas - 1}]"
            )
        self.dataset = dataset
        self.num_replicas = num_replicas
        self.rank = rank
        self.epoch = 0
        self.drop_last = drop_last
        self.num_samples = self._share(len(dataset))
        self.total_size = self.num_samples * num_replicas
        self.shuffle = shuffle
        self.seed = seed

    def _share(self, n: int) -> int:
        if self.drop_last and n % self.num_replicas:
            return math.ceil((n - self.num_replicas) / self.num_replicas)
        return math.ceil(n / self.num_replicas)

    def __iter__(self) -> Iterator[int]:
        indices = self._order()
        if self.drop_last:
            indices = indices[: self.total_size]
        else:
            repeats = math.ceil(self.total_size / len(indices)) if indices else 0
            indices = (indices * repeats)[: self.total_size]
        if len(indices) != self.total_size:
            raise AssertionError(
                f"Number of indices ({len(indices)}) does not match total_size "
                f"({self.total_size})"
            )
        return iter(indices[self.rank : self.total_size : self.num_replicas])

    def _order(self) -> list[int]:
        if not self.shuffle:
            return list(range(len(self.dataset)))
        generator = Generator()
        generator.manual_seed(self.seed + self.epoch)
        return permutation(len(self.dataset), generator)

    def __len__(self) -> int:
        return self.num_samples

    def set_epoch(self, epoch: int) -> None:
        """Choose the shuffle of the next pass."""
        self.epoch = epoch
