"""Programs of a command's last run, loaded while it sets up."""

from __future__ import annotations

from textwrap import indent
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from torchlike._engine import ahead, store

from ._process import SETUP, STEPS, report

SCRIPT = (
    """
import json, os, sys, time
import torchlike as torch
from torchlike import nn
from torchlike._engine import ahead

def main():
    begun = ahead._begun
"""
    + indent(SETUP, "    ")
    + """
    torch.ones(3).add(1)  # an operation: the thread begins, if it has not
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
        found=found, begun=begun, there=there, left=len(ahead._loaded),
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
        assert ahead._file() is not None and pool.apply(ahead._file) is None
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
    assert first["there"] == 0 and not first["begun"]
    second = run(wanted=1, TORCHLIKE_FLUSH=flush)
    assert second["there"] >= 1 and second["begun"]
    assert second["left"] == 0  # each was used
    assert second["loads"] > first["compiles"] / 2
    assert second["found"] == first["found"]


def test_other_arguments_or_another_script_load_nothing_ahead(run):
    run("--lr", "1")
    assert run("--lr", "2")["there"] == 0
    assert run("--lr", "1", between="pass")["there"] == 0


HARMLESS = {
    "plain": lambda x: jnp.sin(x) @ x.T,
    "scan": lambda x: jax.lax.scan(lambda c, r: (c + r, c), x[0], x),
    "counted": lambda x: jax.lax.fori_loop(0, 5, lambda i, c: c * 2, x),
    "scan in scan": lambda x: jax.lax.scan(
        lambda c, r: (jax.lax.scan(lambda d, s: (d + s, None), c, x)[0] + r, c), x[0], x
    ),
}
HARMFUL = {
    "until": lambda x: jax.lax.while_loop(lambda c: c.sum() < 9, lambda c: c + 1, x),
    "up to a number given": lambda x: jax.lax.fori_loop(
        0, x[0, 0].astype(int), lambda i, c: c * 2, x
    ),
    "LAPACK": lambda x: jnp.linalg.cholesky(x @ x.T),
    "until in scan": lambda x: jax.lax.scan(
        lambda c, r: (jax.lax.while_loop(lambda d: d.sum() < 9, lambda d: d + r, c), r),
        x[0],
        x,
    ),
}


@pytest.mark.parametrize("name", [*HARMLESS, *HARMFUL])
def test_which_programs_end_whatever_they_are_given(name):
    program = {**HARMLESS, **HARMFUL}[name]
    text = jax.jit(program).lower(jnp.ones((3, 4), jnp.float32)).as_text()
    assert store._is_harmless(text) == (name in HARMLESS)


@pytest.mark.parametrize("scratch", [0, ahead._SMALL])
@pytest.mark.parametrize("fails", [False, True])
def test_small_programs_are_run_on_zeros(scratch, fails):
    given = []

    def call(*arrays):
        given.extend(arrays)
        if fails:
            raise ValueError("not of zeros")

    call.args_info = ((jax.ShapeDtypeStruct((2, 3), np.int64),), {})
    ahead._run_on_zeros(SimpleNamespace(call=call, scratch=scratch))
    assert [a.tolist() for a in given] == ([] if scratch else [[[0] * 3] * 2])


def test_a_run_on_zeros_is_over_when_it_returns():
    """What still ran while the process ends would find XLA's memory gone."""
    waited = []
    result = SimpleNamespace(block_until_ready=lambda: waited.append(True))

    def call(*arrays):
        assert all(isinstance(x, jax.Array) and x.is_ready() for x in arrays)
        return [result]

    call.args_info = ((jax.ShapeDtypeStruct((2, 3), np.int64),), {})
    ahead._run_on_zeros(SimpleNamespace(call=call, scratch=0))
    assert waited


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
