"""The loader's side of its workers: start them, hear from them, end them."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
import weakref
from collections.abc import Iterable
from multiprocessing import connection

from . import workers
from .transport import Channel

_GRACE_SECONDS = 5.0  # for a worker to finish the batch it is reading
_open_ends: weakref.WeakSet[Channel] = weakref.WeakSet()
_start_lock = threading.Lock()


def default_context():
    """Fork on Linux unless the script chose another start method."""
    chosen = multiprocessing.get_start_method(allow_none=True)
    if chosen is None and sys.platform == "linux":
        chosen = "fork"
    return multiprocessing.get_context(chosen)


def _enter(work: workers.Assignment, channel: Channel) -> None:
    """The first function of a worker process."""
    # What was garbage in the parent is not ours to finalise; pages stay shared.
    gc.freeze()
    for end in list(_open_ends):
        # Inherited by fork: while we held them, other workers would not see the
        # main process go away.
        end.close()
    workers.main(work, channel)


class Pool:
    """Worker processes and the channels to them."""

    def __init__(self, context, assignments: Iterable[workers.Assignment]):
        self.processes: list = []
        self.channels: list[Channel] = []
        self.finished: set[int] = set()
        self._owner = os.getpid()
        try:
            for work in assignments:
                self._start(context, work)
        except BaseException:
            self.shutdown()
            raise

    def _start(self, context, work: workers.Assignment) -> None:
        with _start_lock, warnings.catch_warnings():
            # Forking beside JAX's threads is what engine/fork.py makes safe.
            warnings.filterwarnings("ignore", ".*fork", RuntimeWarning)
            warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)
            ours, theirs = (Channel(end) for end in context.Pipe())
            _open_ends.add(ours)
            process = context.Process(target=_enter, args=(work, theirs), daemon=True)
            try:
                process.start()
            except BaseException:
                ours.close()
                raise
            finally:
                theirs.close()
        self.processes.append(process)
        self.channels.append(ours)

    def send(self, worker: int, message) -> None:
        """Send; that the worker is gone shows when its answer is awaited."""
        try:
            self.channels[worker].send(message)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def finish(self, worker: int) -> None:
        """Let a worker end that has nothing more to read."""
        self.finished.add(worker)
        self.channels[worker].close()

    def receive(self, timeout: float | None = None):
        """``(worker, message)`` from whichever speaks first; None after ``timeout``
        seconds. RuntimeError when a worker died."""
        ends = {end: i for i, end in enumerate(self.channels) if i not in self.finished}
        ready = connection.wait(list(ends), timeout)
        if not ready:
            return None
        worker = ends[ready[0]]
        try:
            return worker, self.channels[worker].receive()
        except (EOFError, OSError):
            raise self._death(worker) from self._cause(worker)

    def _death(self, worker: int) -> RuntimeError:
        for process in self.processes:
            process.join(0)
        self.processes[worker].join(1.0)
        dead = [
            str(process.pid)
            for i, process in enumerate(self.processes)
            if i not in self.finished and (i == worker or not process.is_alive())
        ]
        return RuntimeError(
            f"DataLoader worker (pid(s) {', '.join(dead)}) exited unexpectedly"
        )

    def _cause(self, worker: int) -> RuntimeError:
        process = self.processes[worker]
        code = process.exitcode
        if code is not None and code < 0:
            name = signal.strsignal(-code) or f"signal {-code}"
            return RuntimeError(
                f"DataLoader worker (pid {process.pid}) is killed by signal: {name}. "
            )
        return RuntimeError(
            f"DataLoader worker (pid {process.pid}) exited unexpectedly with exit "
            f"code {code}. Details are lost due to multiprocessing. Rerunning with "
            "num_workers=0 may give better error trace."
        )

    def shutdown(self) -> None:
        """End all workers; those that do not end in time are terminated."""
        if os.getpid() != self._owner:
            return  # a forked copy of the loader: the workers are not its own
        for channel in self.channels:
            channel.close()
        deadline = time.monotonic() + _GRACE_SECONDS
        for process in self.processes:
            process.join(max(0.0, deadline - time.monotonic()))
        for process in self.processes:
            if process.is_alive():
                process.terminate()
                process.join(_GRACE_SECONDS)
            if process.is_alive():
                process.kill()
                process.join()
