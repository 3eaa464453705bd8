"""Runs everything the figures need, each script once per framework and repeat."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from benchmarks.figures import Figure, Runs
from benchmarks.runs import COMPILED, Failed, Framework, run

Results = dict[str, Runs]  # script -> framework -> repeats
Failures = dict[tuple[str, str], str]  # (script, framework) -> why


def measure(
    figures: Iterable[Figure],
    *,
    repeats: int,
    seconds: float,
    steps: int,
    compiled: bool,
) -> tuple[Results, Failures]:
    """Interleave frameworks and repeats, so that a busy spell meets all of them."""
    results: Results = {}
    failures: Failures = {}
    plan = _plan(figures, compiled)
    for repeat in range(repeats):
        for script, (frameworks, timed) in plan.items():
            if repeat and not timed:
                continue
            for framework in _turn(frameworks, repeat):
                if (script, framework.name) in failures:
                    continue
                _tell(repeat, repeats, script, framework)
                try:
                    report = run(framework, script, seconds=seconds, steps=steps)
                except Failed as error:
                    failures[script, framework.name] = str(error)
                    continue
                runs = results.setdefault(script, {})
                runs.setdefault(framework.name, []).append(report)
    _tell()
    return results, failures


def _plan(figures, compiled) -> dict[str, tuple[tuple[Framework, ...], bool]]:
    plan = {}
    for figure in figures:
        extra = (COMPILED,) if compiled and figure.timed else ()
        plan[figure.script] = (figure.frameworks + extra, figure.timed)
    return plan


def _turn(frameworks: tuple[Framework, ...], repeat: int) -> tuple[Framework, ...]:
    """Start with another framework at each repeat."""
    turn = repeat % len(frameworks)
    return frameworks[turn:] + frameworks[:turn]


def _tell(repeat=0, repeats=0, script="", framework=None) -> None:
    if sys.stderr.isatty():
        text = f"{repeat + 1}/{repeats} {script}: {framework.name}" if script else ""
        print(f"\r{text:<60}\r", end="", file=sys.stderr, flush=True)
