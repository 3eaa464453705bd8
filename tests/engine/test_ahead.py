"""Programs of a command's last run, loaded while it sets up."""

from __future__ import annotations

from textwrap import indent

import pytest

from ._process import SETUP, STEPS, report

SCRIPT = (
    """
import json, os, sys, time
import torchlike as torch
from torchlike import nn
from torchlike._engine import ahead

def main():
"""
    + indent(SETUP, "    ")
    + """
    torch.ones(3).add(1)  # an operation: the thread begins
    {between}
    end = time.monotonic() + 60
    while len(ahead._loaded) < int(os.environ["WANTED"]) and time.monotonic() < end:
        time.sleep(0.01)
    there = len(ahead._loaded)
"""
    + indent(STEPS, "    ")
    + """
    stats = torch._engine.stats()
    print(json.dumps(dict(
        found=found, there=there, left=len(ahead._loaded),
        compiles=stats.compiles, loads=stats.loads,
    )))

if __name__ == "__main__":
    main()
"""
)
FORKS = """
    child = os.fork()
    if child == 0:
        os._exit(0 if (torch.ones(2) + 1).tolist() == [2, 2] else 1)
    assert os.waitpid(child, 0)[1] == 0
"""
SPAWNS = """
    import multiprocessing
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert ahead._path() is not None and pool.apply(ahead._path) is None
"""


@pytest.fixture
def run(tmp_path):
    """Runs the script in a folder of its own, and gives what it reports."""
    script, folder = tmp_path / "script.py", tmp_path / "programs"

    def run(*arguments, between="", wanted=0, **environment) -> dict:
        text = SCRIPT.replace("{between}", between.strip())
        if not script.exists() or script.read_text() != text:
            script.write_text(text)  # another command
        environment["WANTED"] = str(wanted)
        return report([str(script), *arguments], folder, **environment)

    return run


@pytest.mark.parametrize("flush", ["", "every"])
def test_the_same_command_finds_its_programs_loaded(run, flush):
    first = run(TORCHLIKE_FLUSH=flush)
    assert first["there"] == 0
    second = run(wanted=1, TORCHLIKE_FLUSH=flush)
    assert second["there"] >= 1
    assert second["left"] == 0  # each was used
    assert second["loads"] > first["compiles"] / 2
    assert second["found"] == first["found"]


def test_other_arguments_or_another_script_load_nothing_ahead(run):
    run("--lr", "1")
    assert run("--lr", "2")["there"] == 0
    assert run("--lr", "1", between="pass")["there"] == 0


def test_forks_while_it_loads(run):
    first = run(between=FORKS)
    second = run(between=FORKS)
    assert second["found"] == first["found"]


def test_spawned_processes_load_nothing_ahead(run):
    first = run(between=SPAWNS)
    second = run(between=SPAWNS)
    assert second["found"] == first["found"]


def test_a_script_that_ends_at_once(run):
    between = 'if "AT_ONCE" in os.environ: return'
    first = run(between=between)
    assert run(between=between, AT_ONCE="1") == {}
    assert run(between=between)["found"] == first["found"]


def test_without_a_folder_nothing_is_written(run, tmp_path):
    run(TORCHLIKE_CACHE_DIR="off")
    assert not (tmp_path / "programs").exists()
