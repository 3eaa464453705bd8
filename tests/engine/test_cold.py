"""Loops of ever other lengths: after a few hardly anything is compiled for them."""

from __future__ import annotations

import re

import numpy as np
import pytest

import torchlike
from tests.programs_beside import compare
from torchlike import _config
from torchlike._engine import cold, piecewise, stats

pytestmark = pytest.mark.skipif(
    _config.flush_every_op, reason="with a flush after every op there is no trace"
)
LENGTHS = (12, 9, 14, 11, 16, 10, 13, 12)


def episodes(m, width, lengths, between=lambda model, loss: None):
    """The weight and the losses after updates over so many actions each."""
    model = m.nn.Sequential(m.nn.Linear(4, width), m.nn.Tanh(), m.nn.Linear(width, 2))
    for i, p in enumerate(model.parameters()):
        with m.no_grad():
            p.copy_(m.arange(float(p.numel())).reshape(p.shape).sin() / (i + 2))
    optimizer = m.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for length in lengths:
        chosen = []
        for t in range(length):
            x = m.tensor([[0.1 * t, 1.0, -0.2 * t, 0.5]])
            chosen.append(m.log_softmax(model(x), -1)[0, t % 2])
            chosen[-1].item()
        gains = m.tensor([float(t) for t in range(length)])
        gains = (gains - gains.mean()) / (gains.std() + 1e-6)
        terms = [-p * g for p, g in zip(chosen, gains, strict=True)]
        optimizer.zero_grad()
        loss = m.stack(terms).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        between(model, loss)
    return model[0].weight.detach(), m.tensor(losses), model[2].weight.grad


def test_the_numbers_are_those_of_pytorch():
    before = stats().cold
    compare(lambda m: episodes(m, 6, LENGTHS))
    assert stats().cold - before == 4  # the last was compiled at first


def test_further_lengths_compile_little():
    episodes(torchlike, 7, (12, 9, 14, 11))
    before = stats()
    losses = episodes(torchlike, 7, (15, 10, 17))[1]
    assert stats().cold == before.cold + 3
    assert stats().compiles <= before.compiles + 3 * piecewise.PIECES
    assert len(set(losses.tolist())) == 3


def test_where_the_same_bits_are_needed_everything_is_compiled():
    episodes(torchlike, 12, (12, 9, 14, 11))
    before = stats().cold
    with cold.compiled():
        episodes(torchlike, 12, (13, 10))
    assert stats().cold == before


def test_the_log_tells_of_it(monkeypatch, capsys):
    episodes(torchlike, 11, (12, 9, 14))
    monkeypatch.setattr(_config, "log_topics", frozenset({"compile"}))
    episodes(torchlike, 11, (13,))
    assert re.search(r"run \d+ ops in \d+ pieces at .*test_c", capsys.readouterr().err)


def test_what_is_met_often_is_compiled(monkeypatch):
    episodes(torchlike, 8, (12, 9, 14))
    monkeypatch.setattr(cold, "ENOUGH", 1)
    before = stats()
    first, again = (episodes(torchlike, 8, (11,)) for _ in range(2))
    assert stats().cold == before.cold + 1
    assert stats().compiles > before.compiles
    for one, other in zip(first, again, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_gradients_and_what_is_held_are_there():
    def kept(m):
        held = []
        made = episodes(
            m, 9, LENGTHS, lambda model, loss: held.append(model[2].bias.grad.clone())
        )
        return *made, *held

    before = stats().cold
    compare(kept)
    assert stats().cold > before


def test_a_training_on_other_shapes_is_compiled():
    """It meets them again; nearly every operation would be a program of its own."""
    nn, before = torchlike.nn, stats()
    layers = [layer for _ in range(20) for layer in (nn.Linear(5, 5), nn.Tanh())]
    model = nn.Sequential(*layers)
    optimizer = torchlike.optim.SGD(model.parameters(), lr=0.1)
    for size in range(3, 10):
        optimizer.zero_grad()
        loss = model(torchlike.ones(size, 5)).sum()
        loss.backward()
        optimizer.step()
        loss.item()
    assert stats().cold == before.cold
    assert stats().compiles >= before.compiles + 7


def test_settings_that_operations_read_are_heeded():
    def step(length):
        x = torchlike.zeros(())
        for i in range(length):
            x = (x + i) * torchlike.tensor(2.0).sin()
        return x.sum() * torchlike.ones(1)

    lengths = (40, 50, 45, 42, 48)
    for length in lengths:
        step(length).item()
    torchlike.set_default_dtype(torchlike.float64)
    try:
        assert all(step(n).dtype == torchlike.float64 for n in lengths)
        assert np.isfinite(step(43).item())
    finally:
        torchlike.set_default_dtype(torchlike.float32)


def test_an_error_in_a_piece_leaves_everything_pending(monkeypatch):
    episodes(torchlike, 10, (12, 9, 14, 11))
    compiled = piecewise._run

    def fails(*args):
        raise MemoryError("in a piece")

    monkeypatch.setattr(piecewise, "_run", fails)
    with pytest.raises(MemoryError, match="in a piece"):
        episodes(torchlike, 10, (17,))
    monkeypatch.setattr(piecewise, "_run", compiled)
    episodes(torchlike, 10, (17,))
