"""Medians, quartiles and ratios of the turns of one workload."""

from __future__ import annotations

import math
import statistics

from benchmarks.runs import COMPILED, JAX, TORCH, TORCH_ONE, TORCHLIKE
from benchmarks.workloads import Workload

Turns = dict[str, list[dict]]  # framework -> what each turn reported


def summary(
    workload: Workload,
    first: dict[str, dict],
    cold: dict[str, dict],
    turns: Turns,
    failures: dict[str, str],
) -> dict:
    """What the tables, the plot and the JSON need of a workload."""
    return {
        "name": workload.name,
        "script": workload.script,
        "fixed": workload.fixed,
        "frameworks": {
            name: _framework(first[name], cold.get(name), turns[name]) for name in turns
        },
        "ratios": ratios(turns),
        "failed": failures,
    }


def _framework(first: dict, cold: dict | None, turns: list[dict]) -> dict:
    """Its first step in a first and a second process, its steps, its memory."""
    low, middle, high = quartiles([turn["step_us"] for turn in turns])
    return {
        "step_us": _short(middle),
        "quartiles_us": [_short(low), _short(high)],
        "steps": sum(turn["steps"] for turn in turns),
        "first_step_s": _short(first["first_step_s"]),
        "setup_s": _short(first["setup_s"]),
        "cold_first_step_s": _short(cold["first_step_s"]) if cold else None,
        "cold_warmup_s": _short(cold["warmup_s"]) if cold else None,
        "peak_mib": _short(_peak(first, cold or first)),
        "device_peak_mib": _short(first["device_peak_mib"]),
        "first_value": first["first_value"],
        "compiles_while_timed": sum(turn["compiles_while_timed"] for turn in turns),
    }


def _peak(second: dict, first: dict) -> float:
    """The peak of a second process, beyond what the first one had after the imports:
    the second may load programs with them."""
    return second["peak_mib"] + second["imported_mib"] - first["imported_mib"]


def ratios(turns: Turns) -> dict[str, list[float]]:
    """Median and quartiles over the turns of the steps' ratios, where both ran.

    Each turn is a moment long, and its ratio is of the machine as it then was. PyTorch
    counts with the better of its usual number of threads and one.
    """
    eager = [
        found
        for framework in (TORCH, TORCH_ONE)
        if (found := _ratio(turns, framework, TORCHLIKE))
    ]
    found = {
        "eager": min(eager, key=lambda ratio: ratio[1], default=None),
        "compile": _ratio(turns, COMPILED, TORCHLIKE),
        "jax": _ratio(turns, TORCHLIKE, JAX),
        "eager_to_jax": _ratio(turns, TORCH, JAX),
    }
    return {name: ratio for name, ratio in found.items() if ratio}


def _ratio(turns: Turns, one, other) -> list[float] | None:
    if one.name not in turns or other.name not in turns:
        return None
    pairs = zip(turns[one.name], turns[other.name], strict=True)
    found = quartiles([a["step_us"] / b["step_us"] for a, b in pairs])
    return [_short(value) for value in found]


def quartiles(values: list[float]) -> list[float]:
    """Lower quartile, median, upper quartile."""
    if len(values) == 1:
        return values * 3
    return statistics.quantiles(values, n=4, method="inclusive")


def geometric_mean(values: list[float]) -> float:
    return math.exp(statistics.fmean(map(math.log, values)))


def _short(value: float, digits: int = 4) -> float:
    return float(f"{value:.{digits}g}")
