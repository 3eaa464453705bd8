"""Gradients of several backwards: where programs end, and that numbers are the same."""

from __future__ import annotations

import pytest
import torch as real

import torchlike as torch
from torchlike import _config, _engine

every_op = pytest.mark.skipif(
    _config.flush_every_op, reason="with a flush after every op there is no trace"
)


def made(lib):
    lib.manual_seed(0)
    model = lib.nn.Sequential(
        lib.nn.Linear(6, 5), lib.nn.Tanh(), lib.nn.Dropout(0.2), lib.nn.Linear(5, 3)
    )
    optimizer = lib.optim.Adam(model.parameters(), lr=0.01)
    x, y = lib.randn(4, 7, 6), lib.randint(0, 3, (4, 7))
    return model, optimizer, x, y


def accumulate(lib, model, optimizer, x, y, more=lambda model, loss: None):
    """A step of four micro-batches; the total of their losses."""
    optimizer.zero_grad()
    total = 0.0
    for i in range(4):
        loss = lib.nn.functional.cross_entropy(model(x[i]), y[i]) / 4
        loss.backward()
        total += loss.detach()
        more(model, loss)
    lib.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return total.item()


def train(lib, **kwargs):
    given = made(lib)
    totals = [accumulate(lib, *given, **kwargs) for _ in range(5)]
    return totals, [p.tolist() for p in given[0].parameters()]


def assert_equal(ours, theirs):
    torch.testing.assert_close(
        torch.tensor(ours[0]), torch.tensor(theirs[0]), rtol=1e-5, atol=1e-6
    )
    for a, b in zip(ours[1], theirs[1], strict=True):
        torch.testing.assert_close(
            torch.tensor(a), torch.tensor(b), rtol=1e-4, atol=1e-5
        )


def test_numbers():
    assert_equal(train(torch), train(real))


def test_numbers_with_a_loss_kept_on_the_graph():
    """``total += loss`` after a backward, and a penalty on parameters before it."""

    def run(lib):
        kept = []

        def more(model, loss):
            kept.append(sum(kept, loss))
            sum(p.square().sum() for p in model.parameters()).mul(0.1).backward()

        return train(lib, more=more)

    assert_equal(run(torch), run(real))


def triggers(step) -> dict[str, int]:
    """Those of the third step."""
    for _ in range(2):
        step()
    before = _engine.stats().triggers.copy()
    compiles = _engine.stats().compiles
    step()
    assert _engine.stats().compiles == compiles
    return {k: n for k, n in (_engine.stats().triggers - before).items() if n}


@every_op
def test_a_micro_batch_is_a_program():
    given = made(torch)
    found = triggers(lambda: accumulate(torch, *given))
    assert found == {"second forward": 3, "optimizer.step": 1}


@every_op
def test_no_parameter_no_new_program():
    """What is done with a loss after its backward belongs to the same program."""
    model, optimizer, x, y = made(torch)
    total = 0.0

    def step():
        nonlocal total
        loss = torch.nn.functional.cross_entropy(model(x[0]), y[0])
        optimizer.zero_grad()
        loss.backward()
        total = loss * 2  # on the graph
        with torch.no_grad():
            norm = sum(p.square().sum() for p in model.parameters())
        optimizer.step()
        return (total + norm).item()

    assert triggers(step) == {"optimizer.step": 1, "item": 1}


@every_op
def test_two_losses_of_one_forward():
    """The second backward ends a program, as there is no second forward."""
    w = torch.ones(3, requires_grad=True)

    def step():
        w.grad = None
        out = w * 2
        out.sum().backward(retain_graph=True)
        out.square().sum().backward()
        return w.grad.tolist()

    assert triggers(step) == {"second backward": 1, "read": 1}
    assert step() == [10.0] * 3
