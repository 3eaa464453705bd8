"""Run entries in worker processes: a time limit for each, progress, resuming.

Workers are spawned, one a core. A worker that exceeds an entry's time limit, or dies,
is replaced, and the entry gets a row that says so.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import sys
import time
import traceback
from multiprocessing.connection import wait

from . import results
from .results import FAIL, HARNESS, TIMEOUT, Options, Row

_ENTRIES_PER_WORKER = 60  # compiled programs and PyTorch's caches use up memory


def prepare() -> None:
    """One thread a process: the processes are the parallelism."""
    flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def _work(pipe, database: str, options: Options) -> None:
    """A worker: entries come in, rows go out."""
    prepare()
    module = importlib.import_module(f"{__package__}.{database}")
    gc.collect()
    gc.freeze()  # OpInfo's tables are large, and every collection would walk them
    pipe.send("ready")
    while (name := pipe.recv()) is not None:
        try:
            for row in module.run(name, options):
                pipe.send(row)
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{type(error).__name__}: {error} ({last.name})"
            pipe.send(Row(name, "", HARNESS, FAIL, 1, 1, text[:300]))
        pipe.send("done")


class Worker:
    """A process and the entry it works on."""

    def __init__(self, database: str, options: Options):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        arguments = (theirs, database, options)
        self.process = context.Process(target=_work, args=arguments, daemon=True)
        self.process.start()
        theirs.close()
        self.name: str | None = None
        self.rows: list[Row] = []
        self.entries = 0
        self.deadline = time.monotonic() + 300

    def give(self, name: str, limit: float) -> None:
        """Start on an entry."""
        self.name, self.rows = name, []
        self.entries += 1
        self.deadline = time.monotonic() + limit
        self.pipe.send(name)

    def receive(self, ready: bool) -> str:
        """``wait``, ``done`` (or ready to begin) or ``lost``."""
        if not ready:
            late = time.monotonic() > self.deadline
            return self._lost("the time limit was exceeded") if late else "wait"
        try:
            message = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            return self._lost("the process died")
        if not isinstance(message, Row):
            return "done"
        self.rows.append(message)
        return "wait"

    def _lost(self, why: str) -> str:
        self.rows.append(Row(self.name or "", "", HARNESS, TIMEOUT, 1, 1, why))
        return "lost"

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()


class Pool:
    """The workers of one sweep, and what is still to be done."""

    def __init__(self, database: str, names: list[str], options: Options, jobs: int):
        self.database, self.options, self.jobs = database, options, jobs
        self.waiting = list(reversed(names))
        self.total, self.finished = len(names), 0
        self.started = time.monotonic()
        self.workers: list[Worker] = []
        self.failures = 0  # of workers that should have started

    def run(self) -> None:
        """Until nothing is left."""
        while self.waiting or self.workers:
            while len(self.workers) < self.jobs and len(self.workers) < len(
                self.waiting
            ):
                self.workers.append(Worker(self.database, self.options))
            ready = set(wait([w.pipe for w in self.workers], timeout=1.0))
            for worker in list(self.workers):
                state = worker.receive(worker.pipe in ready)
                if state != "wait":
                    self._next(worker, state)

    def _next(self, worker: Worker, state: str) -> None:
        """Keep the rows of a worker's entry and give it another, or end it."""
        if worker.name:
            self.finished += 1
            results.save(self.database, worker.name, worker.rows)
            self._tell(worker)
            worker.name = None
        elif state == "lost":
            self.failures += 1
            if self.failures > 3:
                raise RuntimeError("workers do not start")
        if state == "lost" or worker.entries >= _ENTRIES_PER_WORKER or not self.waiting:
            worker.stop()
            self.workers.remove(worker)
        else:
            worker.give(self.waiting.pop(), self.options.limit)

    def _tell(self, worker: Worker) -> None:
        bad = sum(not r.good for r in worker.rows)
        seconds = time.monotonic() - self.started
        left = seconds / self.finished * (self.total - self.finished) / 60
        text = f"{bad} of {len(worker.rows)} checks fail" if bad else "ok"
        place = f"{self.finished}/{self.total}, {left:.0f} min left"
        print(f"[{place}] {worker.name}: {text}", file=sys.stderr, flush=True)
