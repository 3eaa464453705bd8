"""Whole training scripts print on torchlike what they print on PyTorch.

With ``TORCHLIKE_FLUSH=every`` in the environment (``make test-every``) they flush after
every operation.
"""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import pytest

from tests.programs import both

# Scripts whose shapes change from batch to batch: a compile for each new shape.
HEAVY = {"packed_sequences", "embedding_bag", "gpt", "lbfgs", "optimizers", "dqn"}
NAMES = [script.stem for script in both.SCRIPTS]


@functools.cache
def _wanted(script: Path) -> str:
    """What PyTorch prints."""
    pytest.importorskip("torch")
    with tempfile.TemporaryDirectory() as folder:
        return both.run(script, Path(folder))


def _cases(heavy: set[str]):
    for name in NAMES:
        yield pytest.param(name, marks=[pytest.mark.slow] if name in heavy else [])


@pytest.mark.long
@pytest.mark.parametrize("name", list(_cases(HEAVY)))
def test_prints_what_pytorch_prints(name, tmp_path):
    script = both.SCRIPTS[NAMES.index(name)]
    got = both.run(script, tmp_path, "-m", "torchlike")
    assert not both.differences(got, _wanted(script))


def test_there_are_enough_programs():
    assert len(NAMES) >= 25
    assert HEAVY <= set(NAMES)
    for script in both.SCRIPTS:
        assert "torchlike" not in script.read_text(), script


@pytest.mark.parametrize(
    "got, wanted",
    [
        ("loss 1.0000", "loss 1.0001"),
        ("step 1 loss 1.0000", "step 1 loss 1.0002"),
        ("step 1 loss 1.0", "step 2 loss 1.0"),
        ("step 1 loss nan", "step 1 loss 1.0"),
        ("step 1 gain 1.0", "step 1 loss 1.0"),
        ("a", "a\nb"),
    ],
)
def test_the_comparison_sees_differences(got, wanted):
    assert both.differences(got, wanted)
    assert both.differences(wanted, got)


def test_the_comparison_allows_rounding_of_a_step_only():
    assert not both.differences("step 1 loss 1.00000", "step 1 loss 1.00005")
    assert not both.differences("step 1 loss nan 2", "step 1 loss nan 2")
