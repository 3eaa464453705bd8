"""Gradients of several backwards: where programs end, and that numbers are the same."""

from __future__ import annotations

import pytest
import torch as real

import torchlike as torch
from torchlike import _config, _engine
from torchlike._engine import micro
from torchlike._engine.record import current

every_op = pytest.mark.skipif(
    _config.flush_every_op, reason="with a flush after every op there is no trace"
)


def made(lib, width: int = 5):
    """One that is as wide as no other is new to the engine."""
    lib.manual_seed(0)
    model = lib.nn.Sequential(
        lib.nn.Linear(6, width),
        lib.nn.Tanh(),
        lib.nn.Dropout(0.2),
        lib.nn.Linear(width, 3),
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


def triggers(step, known=2) -> dict[str, int]:
    """Those of a step, after some of the same."""
    for _ in range(known):
        step()
    before = _engine.stats().triggers.copy()
    compiles = _engine.stats().compiles
    step()
    if known:
        assert _engine.stats().compiles == compiles
    return {k: n for k, n in (_engine.stats().triggers - before).items() if n}


@every_op
def test_a_micro_batch_is_a_program_at_first():
    given = made(torch, 7)
    found = triggers(lambda: accumulate(torch, *given), 0)
    assert found["second forward"] == 3 and found["optimizer.step"] == 1


@every_op
def test_small_ones_become_one_program():
    given = made(torch)
    found = triggers(lambda: accumulate(torch, *given), 4)
    assert found == {"optimizer.step": 1}


@every_op
@pytest.mark.parametrize("width, limit", [(8, "_OPS"), (9, "_BYTES"), (10, "_MOST")])
def test_larger_ones_stay_programs(width, limit, monkeypatch):
    monkeypatch.setattr(micro, limit, 1)
    given = made(torch, width)
    found = triggers(lambda: accumulate(torch, *given), 4)
    assert found == {"second forward": 3, "optimizer.step": 1}


def several(lib, counts, lengths):
    """Steps of so many micro-batches, of so many rows each; sums of their losses."""
    lib.manual_seed(0)
    model = lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.Tanh(), lib.nn.Linear(4, 1))
    optimizer = lib.optim.SGD(model.parameters(), lr=0.01)
    data, found, compiles = lib.randn(9, 3), [], []
    for step, count in enumerate(counts):
        optimizer.zero_grad()
        total = 0.0
        for i in range(count):
            rows = lengths[(step + i) % len(lengths)]
            loss = model(data[:rows]).square().mean()
            loss.backward()
            total += loss.detach()
        optimizer.step()
        found.append(total.item())
        compiles.append(_engine.stats().compiles)
    return found, [p.tolist() for p in model.parameters()], compiles


@pytest.mark.parametrize(
    "counts, lengths",
    [
        ([4] * 12, [5]),
        ([4, 4, 3] * 8, [5]),
        ([2, 3, 4, 5, 5, 5, 4, 3, 2] * 3, [5]),
        ([4] * 30, [5, 6, 7]),
        ([4, 4, 4, 3, 5] * 6, [5, 5, 5, 6, 7, 8]),
        ([12] * 8, [5]),
    ],
)
def test_changing_numbers_and_shapes_of_micro_batches(counts, lengths):
    *ours, compiles = several(torch, counts, lengths)
    *theirs, _ = several(real, counts, lengths)
    assert_equal(ours, theirs)
    if not _config.flush_every_op:
        assert compiles[-1] == compiles[2 * len(compiles) // 3]  # nothing new comes


@every_op
def test_a_loop_without_steps_keeps_nothing():
    w = torch.ones(3, requires_grad=True)
    for _ in range(3 * micro._MOST):
        (w * 2).sum().backward()
    assert len(current().micros) <= micro._MOST + 1
    assert w.grad.tolist() == [6.0 * micro._MOST] * 3


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

    assert triggers(step, 0) == {"second backward": 1, "read": 1}
    assert step() == [10.0] * 3
