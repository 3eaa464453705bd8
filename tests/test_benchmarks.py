"""What the benchmark computes from its runs, and that its scripts are one text."""

from __future__ import annotations

import ast
import json

import pytest

from benchmarks import report
from benchmarks.figures import FIGURES
from benchmarks.runs import SCRIPTS

BY_NAME = {figure.name: figure for figure in FIGURES}


def steps(torchlike, torch, one_thread, jax=1.0):
    times = {
        "torchlike": torchlike,
        "PyTorch": torch,
        "PyTorch, 1 thread": one_thread,
        "JAX by hand": jax,
    }
    return {name: [{"step_us": t}] for name, t in times.items()}


TOUR, DEEP = "tour's loop, Linear(1, 1)", "MLP 30 × 64, batch 64"
MEMORY, CELLS = "memory growth over 10,000 steps", "1,000 LSTM cells, first pass"


def memory(growth, before=3, after=3):
    run = {"growth_mib": growth}
    run |= {"caches_at_a_fifth": {"p": before}, "caches_at_the_end": {"p": after}}
    return {"torchlike": [run]}


@pytest.mark.parametrize(
    "name, runs, value, outcome",
    [
        (TOUR, steps(10, 31, 50), 3.1, "reached"),
        (TOUR, steps(10, 500, 29), 2.9, "missed"),
        (DEEP, steps(20, 90, 90, jax=10), 2.0, "reached"),
        (DEEP, steps(21, 90, 90, jax=10), 2.1, "missed"),
        (MEMORY, memory(0.5), 0.5, "reached"),
        (MEMORY, memory(40.0), 40.0, "missed"),
        (MEMORY, memory(0.0, after=4), None, "missed"),
        (CELLS, {"torchlike": [{"first_pass": 6}]}, 6, "reached"),
        (CELLS, {"torchlike": [{"first_pass": 7}]}, 7, "missed"),
    ],
)
def test_value_and_outcome(name, runs, value, outcome):
    figure = BY_NAME[name]
    (row,) = report.rows([figure], {figure.script: runs}, {})
    assert (row["value"], report.outcome(row)) == (value, outcome)


def test_a_failed_run_is_no_success():
    figure = BY_NAME[TOUR]
    runs = {figure.script: steps(1, 9, 9)}
    (row,) = report.rows([figure], runs, {(figure.script, "PyTorch"): "it broke"})
    assert report.outcome(row) == "failed" and not row["reached"]


def test_tables_have_a_cell_for_everything():
    figure = BY_NAME[TOUR]
    table = report.rows([figure], {figure.script: steps(10, 50, 40)}, {})
    assert report.figures_table(table)[1][2:] == ["4.00 ×", "reached"]
    head, row = report.steps_table(table)
    assert row[head.index("torchlike")] == "10" and len(head) == len(row) == 5
    assert report.as_markdown([head, row]).splitlines()[1].count("---") == 5


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_scripts_name_torch_and_never_torchlike(figure):
    text = (SCRIPTS / f"{figure.script.split()[0]}.py").read_text()
    imported = {
        name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None) or node.names[0].name]
    }
    assert "torch" in imported and "torchlike" not in imported


def test_the_page_and_the_plot_are_written(tmp_path):
    plot = pytest.importorskip("benchmarks.plot")
    figure = BY_NAME[TOUR]
    results = {figure.script: steps(10, 50, 40)}
    table = report.rows([figure], results, {})
    report.write(tmp_path, table, results, {"turns": 1, "seconds": 1, "steps": 1})
    plot.draw(tmp_path / "benchmarks.png", table)
    assert "| 4.00 × | reached |" in (tmp_path / "benchmarks.md").read_text()
    assert json.loads((tmp_path / "benchmarks.json").read_text())["figures"] == table
