"""Samplers: the order in which a loader visits its dataset.

Draws equal PyTorch's for the same seed. A sampler draws when it is first advanced,
not when it is made or when ``iter`` is called:

* ``RandomSampler`` without a generator draws one 63-bit seed from the default
  generator for each pass and shuffles with a generator of its own so seeded; with a
  generator it draws from that one.
* Without replacement a pass takes ``num_samples // n`` whole permutations and then
  always one more, of which it uses the first ``num_samples % n`` entries (none when
  the division leaves nothing).
* With replacement it takes integers below ``n`` in blocks of 32, then the rest.
* ``SubsetRandomSampler`` takes one permutation, ``WeightedRandomSampler`` one
  multinomial draw.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Generic, TypeVar

from ._tensors import (
    Generator,
    as_weights,
    integers_below,
    multinomial,
    permutation,
    random_seed,
)

T_co = TypeVar("T_co", covariant=True)
_REPLACEMENT_BLOCK = 32  # indices a draw with replacement takes at a time


class Sampler(Generic[T_co]):
    """Base class: ``__iter__`` gives indices, or lists of indices (batches).

    ``__len__``, where defined, is the number of them.
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError


class SequentialSampler(Sampler[int]):
    """0, 1, 2, …"""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """A shuffle, or ``num_samples`` independent draws with ``replacement``."""

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise TypeError(
                "replacement should be a boolean value, but got "
                f"replacement={replacement}"
            )
        wanted = self.num_samples
        if not isinstance(wanted, int) or wanted <= 0:
            raise ValueError(
                "num_samples should be a positive integer value, but got "
                f"num_samples={wanted}"
            )

    @property
    def num_samples(self) -> int:
        """Indices in one pass; by default the length of the dataset now."""
        if self._num_samples is None:
            return len(self.data_source)
        return self._num_samples

    def __iter__(self) -> Iterator[int]:
        generator = self.generator
        n = len(self.data_source)
        if generator is None:
            generator = Generator()
            generator.manual_seed(random_seed(None))
        if self.replacement:
            yield from self._with_replacement(n, generator)
        else:
            yield from self._shuffled(n, generator)

    def _with_replacement(self, n: int, generator) -> Iterator[int]:
        blocks, rest = divmod(self.num_samples, _REPLACEMENT_BLOCK)
        for size in [_REPLACEMENT_BLOCK] * blocks + [rest]:
            yield from integers_below(n, size, generator)

    def _shuffled(self, n: int, generator) -> Iterator[int]:
        passes, rest = divmod(self.num_samples, n)
        for _ in range(passes):
            yield from permutation(n, generator)
        yield from permutation(n, generator)[:rest]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given indices, shuffled."""

    def __init__(
        self, indices: Sequence[int], generator: Generator | None = None
    ) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for i in permutation(len(self.indices), self.generator):
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """``num_samples`` indices drawn with the given weights (of any sum)."""

    def __init__(
        self,
        weights: Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        if not _is_positive_int(num_samples):
            raise ValueError(
                "num_samples should be a positive integer value, but got "
                f"num_samples={num_samples}"
            )
        if not isinstance(replacement, bool):
            raise ValueError(
                "replacement should be a boolean value, but got "
                f"replacement={replacement}"
            )
        self.weights = as_weights(weights)
        if len(self.weights.shape) != 1:
            raise ValueError(
                "weights should be a 1d sequence but given "
                f"weights have shape {tuple(self.weights.shape)}"
            )
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        yield from multinomial(
            self.weights, self.num_samples, self.replacement, self.generator
        )

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """Lists of ``batch_size`` indices of another sampler (any iterable)."""

    def __init__(
        self, sampler: Sampler[int] | Iterable[int], batch_size: int, drop_last: bool
    ) -> None:
        if not _is_positive_int(batch_size):
            raise ValueError(
                "batch_size should be a positive integer value, but got "
                f"batch_size={batch_size}"
            )
        if not isinstance(drop_last, bool):
            raise ValueError(
                f"drop_last should be a boolean value, but got drop_last={drop_last}"
            )
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if self.drop_last and len(batch) < self.batch_size:
                return
            yield batch

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)


def _is_positive_int(n) -> bool:
    return isinstance(n, int) and not isinstance(n, bool) and n > 0
