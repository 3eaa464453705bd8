"""``--explain``: the page holds what the engine did."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter

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
    lazy["TORCHLIKE_CACHE_DIR"] = "off"
    done = subprocess.run(
        command, cwd=tmp_path, env=lazy, capture_output=True, text=True
    )
    assert done.returncode == {"": 0, "raise SystemExit(3)": 3, "1 / 0": 1}[ending]
    shown = (tmp_path / "page.html").read_text()
    assert "page.html" in done.stderr and "script.py:9" in shown
    steps = re.search(r"\(optimizer\.step\)</span></td><td class=\"n\">(\d+)", shown)
    assert steps and int(steps[1]) == 5
    assert int(re.search(r"<b>(\d+)</b>.{0,40}programs compiled", shown)[1]) >= 1


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


def test_reasons_are_told_beside_earlier_programs():
    def made(number, reason, **ops):
        return Program(number, Counter(ops), 1, 1, "a.py:1", reason, 0.1)

    first = made(1, "first trace", add=1)
    smaller = made(2, "op 1 is add(float32[2])", add=1)
    other = made(3, "op 1 is mul(float32[2])", mul=1)
    assert words.reason(first, []) == words.reason(other, [first, smaller])
    assert "operations of program 1 again" in words.reason(smaller, [first])
    longer = made(4, "goes on after program 1", add=2)
    assert "goes on further" in words.reason(longer, [first])


def test_programs_found_on_disk_are_listed(tmp_path):
    """Their operations and runs as those of the others."""
    (tmp_path / "script.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "torchlike", "--explain=page.html", "script.py"]
    lazy = {k: v for k, v in os.environ.items() if k != "TORCHLIKE_FLUSH"}
    lazy["TORCHLIKE_CACHE_DIR"] = str(tmp_path / "programs")
    pages = []
    for _ in range(2):
        subprocess.run(command, cwd=tmp_path, env=lazy, check=True)
        pages.append((tmp_path / "page.html").read_text())
    first, second = pages
    assert "from disk" not in first and "found on disk" not in first
    assert "found on disk" in second
    loaded = re.findall(r"from disk</td><td class=\"n\">(\d+)", second)
    assert sum(map(int, loaded)) >= 4  # steps after the first
    assert first.count("<summary>") == second.count("<summary>")
