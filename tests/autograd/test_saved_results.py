"""Ops that keep their result for the backward, as PyTorch does."""

import numpy as np
import pytest
import torch

import torchlike
from torchlike import _config
from torchlike._engine import stats

BOTH = torch, torchlike
OPS = {
    "relu": lambda t, x: x.relu(),
    "relu, inplace": lambda t, x: t.nn.functional.relu(x * 1, inplace=True),
    "relu_": lambda t, x: (x * 1).relu_(),
    "softmax": lambda t, x: x.softmax(-1),
    "softmax, first": lambda t, x: x.softmax(0),
    "softmax, wide": lambda t, x: x.softmax(-1, dtype=t.float64),
    "softmax of one": lambda t, x: x[0, 0].softmax(0),
    "log_softmax": lambda t, x: x.log_softmax(1),
    "log_softmax of one": lambda t, x: x[0, 1].log_softmax(-1),
    "sigmoid": lambda t, x: x.sigmoid(),
    "tanh": lambda t, x: x.tanh(),
}
PLACES = [[-1.5, 0.0, 2.0, 0.3], [-0.0, 4.0, -3.0, 1.0]]
# Half precisions have 8 or 11 bits.
LOOSE = {"bfloat16": 2e-2, "float16": 2e-3, "float32": 1e-6, "float64": 1e-12}


@pytest.mark.parametrize("dtype", LOOSE)
@pytest.mark.parametrize("name", OPS)
def test_gradients(name, dtype):
    def gradients(t):
        x = t.tensor(PLACES, dtype=getattr(t, dtype), requires_grad=True)
        y = OPS[name](t, x)
        loss = (y * y * t.arange(1, 5)).sum()
        (first,) = t.autograd.grad(loss, x, create_graph=True)
        (second,) = t.autograd.grad((first * first).sum(), x)
        assert first.dtype == second.dtype == x.dtype
        return [z.detach().double().numpy() for z in (y, first, second)]

    loose = LOOSE[dtype]
    if dtype in ("bfloat16", "float16"):
        loose *= 4  # the gradient and its gradient round several times
    for expected, got in zip(*map(gradients, BOTH), strict=True):
        np.testing.assert_allclose(got, expected, rtol=loose, atol=loose)


@pytest.mark.parametrize("name", ("sigmoid", "tanh"))
def test_complex_gradients(name):
    def gradient(t):
        x = t.tensor([0.3 + 1j, -1 - 0.2j], requires_grad=True)
        (OPS[name](t, x).abs() ** 2).sum().backward()
        return x.grad.numpy()

    np.testing.assert_allclose(*[gradient(t) for t in BOTH], rtol=1e-5)


@pytest.mark.parametrize("name", ("relu", "softmax", "log_softmax", "sigmoid", "tanh"))
def test_hooks_see_the_result(name):
    def packed(t):
        seen = []
        x = t.tensor(PLACES, requires_grad=True)
        hooks = t.autograd.graph.saved_tensors_hooks(
            lambda y: seen.append(y.detach().numpy()) or y, lambda y: y
        )
        with hooks:
            y = OPS[name](t, x)
        y.sum().backward()
        return [*seen, x.grad.numpy()]

    for expected, got in zip(*map(packed, BOTH), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_a_second_backward_is_refused():
    def told(t):
        y = t.tensor(PLACES, requires_grad=True).tanh().sum()
        y.backward()
        with pytest.raises(RuntimeError, match="a second time"):
            y.backward()

    for t in BOTH:
        told(t)


def test_writes_after_the_call_do_not_matter():
    """What is saved is the result as it was."""
    x = torchlike.tensor(PLACES, requires_grad=True)
    y = x.sigmoid()
    (y * 3).sum().backward(retain_graph=True)
    before = x.grad.clone()
    with torchlike.no_grad():
        x.zero_()
    x.grad = None
    (y * 3).sum().backward()
    assert x.grad.tolist() == before.tolist()


@pytest.mark.skipif(_config.flush_every_op, reason="looks at what a flush keeps")
def test_what_is_kept_between_forward_and_backward(capsys, monkeypatch):
    """A loss read before its backward: of each layer its activation, no more."""
    net = torchlike.nn.Sequential(
        *[torchlike.nn.Sequential(torchlike.nn.Linear(5, 5), torchlike.nn.ReLU())] * 3
    )
    x = torchlike.randn(4, 5)

    def step():
        loss = net(x).square().mean()
        loss.item()
        loss.backward()
        net.zero_grad()

    for _ in range(3):
        step()
    monkeypatch.setattr(_config, "log_topics", frozenset({"flush"}))
    compiled = stats().compiles
    step()
    assert stats().compiles == compiled
    (line,) = [s for s in capsys.readouterr().err.splitlines() if "(item)" in s]
    assert " 8 ops, 4 live" in line
