"""`import torchvision` under the alias."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.tour_programs import ROOT


def run(code: str, *start: str, path="", **env) -> str:
    result = subprocess.run(
        [sys.executable, *start, "-c", code],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{path}", **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


NAMES = """
import importlib.metadata, importlib.util, sys
import torchvision, torchvision.transforms as T
from torchvision.models.resnet import resnet18
print(torchvision.__version__, importlib.metadata.version("torchvision"))
print(importlib.util.find_spec("torchvision.ops").name)
print(importlib.util.find_spec("torchvision.nothing"))
print(torchvision.transforms is T, "torchvision.datasets" in sys.modules)
print(T.Compose is torchvision.transforms.transforms.Compose)
try:
    import torchvision.nothing
except ModuleNotFoundError as error:
    print(error)
try:
    torchvision.nothing
except AttributeError as error:
    print(error)
"""


def test_names_and_versions():
    assert run(NAMES, "-m", "torchlike").splitlines() == [
        "0.28.0+torchlike 0.28.0+torchlike",
        "torchvision.ops",
        "None",
        "True False",
        "True",
        "No module named 'torchvision.nothing'; torchlike lists what it lacks in "
        "docs/differences.md",
        "module 'torchvision' has no attribute 'nothing'",
    ]


def test_an_installed_torchvision_is_used_if_the_user_prefers_it(tmp_path):
    (tmp_path / "torchvision.py").write_text("kind = 'installed'")
    code = "import torchvision; print(getattr(torchvision, 'kind', 'ours'))"
    start = ("-m", "torchlike")
    assert run(code, *start, path=tmp_path) == "ours"
    wish = {"TORCHLIKE_TORCHVISION": "installed"}
    assert run(code, *start, path=tmp_path, **wish) == "installed"


def test_install_and_uninstall(tmp_path):
    (tmp_path / "torchvision.py").write_text("kind = 'installed'")
    code = (
        "import torchlike; torchlike.install(); import torchvision as ours\n"
        "torchlike.uninstall(); import torchvision as theirs\n"
        "print(ours.__version__, theirs.kind)"
    )
    assert run(code, path=tmp_path) == "0.28.0+torchlike installed"


def test_models_need_no_pillow():
    code = (
        "import sys; sys.modules['PIL'] = None\n"
        "import torchvision; print(len(torchvision.models.list_models()) > 40)\n"
        "try:\n    import torchvision.transforms\n"
        "except ModuleNotFoundError as error:\n    print(error)"
    )
    assert run(code, "-m", "torchlike").splitlines() == [
        "True",
        "torchvision's images need Pillow: pip install 'torchlike[vision]'",
    ]
