"""Every example runs for a few steps with ``--device cuda``: `pytest -n 8 FILE`."""

from __future__ import annotations

import re

import pytest

from tests.test_example_smoke import ALL, SMOKE, write_idx
from tests.test_examples import run

ARGUMENTS = {name: (arguments, made) for name, arguments, made in SMOKE} | {
    "digits.py": ("--epochs 8", "digits.png"),  # it fails below 97 % of accuracy
    "mnist.py": ("--epochs 1 --data .", "mnist.png"),
}
SMALL = {"char_rnn.py": "--steps 20", "mlp_regression.py": "--epochs 3"}


@pytest.fixture
def cuda(tmp_path, monkeypatch):
    """Run an example; several share the GPU, so none takes its memory beforehand."""
    monkeypatch.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

    def run_on_cuda(name: str, arguments: str) -> str:
        given = (*arguments.split(), "--device", "cuda")
        shown = run(name, *given, start=("-m", "torchlike"), cwd=tmp_path)
        assert not re.search(r"\bnan\b", shown) and shown.strip()
        return shown

    return run_on_cuda


@pytest.mark.cuda
@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_example(name, cuda, tmp_path):
    if name == "mnist.py":
        write_idx(tmp_path, "train", 640), write_idx(tmp_path, "t10k", 100)
    arguments, made = ARGUMENTS[name]
    cuda(name, f"{arguments} --out {tmp_path}")
    assert (tmp_path / made).stat().st_size > 0


@pytest.mark.cuda
@pytest.mark.parametrize("name", sorted(SMALL))
def test_small_example(name, cuda):
    cuda(name, SMALL[name])


def test_none_is_left_out():
    assert set(ARGUMENTS) == ALL
