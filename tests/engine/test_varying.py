"""A loop whose shapes change is told why it compiles, once."""

from __future__ import annotations

import numpy as np
import pytest

import torchlike as torch
from torchlike import _config
from torchlike._engine import varying


@pytest.fixture
def at_once(monkeypatch):
    """However quick the compiles are, and none found on disk."""
    monkeypatch.setattr(_config, "cache_folder", None)
    monkeypatch.setattr(varying, "_SECONDS", 0.0)
    monkeypatch.setattr(varying, "_kinds", {})


def work(*shape):
    x = torch.from_numpy(np.ones(shape, np.float32))
    x.tan().atan2(x + 2).cumsum(-1).sum().item()


def test_the_changing_dimension_is_named(at_once, capsys):
    for n in range(60, 60 + varying._AFTER + 3):
        work(2, n)
    told = [t for t in capsys.readouterr().err.splitlines() if "were compiled" in t]
    if not torch._config.flush_every_op:  # then each op is told of by itself
        assert len(told) == 1
    assert told and "60, 61, 62" in told[0]
    assert "torchlike.buckets" in told[0] and __file__ in told[0]


def test_other_work_is_not_told_of(at_once, capsys):
    for n in range(12):
        x = torch.ones(4, 4)
        for _ in range(n + 1):
            x = x.sin() + 1
        x.sum().item()
    assert "were compiled" not in capsys.readouterr().err
