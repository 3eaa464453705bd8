"""Fetchers: from an index, or a list of them, to the data the loader hands out."""

from __future__ import annotations

from . import _tensors
from .collate import default_collate
from .dataset import Subset, TensorDataset


class DatasetKind:
    """How a dataset is read."""

    Map = 0
    Iterable = 1

    @staticmethod
    def create_fetcher(kind, dataset, auto_collation, collate_fn, drop_last):
        """A fetcher for one pass."""
        chosen = MapFetcher if kind == DatasetKind.Map else IterableFetcher
        return chosen(dataset, auto_collation, collate_fn, drop_last)


class MapFetcher:
    """Reads a map-style dataset."""

    def __init__(self, dataset, auto_collation: bool, collate_fn, drop_last: bool):
        self.dataset = dataset
        self.auto_collation = auto_collation
        self.collate_fn = collate_fn

    def fetch(self, index):
        """The batch of a list of indices, or the sample of one index."""
        if not self.auto_collation:
            return self.collate_fn(self.dataset[index])
        if self.collate_fn is default_collate:
            batch = rows_at_once(self.dataset, index)
            if batch is not None:
                return batch
        if getattr(self.dataset, "__getitems__", None):
            return self.collate_fn(self.dataset.__getitems__(index))
        return self.collate_fn([self.dataset[i] for i in index])


class IterableFetcher:
    """Reads a stream; raises StopIteration at its end."""

    def __init__(self, dataset, auto_collation: bool, collate_fn, drop_last: bool):
        self.stream = iter(dataset)
        self.auto_collation = auto_collation
        self.collate_fn = collate_fn
        self.drop_last = drop_last
        self.ended = False

    def fetch(self, index):
        """The next batch (as long as ``index``), or the next sample."""
        if self.ended:
            raise StopIteration
        if not self.auto_collation:
            return self.collate_fn(next(self.stream))
        samples = self._take(len(index))
        if not samples or (self.drop_last and self.ended):
            raise StopIteration
        return self.collate_fn(samples)

    def _take(self, n: int) -> list:
        samples = []
        for _ in range(n):
            try:
                samples.append(next(self.stream))
            except StopIteration:
                self.ended = True
                break
        return samples


def rows_at_once(dataset, indices: list):
    """A batch of a ``TensorDataset``, also behind ``Subset``s, by one index a tensor.

    Gives what collating the rows would give. None where that is not certain (a
    subclass, a tensor that is no plain host tensor, an index that is no int): then
    the rows are read one by one, with PyTorch's errors.
    """
    while type(dataset) is Subset:
        indices = [dataset.indices[i] for i in indices]
        dataset = dataset.dataset
    if type(dataset) is not TensorDataset:
        return None
    if set(map(type, indices)) != {int}:
        return None
    arrays = [_tensors.computed_array(t) for t in dataset.tensors]
    if any(array is None for array in arrays):
        return None
    n = len(dataset)
    first = min(indices)
    if first < -n or max(indices) >= n or any(len(a) != n for a in arrays):
        return None
    rows = indices if first >= 0 else [i % n for i in indices]
    return [_tensors.from_host(_tensors.take(array, rows)) for array in arrays]
