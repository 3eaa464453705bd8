"""The examples print on torchlike what they print on PyTorch."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.tour_programs import ROOT, assert_same_text

# Example, its arguments, and how far rounding may drift over its steps (relative).
EXAMPLES = [
    ("mlp_regression.py", ("--epochs", "20"), 2e-2),
    ("char_rnn.py", ("--steps", "50"), 5e-2),
]


def run(example, *args, start=(), cwd):
    result = subprocess.run(
        [sys.executable, *start, str(ROOT / "examples" / example), *args],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("example, args, drift", EXAMPLES)
def test_prints_what_pytorch_prints(example, args, drift, tmp_path):
    pytest.importorskip("torch")
    theirs = run(example, *args, cwd=tmp_path)
    mine = run(example, *args, start=("-m", "torchlike"), cwd=tmp_path)
    # The last part is drawn or sampled: a matter of rounding.
    numbers = [
        re.sub(r"(?s)(.*(?:error|letter)[^\n]*\n).*", r"\1", t) for t in (mine, theirs)
    ]
    assert numbers[0].count("\n") >= 2
    assert_same_text(*numbers, rtol=drift, atol=1e-3)


@pytest.mark.slow
def test_digits_reaches_its_accuracy(tmp_path):
    shown = run("digits.py", start=("-m", "torchlike"), cwd=tmp_path)
    assert float(re.search(r"test accuracy ([\d.]+) %", shown)[1]) >= 97
    assert "same predictions: True" in shown
    picture = (tmp_path / "demo" / "digits.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) > 20_000
