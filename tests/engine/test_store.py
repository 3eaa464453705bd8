"""Programs and what is known of ops, kept for the next process."""

from __future__ import annotations

import pytest

from ._process import SETUP, STEPS, report

SCRIPT = (
    """
import json, sys, warnings
import torchlike as torch
from torchlike import nn

caught = []
warnings.showwarning = lambda text, *rest: caught.append(str(text))
warnings.simplefilter("always")
{before}
"""
    + SETUP
    + STEPS
    + """
{after}
stats = torch._engine.stats()
print(json.dumps(dict(
    found=found, compiles=stats.compiles, loads=stats.loads, caught=caught
)))
"""
)


def run(folder, before="", after="", **environment) -> dict:
    """What a process that keeps its programs in ``folder`` reports."""
    script = SCRIPT.format(before=before, after=after)
    return report(["-c", script], folder, **environment)


@pytest.mark.parametrize("flush", ["", "every"])
def test_the_second_process_compiles_nothing(tmp_path, flush):
    first = run(tmp_path, TORCHLIKE_FLUSH=flush)
    second = run(tmp_path, TORCHLIKE_FLUSH=flush)
    assert first["compiles"] > 0 and first["loads"] == 0
    # Programs that are made quicker than they are read are not kept.
    assert second["compiles"] == first["compiles"]
    assert second["loads"] > first["compiles"] / 2
    assert second["found"] == first["found"]


def test_damaged_files_are_made_again(tmp_path):
    first = run(tmp_path)
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    second = run(tmp_path)
    assert second["loads"] == 0
    assert second["found"] == first["found"]
    third = run(tmp_path)
    assert third["loads"] == third["compiles"]


def test_settings_have_programs_of_their_own(tmp_path):
    first = run(tmp_path)
    second = run(tmp_path, before="torch.set_default_dtype(torch.float64)")
    assert second["loads"] == 0 and second["found"] != first["found"]


def test_jaxs_own_cache_has_precedence(tmp_path):
    other = tmp_path / "jax"
    environment = {"JAX_COMPILATION_CACHE_DIR": str(other)}
    run(tmp_path / "ours", **environment)
    assert run(tmp_path / "ours", **environment)["loads"] == 0
    assert not list((tmp_path / "ours").glob("*.program"))


def test_no_folder_no_files(tmp_path):
    assert run("off")["loads"] == run("off")["loads"] == 0


def test_warnings_come_in_every_process(tmp_path):
    before = "nn.functional.softmax(torch.ones(2, 3))"
    texts = [run(tmp_path, before=before)["caught"] for _ in range(2)]
    assert texts[0] == texts[1]
    assert any("Implicit dimension choice" in text for text in texts[0])


def test_errors_come_in_every_process(tmp_path):
    before = """
try:
    model(torch.ones(2, 3))
except RuntimeError as error:
    caught.append(str(error))
"""
    texts = [run(tmp_path, after=before)["caught"] for _ in range(2)]
    assert texts[0] == texts[1] != []


def test_memory_is_given_up_as_before(tmp_path):
    """A program read from disk takes over its dead inputs' memory."""
    after = """
import numpy as np
big = torch.tensor(np.ones((512, 512), np.float32))
big.add_(1)
torch._engine.boundary("test")
for _ in range(3):
    old = big._value().array
    big.mul_(2)
    torch._engine.boundary("test")
big._array().block_until_ready()
caught.append(old.is_deleted())
"""
    assert [run(tmp_path, after=after)["caught"] for _ in range(2)] == [[True]] * 2


def test_linear_algebra(tmp_path):
    """LAPACK's functions are looked up before a program that calls them is read."""
    after = """
a = torch.arange(9.0).reshape(3, 3) + torch.eye(3)
caught.append(torch.linalg.svdvals(a).tolist() + torch.linalg.solve(a, a).tolist())
"""
    first, second = (run(tmp_path, after=after) for _ in range(2))
    assert second["caught"] == first["caught"]
    assert second["loads"] == second["compiles"]


def test_what_users_define_is_not_kept(tmp_path):
    before = """
@torch.library.custom_op("mine::double", mutates_args=())
def double(x: torch.Tensor) -> torch.Tensor:
    return x * {factor}
caught.append(double(torch.ones(2)).sum().item())
"""
    for factor in (2, 3):
        found = run(tmp_path, before=before.replace("{factor}", str(factor)))
        assert found["caught"] == [2.0 * factor]
