"""The trie is bounded, also where traces end without a program."""

import pytest

import torchlike as torch
from torchlike import _config, _engine
from torchlike._engine import boundary, cache, trie
from torchlike._engine.record import drop_tries, traces

pytestmark = pytest.mark.skipif(
    _config.flush_every_op, reason="no trace is dead when each op is computed"
)


@pytest.fixture
def room(monkeypatch):
    """Empty tries, swept after every 100 states."""
    boundary("test")
    drop_tries()
    cache.reset()
    for trace in traces():
        trace.reset()
    monkeypatch.setattr(trie, "MAX_STATES", 100)
    return 100


def dead_trace(shape):
    """Record something nobody wants; each shape is a path of its own."""
    torch.ones(()).expand(shape).neg().abs()
    boundary("test")


def test_dead_traces_are_forgotten(room):
    before = _engine.cache_sizes()
    for i in range(1, 200):
        dead_trace((i, 3))
    after = _engine.cache_sizes()
    assert after["programs"] == before["programs"]
    assert after["states"] <= before["states"] + room


def test_a_loop_among_dead_traces_compiles_once(room):
    x = torch.ones(3, requires_grad=True)

    def step():
        x.grad = None
        (x * 7 + 2).square().sum().backward()
        assert x.grad.tolist() == [126.0] * 3

    step()
    step()
    compiles = _engine.stats().compiles
    for i in range(1, 150):
        dead_trace((3, i, 2))
        step()
    assert _engine.stats().compiles == compiles


def test_a_trace_being_recorded_keeps_its_path(room):
    def chain(first):
        x = torch.full((2,), float(first))
        for i in range(60):
            x = (x + i).reshape(2, *[1] * (i % 7)).reshape(2)
        return x.tolist()

    total = sum(range(60))
    assert chain(1) == [1.0 + total] * 2
    compiles = _engine.stats().compiles
    assert chain(2) == [2.0 + total] * 2
    assert _engine.stats().compiles == compiles
