"""``--explain``: the page holds what the engine did."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from torchlike._dropin.explain import words
from torchlike._dropin.explain.collect import Collector, Flush, Program

SCRIPT = """
import torch
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for step in range(5):
    optimizer.zero_grad()
    loss = (w * w).sum()
    loss.backward()
    optimizer.step()
print(loss.item())
"""


@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)", "1 / 0"])
def test_the_page(ending, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT + ending)
    command = [sys.executable, "-m", "torchlike", "--explain=page.html", "script.py"]
    lazy = {k: v for k, v in os.environ.items() if k != "TORCHLIKE_FLUSH"}
    done = subprocess.run(
        command, cwd=tmp_path, env=lazy, capture_output=True, text=True
    )
    assert done.returncode == {"": 0, "raise SystemExit(3)": 3, "1 / 0": 1}[ending]
    page = (tmp_path / "page.html").read_text()
    assert "page.html" in done.stderr and "script.py:9" in page
    steps = re.search(r"\(optimizer\.step\)</span></td><td class=\"n\">(\d+)", page)
    assert steps and int(steps[1]) == 5
    assert int(re.search(r"<b>(\d+)</b>.{0,40}programs compiled", page)[1]) >= 1


def test_advice():
    report = Collector()
    report.seconds = 10.0
    assert words.advice(report) == ["Nothing stands out."]
    report.flushes["item", "a.py:3"] = Flush("item", "a.py:3", count=500)
    (advice,) = words.advice(report)
    assert "500 times" in advice and "a.py:3" in advice
    programs = [Program(i, None, 1, 1, "a.py:1", "", 0.6, runs=1) for i in range(12)]
    report.programs = programs
    assert "12 programs ran only once" in words.advice(report)[0]
    assert "compiling" in words.advice(report)[1]


@pytest.mark.parametrize("trigger", ["item", "optimizer.step", "loop segment"])
def test_every_trigger_is_explained(trigger):
    assert words.trigger(trigger) != words.trigger("no such trigger")
