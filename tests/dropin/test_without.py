"""Packages shut out by name count as not installed."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = """
import importlib.util, torchlike
torchlike.install(without=["tabnanny"])
for name in ("tabnanny", "colorsys"):
    assert importlib.util.find_spec(name) is None
    try:
        __import__(name)
    except ModuleNotFoundError as error:
        assert error.name == name
    else:
        raise SystemExit(name)
torchlike.uninstall()
import tabnanny, colorsys
"""


def test_shut_out():
    environment = {**os.environ, "TORCHLIKE_WITHOUT": "colorsys"}
    subprocess.run([sys.executable, "-c", CODE], env=environment, check=True)
