"""What is counted or weighed rather than timed against others: each with a target."""

from __future__ import annotations

import dataclasses
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from benchmarks.measure import tell
from benchmarks.runs import TORCH, TORCHLIKE, Failed, Framework, Job, Timed, run

NOISE_MIB = 4.0


@dataclasses.dataclass(frozen=True)
class Check:
    """A value that is ``found`` (given the number of steps), and the most it may be."""

    name: str
    script: str
    found: Callable[[int], float]
    most: float
    unit: str


def _report(script: str, steps: int, framework: Framework = TORCHLIKE) -> dict:
    return run(Job(framework, script, settings=(("BENCH_STEPS", str(steps)),)))


def _counted(name: str, script: str, key: str, most: int) -> Check:
    def found(steps: int) -> float:
        return _report(script, steps)[key]

    return Check(name, script, found, most, "programs")


def _growth(steps: int) -> float:
    """MiB gained after the first fifth; infinite if a cache of the engine grew."""
    report = _report("memory", steps)
    if report["caches_at_a_fifth"] != report["caches_at_the_end"]:
        return float("inf")
    return report["growth_mib"]


def _unread(steps: int) -> float:
    return _report("unread", steps)["growth_mib"]


def _recording(key: str) -> Callable[[int], float]:
    """Median of turns of both, of torchlike's time an operation over PyTorch's."""

    def found(_: int) -> float:
        both = [Timed(Job(framework, "recording")) for framework in (TORCHLIKE, TORCH)]
        ratios = []
        for _ in range(21):
            ours, theirs = (timed.turn()[key] for timed in both)
            ratios.append(ours / theirs)
        for timed in both:
            timed.end()
        return statistics.median(ratios)

    return found


def _import(_: int) -> float:
    """Seconds of ``import torchlike`` over those of ``import torch``, alternating."""
    _imported("torchlike"), _imported("torch")  # files into the system's memory
    pairs = [(_imported("torchlike"), _imported("torch")) for _ in range(5)]
    return statistics.median(ours / theirs for ours, theirs in pairs)


def _imported(name: str) -> float:
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", f"import {name}"], check=False)
    if done.returncode:
        raise Failed(f"import {name} fails")
    return time.perf_counter() - begun


CHECKS = (
    Check("recording an op ÷ PyTorch's op", "recording", _recording("record_us"), 1.2,
          "×"),
    Check("the same, computed and read", "recording", _recording("read_us"), 1.2, "×"),
    Check("the same with its backward", "recording", _recording("backward_us"), 1.2,
          "×"),
    Check("import torchlike ÷ import torch", "import", _import, 1.0, "×"),
    _counted("compiles after the third step of a changing loop", "changing",
             "after_the_third", 0),
    _counted("1,000 LSTM cells, first pass", "recurrent LSTMCell", "first_pass", 6),
    _counted("1,000 LSTM cells, second pass", "recurrent LSTMCell", "second_pass", 0),
    _counted("1,000 RNN cells, first pass", "recurrent RNNCell", "first_pass", 6),
    _counted("1,000 RNN cells, second pass", "recurrent RNNCell", "second_pass", 0),
    Check("memory gained over 10,000 steps", "memory", _growth, NOISE_MIB, "MiB"),
    Check("memory gained over a million unread ops", "unread", _unread, NOISE_MIB,
          "MiB"),
)  # fmt: skip


def check(checks: list[Check], steps: int, done: Callable[[dict], None]) -> None:
    """Give ``done`` a row for each: the value, whether it is reached, why it failed."""
    for each in checks:
        tell(each.name)
        row = {"name": each.name, "most": each.most, "unit": each.unit}
        try:
            value = each.found(steps)
            row |= {"value": float(f"{value:.3g}"), "reached": value <= each.most}
        except Failed as error:
            row |= {"value": None, "reached": False, "failed": str(error)}
        done(row)
    tell()


def chosen(only: str) -> list[Check]:
    """Those whose script is among the words of ``only``."""
    wanted = [name.strip() for name in only.split(",") if name.strip()]
    return [c for c in CHECKS if not wanted or c.script.split()[0] in wanted]
