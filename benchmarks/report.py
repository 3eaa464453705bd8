"""Writes what was measured: a table on the screen, docs/benchmarks.{md,json,png}."""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import platform
from pathlib import Path

from benchmarks.figures import Figure, Runs, step_us
from benchmarks.measure import Failures, Results
from benchmarks.runs import COMPILED, JAX, TORCH, TORCH_ONE, TORCHLIKE

COLUMNS = (TORCHLIKE, TORCH, TORCH_ONE, COMPILED, JAX)


def rows(figures, results: Results, failures: Failures) -> list[dict]:
    """One dictionary per figure: its value and whether the target is reached."""
    return [_row(f, results.get(f.script, {}), failures) for f in figures]


def _row(figure: Figure, runs: Runs, failures: Failures) -> dict:
    needed = [f.name for f in figure.frameworks]
    why = [failures[figure.script, n] for n in needed if (figure.script, n) in failures]
    value = None if why else figure.value(runs)
    return {
        "what": figure.name,
        "target": figure.target,
        "value": None if value is None or math.isinf(value) else round(value, 3),
        "unit": figure.unit,
        "reached": value is not None and figure.reached(value),
        "failed": "; ".join(why),
        "step_us": {
            f.name: round(step_us(runs, f), 1)
            for f in COLUMNS
            if figure.timed and f.name in runs
        },
    }


def outcome(row: dict) -> str:
    if row["failed"]:
        return "failed"
    return "reached" if row["reached"] else "missed"


def _shown(row: dict) -> str:
    if row["value"] is None:
        return "–" if row["failed"] else "a cache grew"
    number = f"{row['value']:.2f}" if row["unit"] != "programs" else f"{row['value']:g}"
    return f"{number} {row['unit']}"


def figures_table(table: list[dict]) -> list[list[str]]:
    head = ["figure", "target", "measured", ""]
    return [head, *([r["what"], r["target"], _shown(r), outcome(r)] for r in table)]


def steps_table(table: list[dict]) -> list[list[str]]:
    timed = [row for row in table if row["step_us"]]
    used = [f.name for f in COLUMNS if any(f.name in r["step_us"] for r in timed)]
    body = [
        [row["what"], *(_microseconds(row["step_us"].get(name)) for name in used)]
        for row in timed
    ]
    return [["median step, µs", *used], *body] if timed else []


def _microseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def as_text(table: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def as_markdown(table: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([lines[0], "|" + " --- |" * len(table[0]), *lines[1:]])


def machine() -> dict:
    """Where and with what it was measured."""
    versions = {}
    for name in ("torch", "jax", "optax"):
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return {
        "cores": os.cpu_count(),
        "processor": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": versions,
        "load_at_the_end": round(os.getloadavg()[0], 1),
    }


def write(folder: Path, table: list[dict], results: Results, options: dict) -> None:
    """Write ``benchmarks.json`` and ``benchmarks.md`` into ``folder``."""
    folder.mkdir(exist_ok=True)
    where = machine()
    content = {"machine": where, "options": options, "figures": table, "runs": results}
    text = json.dumps(content, indent=1, ensure_ascii=False)
    (folder / "benchmarks.json").write_text(text + "\n")
    (folder / "benchmarks.md").write_text(_page(table, where, options))


def _page(table: list[dict], where: dict, options: dict) -> str:
    versions = ", ".join(f"{k} {v}" for k, v in where["versions"].items() if v)
    return PAGE.format(
        figures=as_markdown(figures_table(table)),
        steps=as_markdown(steps_table(table)),
        versions=versions,
        machine=where,
        options=options,
    )


PAGE = """\
# Benchmarks

Written by `make bench`; do not edit. Each script of `benchmarks/scripts/` is one text
that runs unmodified on PyTorch and on torchlike, each in a process of its own. The
processes wait for each other and take {options[turns]} turns of {options[seconds]:g} s;
a ratio is the median of those of the turns, so that a machine that is now quicker, now
slower, is the same for all.
"As fast as PyTorch" compares with the better of PyTorch's usual number of threads and
one.

{machine[cores]} cores ({machine[processor]}, {machine[system]}), Python
{machine[python]}, {versions}; load average at the end {machine[load_at_the_end]}.

{figures}

{steps}
"""
