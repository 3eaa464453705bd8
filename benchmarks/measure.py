"""Times the workloads: a cold process first, then warm ones that take turns."""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.runs import Failed, Framework, Job, Timed, run
from benchmarks.summary import summary
from benchmarks.workloads import Workload


@dataclasses.dataclass(frozen=True)
class Options:
    """How long and on what it is measured."""

    device: str = "cpu"
    turns: int = 16
    seconds: float = 0.15
    warmup: float = 1.0
    at_once: int = 1  # workloads that are made ready together, in parallel if several
    budget: float | None = None  # seconds after which no workload is begun


def measure(
    workloads: Iterable[Workload],
    frameworks: tuple[Framework, ...],
    options: Options,
    done: Callable[[dict], None],
) -> None:
    """Give ``done`` the summary of each workload, in order."""
    end, longest = time.monotonic() + (options.budget or float("inf")), 0.0
    for group in _groups(list(workloads), options.at_once):
        begun = time.monotonic()
        if begun + longest > end:
            tell(f"no time for {', '.join(w.script for w in group)}", lasting=True)
            return
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
            ready = _ready(group, frameworks, options, Path(folder))
            for workload in group:
                done(_take_turns(workload, ready[workload], options))
        longest = max(longest, time.monotonic() - begun)


def _groups(workloads: list[Workload], size: int) -> Iterator[list[Workload]]:
    for first in range(0, len(workloads), size):
        yield workloads[first : first + size]


@dataclasses.dataclass
class Ready:
    """The warm processes of a workload, or why there is none, by framework."""

    timed: dict[str, Timed] = dataclasses.field(default_factory=dict)
    cold: dict[str, dict] = dataclasses.field(default_factory=dict)
    failures: dict[str, str] = dataclasses.field(default_factory=dict)


def _ready(group, frameworks, options: Options, folder: Path) -> dict[Workload, Ready]:
    """Start everything; side by side only if several workloads are wanted at once."""
    ready = {workload: Ready() for workload in group}
    workers = len(frameworks) * len(group) if options.at_once > 1 else 1
    with ThreadPoolExecutor(workers) as pool:
        begun = [
            pool.submit(_start, _job(w, f, options, folder), ready[w])
            for w in group
            for f in frameworks
        ]
    for start in begun:
        start.result()
    return ready


def _job(workload: Workload, framework: Framework, options: Options, folder: Path):
    programs = folder / f"{workload.script} {framework.name}".replace(" ", "_")
    settings = {"BENCH_SECONDS": options.seconds, "BENCH_WARMUP": options.warmup}
    return Job(
        framework,
        workload.script,
        workload.by_hand,
        options.device,
        str(programs),
        tuple((name, str(value)) for name, value in settings.items()),
    )


def _start(job: Job, ready: Ready) -> None:
    """A first process that fills the folder of programs, a second that stays."""
    name = job.framework.name
    tell(f"{job.script}: {name}")
    try:
        if job.framework.caches:
            short = (*job.settings, ("BENCH_WARMUP", "0"))
            ready.cold[name] = run(dataclasses.replace(job, settings=short))
        ready.timed[name] = Timed(job)
    except Failed as error:
        ready.failures[name] = str(error)


def _take_turns(workload: Workload, ready: Ready, options: Options) -> dict:
    turns: dict[str, list[dict]] = {name: [] for name in ready.timed}
    wanted = max(1, round(options.turns * workload.share))
    for number in range(wanted):
        tell(f"{workload.script}: turn {number + 1} of {wanted}")
        for name in _rotated(list(ready.timed), number):
            try:
                turns[name].append(ready.timed[name].turn())
            except Failed as error:
                ready.failures[name] = str(error)
                del ready.timed[name], turns[name]
    first = {name: timed.first for name, timed in ready.timed.items()}
    for timed in ready.timed.values():
        timed.end()
    tell()
    return summary(workload, first, ready.cold, turns, ready.failures)


def _rotated(names: list[str], turn: int) -> list[str]:
    """Another framework begins at each turn."""
    first = turn % len(names) if names else 0
    return names[first:] + names[:first]


def tell(text: str = "", *, lasting: bool = False) -> None:
    """Say on a terminal what is going on; in any case what is ``lasting``."""
    if sys.stderr.isatty():
        print(f"\r{text:<70}\r", end="", file=sys.stderr, flush=True)
    if lasting:
        print(text, file=sys.stderr, flush=True)
