"""The short way of a call reaches the states that the long way explored."""

import threading
import time

import pytest
import torch as real

import torchlike as torch
from torchlike import _config, _engine
from torchlike._engine.record import here
from torchlike.autograd import short

pytestmark = pytest.mark.skipif(
    _config.flush_every_op,
    reason="with a flush after each op all calls go the long way",
)

ENOUGH = 8  # seconds


def step(torch, x, w):
    hidden = (x @ w).relu() * 2 + 0.5
    loss = (hidden.view(-1)[1:] - torch.ones(5)).square().mean()
    loss.backward()
    grad, w.grad = w.grad, None
    return loss.item(), grad.tolist()


def test_both_ways_agree():
    data = [[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]]
    weights = [[0.1, 0.2, -0.3], [0.4, 0.5, 0.6], [-0.7, 0.8, 0.9]]

    def run(torch):
        x, w = torch.tensor(data), torch.tensor(weights, requires_grad=True)
        return [step(torch, x, w) for _ in range(3)]

    ours = run(torch)
    states = _engine.cache_sizes()["states"]
    here.allow_short_way(False)
    try:
        long = run(torch)
    finally:
        here.allow_short_way(True)
    assert long == ours
    assert _engine.cache_sizes()["states"] == states
    loss, grad = run(real)[-1]
    assert ours[-1][0] == pytest.approx(loss, rel=1e-6)
    assert ours[-1][1] == [pytest.approx(row, rel=1e-5) for row in grad]


def test_a_known_call_takes_it(monkeypatch):
    x = torch.ones(3)
    (x.neg().abs()).tolist()
    monkeypatch.setitem(short._names, "long", None)
    assert x.neg().abs().tolist() == [1.0] * 3


def test_another_thread_reads_while_this_one_records():
    """A claim waits for the op being recorded, and recording for the claim."""
    shared, wrong, done = [], [], threading.Event()

    def reader():
        while not done.is_set():
            for value, tensor in shared[-3:]:
                if tensor.item() != value:
                    wrong.append((value, tensor))

    thread = threading.Thread(target=reader)
    thread.start()
    try:
        total, end = torch.zeros(()), time.monotonic() + ENOUGH
        while len(shared) < 100 or len(shared) < 2000 and time.monotonic() < end:
            total = total + 1
            shared.append((len(shared) + 1.0, total * 1.0))
    finally:
        done.set()
        thread.join()
    assert total.item() == len(shared)
    assert not wrong
