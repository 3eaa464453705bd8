"""Runs everything the figures need: each script on each of its frameworks."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from benchmarks.figures import Figure, Runs
from benchmarks.runs import COMPILED, Failed, Framework, Timed, run

Results = dict[str, Runs]  # script -> framework -> turns
Failures = dict[tuple[str, str], str]  # (script, framework) -> why


def measure(
    figures: Iterable[Figure],
    *,
    turns: int,
    seconds: float,
    steps: int,
    compiled: bool,
) -> tuple[Results, Failures]:
    """Run every script once on each framework; the timed ones take turns."""
    results: Results = {}
    failures: Failures = {}
    for script, (frameworks, timed) in _plan(figures, compiled).items():
        runs = results[script] = {}
        if timed:
            broken = _take_turns(script, frameworks, runs, turns, seconds)
            failures.update(broken)
            continue
        for framework in frameworks:
            _tell(script, framework.name)
            try:
                runs[framework.name] = [run(framework, script, steps=steps)]
            except Failed as error:
                failures[script, framework.name] = str(error)
    _tell()
    return results, failures


def _take_turns(script, frameworks, runs: Runs, turns: int, seconds: float) -> Failures:
    """Fill ``runs`` with a report of each framework for each turn."""
    failures: Failures = {}
    ready: dict[str, Timed] = {}
    for framework in frameworks:
        _tell(script, framework.name)
        try:
            ready[framework.name] = Timed(framework, script, seconds=seconds)
        except Failed as error:
            failures[script, framework.name] = str(error)
    for turn in range(turns):
        _tell(script, f"turn {turn + 1} of {turns}")
        for name in _rotated(list(ready), turn):
            try:
                runs.setdefault(name, []).append(ready[name].turn())
            except Failed as error:
                failures[script, name] = str(error)
                del ready[name]
    for waiting in ready.values():
        waiting.end()
    return failures


def _rotated(names: list[str], turn: int) -> list[str]:
    """Another framework begins at each turn."""
    first = turn % len(names) if names else 0
    return names[first:] + names[:first]


def _plan(figures, compiled) -> dict[str, tuple[tuple[Framework, ...], bool]]:
    plan = {}
    for figure in figures:
        extra = (COMPILED,) if compiled and figure.timed else ()
        plan[figure.script] = (figure.frameworks + extra, figure.timed)
    return plan


def _tell(script="", what="") -> None:
    if sys.stderr.isatty():
        text = f"{script}: {what}" if script else ""
        print(f"\r{text:<60}\r", end="", file=sys.stderr, flush=True)
