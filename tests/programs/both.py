"""Run a script on PyTorch and on torchlike, and compare what the two print.

A line that begins with ``step`` reports the course of a training: its words are the
same, its numbers agree to 1e-4 relative. Every other line is equal as printed.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))
RTOL = 1e-4
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:e[-+]?\d+)?|-?inf|nan")


def run(script, folder, *start: str, arguments=(), **settings: str) -> str:
    """Run ``script`` in ``folder`` by ``python *start``; return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    result = subprocess.run(
        [sys.executable, *start, str(script), *arguments],
        cwd=folder,
        env={**environment, **settings},
        capture_output=True,
        text=True,
        timeout=280,
    )
    if result.returncode:
        raise RuntimeError(f"{script.name}: {result.stderr[-3000:]}")
    return result.stdout


def differences(got: str, wanted: str, rtol: float = RTOL) -> list[str]:
    """The lines that differ, each with what was wanted."""
    mine, theirs = got.splitlines(), wanted.splitlines()
    found = [
        f"line {i}: {a!r}, PyTorch prints {b!r}"
        for i, (a, b) in enumerate(zip(mine, theirs, strict=False), 1)
        if not _same_line(a, b, rtol)
    ]
    if len(mine) != len(theirs):
        found.append(f"{len(mine)} lines, PyTorch prints {len(theirs)}")
    return found


def _same_line(a: str, b: str, rtol: float) -> bool:
    if a == b:
        return True
    if not a.startswith("step ") or _NUMBER.sub("#", a) != _NUMBER.sub("#", b):
        return False
    pairs = zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=True)
    return all(_close(x, y, rtol) for x, y in pairs)


def numbers(a: str, b: str) -> list[tuple[float, float]]:
    """The numbers of two lines of the same words, in pairs."""
    pairs = zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=True)
    return [(float(x), float(y)) for x, y in pairs]


def _close(a: str, b: str, rtol: float) -> bool:
    if "." not in a + b and "e" not in a + b:
        return a == b
    return math.isclose(float(a), float(b), rel_tol=rtol)
