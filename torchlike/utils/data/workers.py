"""The worker's side: a process that reads the dataset and sends batches.

Seeds of a worker: Python's ``random`` and the default generator get ``base_seed +
worker_id``; NumPy's global state gets four words of a seed sequence over
``(worker_id, low and high half of base_seed, 0)``.
"""

from __future__ import annotations

import queue
import random
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _tensors
from .fetch import DatasetKind
from .transport import Channel


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """What ``get_worker_info()`` tells in a worker.

    ``dataset`` is the worker's own copy; ``seed`` is ``base_seed + id``.
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any
    rng: Any = None
    worker_method: str | None = "multiprocessing"


_worker_info: WorkerInfo | None = None


def get_worker_info() -> WorkerInfo | None:
    """About the worker this process is; None in the main process."""
    return _worker_info


class KeyErrorMessage(str):
    """A message that ``KeyError`` shows as it is, not quoted on one line."""

    __slots__ = ()

    def __repr__(self):
        return self


class ExceptionWrapper:
    """The exception being handled, as text that can travel to another process."""

    def __init__(self, exc_info=None, where: str = "in background"):
        kind, error, trace = sys.exc_info() if exc_info is None else exc_info
        self.exc_type = kind
        self.exc_msg = "".join(traceback.format_exception(kind, error, trace))
        self.where = where

    def reraise(self):
        """Raise one of the same type whose message holds the original traceback."""
        message = f"Caught {self.exc_type.__name__} {self.where}.\nOriginal "
        message += self.exc_msg
        if self.exc_type is KeyError:
            message = KeyErrorMessage(message)
        elif getattr(self.exc_type, "message", None):
            raise self.exc_type(message=message)
        try:
            error = self.exc_type(message)
        except Exception:
            # A type with another constructor: its name is in the message.
            raise RuntimeError(message) from None
        raise error


# ----- messages -----
@dataclass(frozen=True)
class Fetch:
    """To a worker: read this."""

    number: int
    index: Any


@dataclass(frozen=True)
class Resume:
    """To a worker: begin a new pass. It answers with the same."""


@dataclass(frozen=True)
class Result:
    """From a worker: the data of a ``Fetch``, or the exception it met."""

    number: int
    data: Any


@dataclass(frozen=True)
class StreamEnd:
    """From a worker, as data: its copy of the stream has ended."""


@dataclass(frozen=True)
class Assignment:
    """All a worker is told when it starts."""

    kind: int
    dataset: Any
    auto_collation: bool
    collate_fn: Callable
    drop_last: bool
    base_seed: int
    init_fn: Callable | None
    worker_id: int
    num_workers: int

    @property
    def where(self) -> str:
        """For messages."""
        return f"in DataLoader worker process {self.worker_id}"

    def fetcher(self):
        """A fresh pass over the dataset."""
        return DatasetKind.create_fetcher(
            self.kind,
            self.dataset,
            self.auto_collation,
            self.collate_fn,
            self.drop_last,
        )


def main(work: Assignment, channel: Channel) -> None:
    """Run a worker until the loader closes its end of the pipe."""
    try:
        _introduce(work)
        _seed(work.base_seed, work.worker_id)
        _Worker(work, channel).run()
    except KeyboardInterrupt:
        pass  # the main process reports it
    except (BrokenPipeError, ConnectionResetError):
        pass  # the loader has gone away in the middle of a batch


def _introduce(work: Assignment) -> None:
    global _worker_info
    seed = work.base_seed + work.worker_id
    _worker_info = WorkerInfo(work.worker_id, work.num_workers, seed, work.dataset)


def _seed(base_seed: int, worker_id: int) -> None:
    random.seed(base_seed + worker_id)
    _tensors.manual_seed(base_seed + worker_id)
    np.random.seed(_generate_state(base_seed, worker_id))


def _generate_state(base_seed: int, worker_id: int) -> list[int]:
    """The four words that seed NumPy in a worker; packages seed theirs so too."""
    words = [worker_id, base_seed & 0xFFFFFFFF, base_seed >> 32, 0]
    return np.random.SeedSequence(words).generate_state(4).tolist()


class _Worker:
    def __init__(self, work: Assignment, channel: Channel):
        self.work = work
        self.channel = channel
        self.inbox: queue.SimpleQueue = queue.SimpleQueue()
        self.ended = False

    def run(self) -> None:
        # A thread of its own empties the pipe, so the loader never blocks on a
        # worker that blocks on the loader.
        threading.Thread(target=self._listen, daemon=True).start()
        fetcher = self._start()
        while (message := self.inbox.get()) is not None:
            if isinstance(message, Resume):
                self.channel.send(message)
                self.ended = False
                fetcher = self._attempt(self.work.fetcher)
            elif not self.ended:
                fetcher = self._serve(message, fetcher)

    def _listen(self) -> None:
        try:
            while True:
                self.inbox.put(self.channel.receive())
        except (EOFError, OSError):
            self.inbox.put(None)

    def _start(self):
        """The first fetcher, or the exception to send as the first result."""

        def prepare():
            if self.work.init_fn is not None:
                self.work.init_fn(self.work.worker_id)
            return self.work.fetcher()

        return self._attempt(prepare)

    def _attempt(self, call: Callable):
        try:
            return call()
        except Exception:
            return ExceptionWrapper(where=self.work.where)

    def _serve(self, message: Fetch, fetcher):
        """Send the result; return the fetcher to go on with."""
        if fetcher is None:  # the last one could not be made
            fetcher = self._attempt(self.work.fetcher)
        if isinstance(fetcher, ExceptionWrapper):
            self._send(message.number, fetcher)
            return None
        self._send(message.number, self._read(fetcher, message.index))
        return fetcher

    def _read(self, fetcher, index):
        try:
            return fetcher.fetch(index)
        except Exception as error:
            stream = self.work.kind == DatasetKind.Iterable
            if stream and isinstance(error, StopIteration):
                self.ended = True
                return StreamEnd()
            return ExceptionWrapper(where=self.work.where)

    def _send(self, number: int, data) -> None:
        try:
            self.channel.send(Result(number, data))
        except (BrokenPipeError, ConnectionResetError):
            raise
        except Exception:
            # What cannot be pickled is the dataset's error, not the end of us.
            failure = ExceptionWrapper(where=self.work.where)
            self.channel.send(Result(number, failure))
