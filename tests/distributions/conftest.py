"""PyTorch checks its arguments by default; its compiler switches that off."""

from __future__ import annotations

import importlib.util

import pytest


@pytest.fixture(autouse=True)
def checks() -> None:
    if importlib.util.find_spec("torch") is not None:
        real = importlib.import_module("torch")
        real.distributions.Distribution.set_default_validate_args(True)
