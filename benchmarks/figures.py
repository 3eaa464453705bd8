"""The figures to reach: what is run, what is computed from it, what the target is."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable

from benchmarks.runs import JAX, TORCH, TORCH_ONE, TORCHLIKE, Framework

Runs = dict[str, list[dict]]  # framework -> what each turn reported


@dataclasses.dataclass(frozen=True)
class Figure:
    """One row of the table: a script, a value computed from its runs, a target."""

    name: str
    script: str
    frameworks: tuple[Framework, ...]
    value: Callable[[Runs], float]
    reached: Callable[[float], bool]
    target: str
    unit: str
    timed: bool = True


def step_us(runs: Runs, framework: Framework) -> float:
    """Median over the turns of the median step, in microseconds."""
    return statistics.median(run["step_us"] for run in runs[framework.name])


def speed_up(runs: Runs) -> float:
    """PyTorch's step, with the better number of threads, over torchlike's."""
    return min(_ratio(runs, eager, TORCHLIKE) for eager in (TORCH, TORCH_ONE))


def against_jax(runs: Runs) -> float:
    return _ratio(runs, TORCHLIKE, JAX)


def _ratio(runs: Runs, one: Framework, other: Framework) -> float:
    """Median over the turns of the steps' ratio: each of its turns is a moment long."""
    pairs = zip(runs[one.name], runs[other.name], strict=True)
    return statistics.median(a["step_us"] / b["step_us"] for a, b in pairs)


def _worst(runs: Runs, key: str) -> float:
    return max(run[key] for run in runs[TORCHLIKE.name])


def _growth(runs: Runs) -> float:
    """MiB gained after the first fifth; infinite if a cache of the engine grew."""
    for run in runs[TORCHLIKE.name]:
        if run["caches_at_a_fifth"] != run["caches_at_the_end"]:
            return float("inf")
    return _worst(runs, "growth_mib")


def _faster(name: str, script: str, factor: float) -> Figure:
    return Figure(
        name,
        script,
        (TORCHLIKE, TORCH, TORCH_ONE, JAX),
        speed_up,
        lambda value: value >= factor,
        f"at least {factor:g} × as fast as PyTorch" if factor > 1 else "no slower",
        "×",
    )


def _counted(name: str, script: str, key: str, most: int) -> Figure:
    return Figure(
        name,
        script,
        (TORCHLIKE,),
        lambda runs: _worst(runs, key),
        lambda value: value <= most,
        f"at most {most}" if most else "0",
        "programs",
        timed=False,
    )


NOISE_MIB = 4.0

FIGURES = (
    _faster("tour's loop, Linear(1, 1)", "tour", 3),
    _faster("MLP 2 × 64, batch 64", "mlp 2", 2),
    _faster("MLP 8 × 64, batch 64", "mlp 8", 2),
    _faster("MLP 784-512-512-10, batch 128, Adam", "mlp_adam", 1),
    Figure(
        "MLP 30 × 64, batch 64",
        "mlp 30",
        (TORCHLIKE, TORCH, TORCH_ONE, JAX),
        against_jax,
        lambda value: value <= 2,
        "at most 2 × the time of JAX by hand",
        "×",
    ),
    _counted("compiles after the third step", "changing", "after_the_third", 0),
    Figure(
        "memory growth over 10,000 steps",
        "memory",
        (TORCHLIKE, TORCH),
        _growth,
        lambda value: value <= NOISE_MIB,
        f"none beyond noise ({NOISE_MIB:g} MiB)",
        "MiB",
        timed=False,
    ),
    _counted("1,000 LSTM cells, first pass", "recurrent LSTMCell", "first_pass", 6),
    _counted("1,000 LSTM cells, second pass", "recurrent LSTMCell", "second_pass", 0),
    _counted("1,000 RNN cells, first pass", "recurrent RNNCell", "first_pass", 6),
    _counted("1,000 RNN cells, second pass", "recurrent RNNCell", "second_pass", 0),
)
