"""torchlike runs where PyTorch cannot be imported, and never tries to."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib

import pytest

from tests import tour_programs as tour

# Put in place before anything else: nothing named torch can be found from then on.
BLOCKER = """
import sys

class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "torchvision", "functorch"):
            frame = sys._getframe(1)
            while "importlib" in frame.f_code.co_filename:
                frame = frame.f_back
            asking = frame.f_globals.get("__name__", "")
            if asking.partition(".")[0] == "torchlike":
                print("torchlike asks for", name, "in", asking)
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)

sys.meta_path.insert(0, NoTorch())
"""

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys, torchlike
SKIPPED = {
    "torchlike.__main__",
    "torchlike._dropin.forkserver",
    "torchlike.utils.tensorboard.graph",  # needs tensorboardX
    "torchlike.utils.tensorboard.writer",  # needs tensorboardX
}
try:
    import torch
except ModuleNotFoundError:
    print("no torch")
for module in pkgutil.walk_packages(torchlike.__path__, "torchlike."):
    if module.name in SKIPPED:
        continue
    try:
        importlib.import_module(module.name)
    except ImportError as error:  # kernels for wider vectors than this processor has
        if str(error) != "not for this processor":
            raise
print("torch" in sys.modules)
"""


@pytest.fixture
def blocked(tmp_path):
    """Run a program in a process in which PyTorch cannot be imported."""

    def run(text: str, *start: str) -> str:
        (tmp_path / "sitecustomize.py").write_text(BLOCKER)
        (tmp_path / "program.py").write_text(text)
        result = subprocess.run(
            [sys.executable, *start, "program.py"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{tour.ROOT}"},
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run


def test_every_module_imports_without_torch(blocked):
    assert blocked(IMPORT_EVERYTHING).splitlines() == ["no torch", "False"]


def test_the_tour_runs_without_torch(blocked):
    output = blocked(tour.program(), "-m", "torchlike")
    assert "torchlike asks for" not in output
    assert re.search(r"Epoch 90: Loss = \d", output) and "# 11_device" in output


def test_the_package_does_not_require_torch():
    project = tomllib.loads((tour.ROOT / "pyproject.toml").read_text())["project"]
    names = [re.match(r"[\w.-]+", d)[0] for d in project["dependencies"]]
    assert not [name for name in names if name.startswith("torch")]


def _imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names


def test_no_file_of_the_package_imports_torch():
    files = sorted((tour.ROOT / "torchlike").rglob("*.py"))
    importing = [str(f) for f in files if "torch" in _imported(f.read_text())]
    assert files and importing == []
    assert "torch" in _imported("def f():\n    from torch.nn import Linear")
