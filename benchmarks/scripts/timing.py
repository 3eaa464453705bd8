"""The clock of the timed scripts, and what the benchmark asks of them.

| variable | meaning |
| --- | --- |
| ``BENCH_DEVICE`` | ``cpu`` or ``cuda`` |
| ``BENCH_COMPILE`` | if set, the model goes through ``torch.compile`` |
| ``BENCH_SECONDS`` | of a turn; one step at least |
| ``BENCH_WARMUP`` | seconds of the warm-up |
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import time

from probes import (
    compiles,
    device_peak_bytes,
    peak_bytes,
    reset_peak,
    resident_bytes,
)

PARTS = ("torch.nn", "torch.optim", "torch.utils.data")  # imported with PyTorch itself
if "torch" in sys.modules:
    for name in PARTS:
        importlib.import_module(name)
BEGAN = time.perf_counter()  # the framework is imported by now
BASELINE = resident_bytes()
reset_peak()
DEVICE = os.environ.get("BENCH_DEVICE", "cpu")
WARMUP_STEPS = 50


def measure(step, *, at_least: int = 5) -> None:
    """Time ``step()`` for BENCH_SECONDS at each line of standard input.

    The first report is of the first step, with its result, and of the memory up to the
    end of the warm-up, which is ``at_least`` so many steps long; those of the turns
    have the median step in microseconds. Without any line, as by hand, there is one
    turn.
    """
    began = time.perf_counter()
    value = step()
    first = time.perf_counter() - began
    warm_up(step, at_least)
    report(
        setup_s=began - BEGAN,
        first_step_s=first,
        first_value=value,
        warmup_s=time.perf_counter() - began,
        imported_mib=BASELINE / 2**20,
        peak_mib=(peak_bytes() - BASELINE) / 2**20,
        device_peak_mib=device_peak_bytes() / 2**20,
    )
    if sys.stdin.isatty():
        turn(step)
    for _ in sys.stdin:
        turn(step)


def warm_up(step, at_least: int) -> None:
    """Some steps more: a few of slow ones, more of quick ones."""
    end = time.perf_counter() + float(os.environ.get("BENCH_WARMUP", "2"))
    for done in range(max(WARMUP_STEPS, at_least)):
        if done >= at_least and time.perf_counter() > end:
            return
        step()


def turn(step) -> None:
    """Time as many steps as fit, and report."""
    compiled = compiles()
    times, end = [], time.perf_counter() + float(os.environ.get("BENCH_SECONDS", "2"))
    while not times or time.perf_counter() < end:
        begin = time.perf_counter()
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
    """The model on BENCH_DEVICE; compiled by PyTorch where BENCH_COMPILE is set."""
    import torch

    if DEVICE == "cuda":  # float32 products in TF32, as JAX is told too
        torch.set_float32_matmul_precision("high")
    model = model.to(DEVICE)
    return torch.compile(model) if os.environ.get("BENCH_COMPILE") else model
