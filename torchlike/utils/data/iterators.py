"""One pass over a loader, in this process or with workers.

Draws: making an iterator takes one 63-bit base seed from the loader's generator (by
default the default one); after that the sampler draws when its first index is asked
for, which workers do at once and a loader without workers at the first batch. With
``persistent_workers`` only the first pass takes a base seed.
"""

from __future__ import annotations

import itertools
import warnings
import weakref

from . import _tensors, pin
from .fetch import DatasetKind
from .pool import Pool, default_context
from .workers import Assignment, ExceptionWrapper, Fetch, Result, Resume, StreamEnd


class _BaseDataLoaderIter:
    def __init__(self, loader):
        self._loader_kind = loader._dataset_kind
        self._dataset = loader.dataset
        self._index_sampler = loader._index_sampler
        self._num_workers = loader.num_workers
        self._pin_memory = pin.wanted(loader)
        self._begin(loader)
        self._base_seed = _tensors.random_seed(loader.generator)

    def _begin(self, loader) -> None:
        self._sampler_iter = iter(self._index_sampler)
        self._num_yielded = 0
        self._promised = loader._IterableDataset_len_called

    def __iter__(self):
        return self

    def __next__(self):
        # What the last step recorded can run while this batch is read.
        _tensors.boundary("dataloader")
        data = self._next_data()
        # What reading it recorded is a program of its own, not part of the next step.
        _tensors.boundary("dataloader")
        self._num_yielded += 1
        if self._promised is not None and self._num_yielded > self._promised:
            self._warn_of_length()
        return data

    def _next_data(self):
        raise NotImplementedError

    def _warn_of_length(self) -> None:
        text = (
            f"Length of IterableDataset {self._dataset} was reported to be "
            f"{self._promised}(when accessing len(dataloader)), but "
            f"{self._num_yielded} samples have been fetched. "
        )
        if self._num_workers > 0:
            text += (
                "For multiprocessing data-loading, this could be caused by not "
                "properly configuring the IterableDataset replica at each worker. "
                "Please see https://pytorch.org/docs/stable/data.html"
                "#torch.utils.data.IterableDataset for examples."
            )
        warnings.warn(text, stacklevel=3)

    def __len__(self) -> int:
        return len(self._index_sampler)

    def __getstate__(self):
        raise NotImplementedError("{} cannot be pickled", self.__class__.__name__)


class _SingleProcessDataLoaderIter(_BaseDataLoaderIter):
    def __init__(self, loader):
        super().__init__(loader)
        if loader.timeout != 0:
            raise AssertionError("_SingleProcessDataLoaderIter requires timeout == 0")
        self._fetcher = DatasetKind.create_fetcher(
            loader._dataset_kind,
            loader.dataset,
            loader._auto_collation,
            loader.collate_fn,
            loader.drop_last,
        )

    def _next_data(self):
        index = next(self._sampler_iter)
        with _tensors.reading():
            data = self._fetcher.fetch(index)
        return pin.pin_memory(data) if self._pin_memory else data


class _MultiProcessingDataLoaderIter(_BaseDataLoaderIter):
    """Hands indices to the workers in turn and puts their answers in order.

    Tasks are numbered; a task is in ``_tasks`` with its worker from when it is sent
    to when its data is handed out, and in ``_arrived`` when its data came too early.
    """

    def __init__(self, loader):
        super().__init__(loader)
        if loader.prefetch_factor <= 0:
            raise AssertionError(
                "prefetch_factor must be greater than 0 for "
                "MultiProcessingDataLoaderIter"
            )
        self._in_order = loader.in_order
        self._timeout = loader.timeout
        self._persistent = loader.persistent_workers
        self._max_tasks = loader.prefetch_factor * loader.num_workers
        context = loader.multiprocessing_context or default_context()
        self._pool = Pool(context, self._assignments(loader))
        # Runs when the iterator is dropped, and at exit at the latest.
        self._stop = weakref.finalize(self, self._pool.shutdown)
        self._failure: str | None = None
        self._fill()

    def _assignments(self, loader):
        for i in range(loader.num_workers):
            yield Assignment(
                kind=loader._dataset_kind,
                dataset=loader.dataset,
                auto_collation=loader._auto_collation,
                collate_fn=loader.collate_fn,
                drop_last=loader.drop_last,
                base_seed=self._base_seed,
                init_fn=loader.worker_init_fn,
                worker_id=i,
                num_workers=loader.num_workers,
            )

    @property
    def _workers(self) -> list:
        return self._pool.processes

    def _begin(self, loader) -> None:
        super()._begin(loader)
        n = loader.num_workers
        self._next_sent = 0
        self._next_due = 0
        self._tasks: dict[int, int] = {}
        self._arrived: dict[int, object] = {}
        self._outstanding = [0] * n
        self._reading = [True] * n  # False: the worker's stream has ended
        self._turns = itertools.cycle(range(n))

    def _reset(self, loader) -> None:
        """Begin a new pass with the same workers."""
        waiting = self._num_workers
        for worker in range(self._num_workers):
            self._pool.send(worker, Resume())
        while waiting:
            _, message = self._receive()
            waiting -= isinstance(message, Resume)
        self._begin(loader)
        self._fill()

    def _fill(self) -> None:
        for _ in range(self._max_tasks):
            self._send_next()

    def _send_next(self) -> None:
        try:
            index = next(self._sampler_iter)
        except StopIteration:
            return
        worker = self._choose()
        if worker is None:
            return
        self._tasks[self._next_sent] = worker
        self._outstanding[worker] += 1
        self._pool.send(worker, Fetch(self._next_sent, index))
        self._next_sent += 1

    def _choose(self) -> int | None:
        """The next worker in turn that still reads; out of order, one not too busy."""
        for _ in range(self._num_workers):
            worker = next(self._turns)
            if not self._reading[worker]:
                continue
            share = self._max_tasks // sum(self._reading)
            if self._in_order or self._outstanding[worker] < share:
                return worker
        return None

    def _next_data(self):
        while True:
            self._skip_lost()
            if not self._tasks:
                if not self._persistent:
                    self._stop()
                raise StopIteration
            if self._next_due in self._arrived:
                return self._hand_out(self._next_due)
            number = self._accept()
            if number is not None and not self._in_order:
                return self._hand_out(number)

    def _skip_lost(self) -> None:
        """Pass over tasks that a worker whose stream has ended will not answer."""
        while self._next_due < self._next_sent:
            worker = self._tasks.get(self._next_due)
            if worker is not None:
                if self._next_due in self._arrived or self._reading[worker]:
                    return
                del self._tasks[self._next_due]
            self._next_due += 1

    def _accept(self) -> int | None:
        """Take in one answer; its number, or None where it was the end of a stream."""
        worker, result = self._receive()
        self._outstanding[worker] -= 1
        if isinstance(result.data, StreamEnd):
            self._reading[worker] = False
            if not self._persistent:
                self._pool.finish(worker)
            self._send_next()
            return None
        self._arrived[result.number] = result.data
        return result.number

    def _hand_out(self, number: int):
        data = self._arrived.pop(number)
        del self._tasks[number]
        self._send_next()
        if isinstance(data, ExceptionWrapper):
            data.reraise()
        return pin.pin_memory(data) if self._pin_memory else data

    def _receive(self) -> tuple[int, Result | Resume]:
        if self._failure is not None:
            raise RuntimeError(self._failure)
        try:
            answer = self._pool.receive(self._timeout or None)
        except RuntimeError as error:
            self._failure = str(error)
            self._stop()
            raise
        if answer is None:
            raise RuntimeError(f"DataLoader timed out after {self._timeout} seconds")
        return answer
