"""How our functions are timed beside others: by turns, the best of many."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import torch

from torchlike import _kernels


def begin(processor: bool) -> Callable[[], float]:
    """The clock; for processor time, all is done in one thread from here on."""
    if not _kernels.available:
        raise SystemExit("our own functions are not built: see docs/kernels.md")
    if not processor:
        return time.perf_counter
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    return time.process_time


def best(functions, rounds: int, clock) -> list[float]:
    """The shortest time of each function, in ms; they take turns."""
    times: list[list[float]] = [[] for _ in functions]
    for turn in range(rounds + 2):
        for function, found in zip(functions, times, strict=True):
            start = clock()
            function()
            if turn > 1:  # the first compile and warm up
                found.append(clock() - start)
    return [1e3 * min(found) for found in times]
