"""What is recorded before the first forward does not make the step compile twice."""

from __future__ import annotations

import numpy as np
import pytest

import torchlike
from tests.programs_beside import compare
from torchlike import _config
from torchlike._engine import opening, stats

recorded = pytest.mark.skipif(
    _config.flush_every_op, reason="nothing is recorded together"
)


def train(m, layers, size, *, prefix=False, first=False, loader=False, steps=4):
    """A loop that calls ``zero_grad`` after the forward, or ``first``; its losses."""
    net = m.nn.Sequential(*[m.nn.Linear(size, size) for _ in range(layers)])
    optimizer = m.optim.SGD(net.parameters(), lr=0.1)
    x, losses = m.arange(2.0 * size).reshape(2, size).sin(), []
    data = m.utils.data.TensorDataset(m.tensor(np.ones((2, size), np.float32)))
    for _ in range(steps):
        if loader:
            (x,) = next(iter(m.utils.data.DataLoader(data, batch_size=2)))
        if first:
            optimizer.zero_grad()
        loss = (net(x * 2 if prefix else x) ** 2).mean()
        if not first:
            optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def counts(**options):
    """How many programs a loop compiled, and how often its forward was a boundary."""
    before = stats()
    train(torchlike, **options)
    after = stats()
    cuts = after.triggers["forward"] - before.triggers["forward"]
    return after.compiles - before.compiles, cuts


@pytest.mark.parametrize("prefix", [False, True])
@pytest.mark.parametrize("layers", [2, 13])
def test_the_losses_are_those_of_pytorch(layers, prefix):
    compare(lambda m: m.tensor(train(m, layers, 6, prefix=prefix)))


@recorded
def test_data_made_after_the_optimizer_are_a_program_of_their_own():
    assert counts(layers=12, size=7) == (2, 1)
    assert not opening.waiting


@recorded
def test_every_forward_is_a_boundary_if_every_step_has_something_before_it():
    assert counts(layers=12, size=8, prefix=True, steps=6) == (3, 6)
    assert opening.waiting
    assert counts(layers=3, size=8, steps=2)[1] == 0
    assert not opening.waiting


@recorded
@pytest.mark.parametrize("options", [{"first": True}, {"loader": True}])
def test_not_where_another_boundary_comes_before_it(options):
    assert counts(layers=12, size=9, prefix=True, **options)[1] == 0


@recorded
def test_small_models_are_left_alone():
    assert counts(layers=3, size=10) == (2, 0)


@recorded
def test_not_without_gradients():
    net = torchlike.nn.Sequential(*[torchlike.nn.Linear(5, 5) for _ in range(12)])
    torchlike.optim.SGD(net.parameters(), lr=0.1)
    with torchlike.no_grad():
        net(torchlike.ones(5))
    assert opening.waiting
    net(torchlike.ones(5))
    assert not opening.waiting
