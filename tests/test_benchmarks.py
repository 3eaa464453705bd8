"""What the benchmark computes from its runs, and that its scripts are one text."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys

import pytest

from benchmarks import checks, report, tables, targets, workloads
from benchmarks.measure import Options
from benchmarks.runs import BY_HAND, SCRIPTS, TORCHLIKE, Failed, Job, Timed, run
from benchmarks.summary import geometric_mean, quartiles, ratios, summary

TIMED = (*workloads.CPU, *workloads.CUDA, *workloads.LOADING)
TOUR = workloads.CPU[0]


def turns(*times):
    return [{"step_us": t, "steps": 1, "compiles_while_timed": 0} for t in times]


FIRST = {"first_step_s": 2.0, "setup_s": 1.0, "warmup_s": 3.0}
FIRST |= {
    "imported_mib": 99.0,
    "peak_mib": 20.0,
    "device_peak_mib": 0.0,
    "first_value": 0.5,
}


def result(torchlike, others=(("PyTorch", 30.0), ("JAX by hand", 10.0))):
    times = {"torchlike": turns(torchlike), **{n: turns(t) for n, t in others}}
    return summary(TOUR, dict.fromkeys(times, FIRST), {"torchlike": FIRST}, times, {})


def test_ratios_are_medians_of_the_turns_and_the_better_number_of_threads_counts():
    found = ratios(
        {
            "torchlike": turns(10, 20, 10),
            "PyTorch": turns(40, 80, 90),
            "PyTorch (1 thread)": turns(30, 60, 20),
            "JAX by hand": turns(5, 10, 1),
        }
    )
    assert [found[key][1] for key in ("eager", "jax")] == [3.0, 2.0]
    assert "compile" not in found


def test_a_peak_is_beyond_what_the_first_process_had_after_the_imports():
    """A second process may load programs with its imports."""
    second = {**FIRST, "imported_mib": 109.0, "peak_mib": 12.0}
    times = {"torchlike": turns(1.0), "PyTorch": turns(1.0)}
    firsts = {"torchlike": second, "PyTorch": second}
    found = summary(TOUR, firsts, {"torchlike": FIRST}, times, {})["frameworks"]
    assert [found[name]["peak_mib"] for name in times] == [22.0, 12.0]


def test_quartiles_and_geometric_mean():
    assert quartiles([3.0]) == [3.0, 3.0, 3.0]
    assert quartiles([1.0, 2.0, 3.0, 4.0, 5.0]) == [2.0, 3.0, 4.0]
    assert geometric_mean([1.0, 4.0]) == pytest.approx(2.0)


def outcomes(results, device="cpu"):
    return {what: reached for what, _, _, reached in targets.rows(results, device)}


def test_targets_are_held_against_means_and_the_worst():
    good = outcomes([result(10.0), result(10.0)])
    assert good["PyTorch eager ÷ torchlike, geometric mean"]
    assert good["torchlike ÷ JAX by hand, worst"]
    assert "torch.compile ÷ torchlike, worst" not in good
    mixed = outcomes([result(10.0), result(31.0)])
    assert not mixed["PyTorch eager ÷ torchlike, geometric mean"]
    assert not mixed["PyTorch eager ÷ torchlike, worst"]
    assert not mixed["torchlike ÷ JAX by hand, worst"]


def test_compiles_of_changing_shapes_do_not_count():
    late = result(10.0)
    late["frameworks"]["torchlike"]["compiles_while_timed"] = 2
    what = "compiles while timed, fixed shapes"
    assert not outcomes([late])[what]
    assert what not in outcomes([{**late, "fixed": False}])


def test_tables_have_a_cell_for_everything():
    broken = result(10.0)
    broken["failed"] = {"torch.compile": "it broke"}
    other = result(10.0, (("torch.compile", 20.0),))
    for table in (
        tables.overview([broken], [], "cpu"),
        tables.steps([broken, other]),
        tables.first_steps([broken, other]),
        tables.memory([broken, other], "cpu"),
    ):
        assert len({len(row) for row in table}) == 1
    head, row, _ = tables.steps([broken, other])
    assert row[head.index("torchlike")] == "10"
    assert row[head.index("torch.compile")] == "failed"
    assert row[head.index("PyTorch ÷ torchlike")] == "3.00"
    assert tables.as_markdown([head, row]).splitlines()[1].count("---") == len(head)


def test_a_check_that_fails_is_no_success():
    def broken(_):
        raise Failed("it broke")

    rows = []
    every = [
        checks.Check("fails", "x", broken, 1, "×"),
        checks.Check("too much", "x", lambda steps: steps, 1, "×"),
        checks.Check("little", "x", lambda steps: 0.5, 1, "×"),
    ]
    checks.check(every, 2, rows.append)
    assert [row["reached"] for row in rows] == [False, False, True]
    assert [tables.overview([], rows, "cpu")[i][-1] for i in (1, 2, 3)] == [
        "failed",
        "missed",
        "reached",
    ]


def imported(path):
    return {
        name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in [getattr(node, "module", None) or node.names[0].name]
    }


SHARED = {"pole.py", "probes.py", "timing.py"}


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.py")), ids=lambda p: p.name)
def test_scripts_name_torch_and_never_torchlike(path):
    names = imported(path)
    assert not any(name.split(".")[0] in ("torchlike", "jax") for name in names)
    assert "torch" in names or path.name in SHARED - {"timing.py"}


@pytest.mark.parametrize("workload", TIMED, ids=lambda w: w.script)
def test_every_workload_has_its_script_and_its_twin(workload):
    name = workload.script.split()[0]
    assert (SCRIPTS / f"{name}.py").exists()
    if workload.by_hand:
        path = BY_HAND / f"{workload.by_hand}.py"
        assert f'"{name}":' in path.read_text() and "torch" not in imported(path)


def test_workloads_are_chosen_by_the_words_they_begin_with():
    found = workloads.chosen(workloads.CPU, "gpt, mlp 2,nothing")
    assert [w.script for w in found] == ["mlp 2", "gpt nano", "gpt small"]
    assert workloads.chosen(workloads.CPU, "") == list(workloads.CPU)


@pytest.mark.parametrize("name, device", [("", "cpu"), ("-cuda", "cuda")])
def test_the_page_and_the_plot_are_written(tmp_path, name, device, capsys):
    pytest.importorskip("matplotlib")
    whole = report.Run(tmp_path, Options(device=device))
    whole.add("workloads")(result(10.0))
    assert whole.finish(strict=True) == 0
    page = (tmp_path / f"benchmarks{name}.md").read_text()
    assert "| 3.00 |" in page and "reached" in capsys.readouterr().out
    assert (tmp_path / f"benchmarks{name}.png").stat().st_size > 1000
    written = json.loads((tmp_path / f"benchmarks{name}.json").read_text())
    assert written["workloads"][0]["ratios"]["eager"] == [3.0, 3.0, 3.0]


@pytest.mark.parametrize("name", ["torchlike", "JAX by hand"])
def test_a_timed_process_waits_reports_and_ends(name):
    (framework,) = [f for f in tables.FRAMEWORKS if f.name == name]
    quick = (("BENCH_SECONDS", "0.01"), ("BENCH_WARMUP", "0"))
    timed = Timed(Job(framework, "tour", "dense", settings=quick))
    reports = [timed.turn(), timed.turn()]
    timed.end()
    assert timed.first["first_step_s"] > 0 and timed.first["peak_mib"] > 0
    assert all(report["step_us"] > 0 for report in reports)
    assert not any(report["compiles_while_timed"] for report in reports)


def test_a_script_that_breaks_says_why():
    with pytest.raises(Failed, match="IndexError"):
        run(Job(TORCHLIKE, "mlp"))


def test_without_anything_chosen_the_command_fails():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--only", "nothing"],
        env={**os.environ, "MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and "nothing of that name" in done.stderr
