"""Loops without a boundary: few programs, bounded memory, the same numbers."""

from __future__ import annotations

import resource

import numpy as np
import pytest

import torchlike as torch
from torchlike import _config, _engine

pytestmark = pytest.mark.skipif(
    _config.flush_every_op, reason="a flush after every op leaves no loop to cut"
)


def loop(n: int, x, w):
    for _ in range(n):
        x = x * w + 0.125
    return x


def expected(n: int) -> float:
    x = np.float32(1.0)
    for _ in range(n):
        x = np.float32(np.float32(x * np.float32(0.5)) + np.float32(0.125))
    return float(x)


def test_a_loop_is_cut_into_equal_segments():
    x, w = torch.tensor([1.0]), torch.tensor([0.5])
    loop(2000, x, w).tolist()
    before = _engine.stats().compiles
    assert loop(5000, x, w).item() == pytest.approx(expected(5000), rel=1e-6)
    assert _engine.stats().compiles - before <= 3


def test_the_second_pass_compiles_nothing():
    x, w = torch.tensor([1.0]), torch.tensor([0.5])
    loop(3000, x, w).tolist()
    before = _engine.stats().compiles
    loop(3000, x, w).tolist()
    assert _engine.stats().compiles == before


def test_the_compile_count_does_not_grow_with_iterations():
    x, w = torch.tensor([1.0]), torch.tensor([0.5])
    before = _engine.stats().compiles
    y = x * 3
    y = loop(4000, y, w)
    y.tolist()
    assert _engine.stats().compiles - before <= 4


def test_unread_ops_hold_memory_constant():
    total = torch.tensor([0.0])
    one = torch.tensor([1.0])
    for _ in range(20_000):
        total += one
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(100_000):
        total += one
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start
    assert total.item() == 120_000.0
    assert grown < 20_000, f"{grown} KiB more after 100,000 unread sums"
