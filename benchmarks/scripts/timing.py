"""What the timed scripts share: a clock, and the engine's counters where it runs."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path


def measure(step, warmup: int = 50) -> None:
    """Time ``step()`` for BENCH_SECONDS at each line of standard input.

    The first report is of the first step; those of the turns have the median step in
    microseconds. Without any line, as by hand, there is one turn.
    """
    started = time.perf_counter()
    step()
    first = time.perf_counter() - started
    for _ in range(warmup):
        step()
    report(first_step_s=first)
    if sys.stdin.isatty():
        turn(step)
    for _ in sys.stdin:
        turn(step)


def turn(step) -> None:
    """Time as many steps as fit, and report."""
    compiled = compiles()
    times, end = [], time.perf_counter() + float(os.environ.get("BENCH_SECONDS", "2"))
    while (begin := time.perf_counter()) < end:
        step()
        times.append(time.perf_counter() - begin)
    report(
        step_us=statistics.median(times) * 1e6,
        steps=len(times),
        compiles_while_timed=compiles() - compiled,
    )


def report(**values) -> None:
    """Print what was measured, as one line."""
    print(json.dumps(values), flush=True)


def prepare(model):
    """The model itself, or ``torch.compile`` of it where BENCH_COMPILE is set."""
    if os.environ.get("BENCH_COMPILE"):
        import torch

        return torch.compile(model)
    return model


def compiles() -> int:
    """Programs the engine has compiled so far; 0 where there is no engine."""
    engine = sys.modules.get("torchlike._engine")
    return engine.stats().compiles if engine else 0


def cache_sizes() -> dict[str, int]:
    """Sizes of the engine's caches; empty where there is no engine."""
    engine = sys.modules.get("torchlike._engine")
    return engine.cache_sizes() if engine else {}


def resident_bytes() -> int:
    """Memory of this process that is resident, in bytes (0 where unknown)."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
