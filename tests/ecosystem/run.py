"""Run a case under torchlike and under PyTorch and compare the numbers they print.

A case is a plain ``import torch`` script. Its first line names the packages:
``# packages: einops``. It prints results with ``print("name", number, …)``.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

from . import install

CASES = Path(__file__).with_name("cases")
REFERENCE = Path(__file__).with_name("reference.py")
TOLERANCE = 1e-4  # relative, of each printed number
SMALL = 1e-5  # absolute, for numbers around zero
SECONDS = 900


@dataclasses.dataclass
class Case:
    """A script and the packages it needs; the first is the one it is about."""

    path: Path
    packages: list[str]


@dataclasses.dataclass
class Outcome:
    """What came of a case."""

    case: Case
    equal: bool
    text: str
    seconds: float

    def line(self) -> str:
        """One line for the terminal."""
        verdict = "equal" if self.equal else "DIFFERS"
        return f"{verdict:8} {self.case.packages[0]:28} {self.text}"


def cases(names: list[str]) -> list[Case]:
    """The cases of these names; all without."""
    found = []
    for path in sorted(CASES.glob("*.py")):
        head = path.read_text().splitlines()[0]
        packages = head.removeprefix("# packages:").replace(",", " ").split()
        if not names or path.stem in names:
            found.append(Case(path, packages))
    return found


def compare(case: Case) -> Outcome:
    """Run both sides."""
    began = time.perf_counter()
    own = _output([install.PYTHON, "-m", "torchlike"], case, install.ROOT)
    real = _reference(case)
    seconds = time.perf_counter() - began
    if real.returncode:
        return Outcome(case, False, f"PyTorch itself: {_last(real)}", seconds)
    if own.returncode:
        return Outcome(case, False, _last(own), seconds)
    different = difference(own.stdout, real.stdout)
    return Outcome(case, not different, different or "", seconds)


def _reference(case: Case):
    """PyTorch's side; what it printed is kept for the same script and versions."""
    versions = [
        metadata.version("torch"),
        *map(str, map(install.version, case.packages)),
    ]
    told = "\n".join([case.path.read_text(), *versions])
    kept = install.HOME / "reference" / hashlib.sha256(told.encode()).hexdigest()
    if kept.exists():
        return subprocess.CompletedProcess([], 0, kept.read_text(), "")
    done = _output([sys.executable, REFERENCE], case, install.site_packages())
    if done.returncode == 0:
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(done.stdout)
    return done


def _output(command, case: Case, path: Path):
    held = {**os.environ, "PYTHONPATH": str(path), "PYTHONWARNINGS": "ignore"}
    held |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    try:
        return subprocess.run(
            [*command, case.path],
            env=held,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"over {SECONDS} s")


def _last(done) -> str:
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return (lines or ["no output"])[-1][:200]


def difference(own: str, real: str) -> str | None:
    """The first place where two outputs differ beyond the tolerance."""
    mine, theirs = own.split(), real.split()
    if len(mine) != len(theirs) or not theirs:
        return f"{len(mine)} words printed, PyTorch prints {len(theirs)}"
    for a, b in zip(mine, theirs, strict=True):
        if a != b and not _close(a, b):
            return f"{a} where PyTorch has {b}"
    return None


def _close(a: str, b: str) -> bool:
    try:
        x, y = float(a), float(b)
    except ValueError:
        return False
    return abs(x - y) <= SMALL + TOLERANCE * abs(y)
