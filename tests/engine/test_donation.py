"""Outputs take over the memory of inputs: PyTorch's numbers, and no copies."""

from __future__ import annotations

import re

import pytest

import torchlike
from torchlike import _config
from torchlike._engine import cache

from ..programs_beside import compare

needs_traces = pytest.mark.skipif(
    _config.flush_every_op, reason="a flush after every op leaves nothing to pair"
)


def network(lib, width: int):
    sizes = (40, width, width, 10)
    layers = []
    for i, o in zip(sizes, sizes[1:], strict=False):
        layers += [lib.nn.Linear(i, o), lib.nn.ReLU()]
    return lib.nn.Sequential(*layers[:-1])


def train(lib, width=144, name="Adam", micro=1, steps=4):
    """Some steps; each of ``micro`` backwards; all that is left afterwards."""
    lib.manual_seed(0)
    model = network(lib, width)
    # With its usual eps RMSprop would divide the rounding of tiny gradients by itself.
    options = {"eps": 1e-3} if name == "RMSprop" else {}
    optimizer = getattr(lib.optim, name)(model.parameters(), lr=1e-3, **options)
    x = lib.randn(micro, 16, 40)
    y = lib.randint(0, 10, (micro, 16))
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        for i in range(micro):
            loss = lib.nn.functional.cross_entropy(model(x[i]), y[i])
            loss.backward()
        optimizer.step()
        losses.append(loss.item())
    state = [v for s in optimizer.state.values() for v in s.values()]
    params = list(model.parameters())
    return [*params, *(p.grad for p in params), *state]


RULES = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "NAdam")


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("micro", [1, 3])
def test_training(name, micro):
    """What is donated is not read any more, and each output is where it belongs."""
    compare(lambda lib: train(lib, name=name, micro=micro), 1e-5)


def kept(lib):
    """Old parameters and moments that somebody holds stay what they were."""
    lib.manual_seed(0)
    model = network(lib, 144)
    optimizer = lib.optim.Adam(model.parameters())
    x = lib.randn(16, 40)
    held = []
    for _ in range(3):
        optimizer.zero_grad()
        model(x).square().sum().backward()
        held += [p.detach().clone() for p in model.parameters()]
        before = model[2].weight.data
        held.append(before * 2)
        optimizer.step()
    return held


def in_place(lib):
    """Tensors that are written in place, the old ones read before."""
    x = lib.arange(4096.0).view(64, 64)
    for i in range(5):
        y = x.sum(0)
        x[i] = y
        x += 1
        x.mul_(0.5)
        assert x.sum().item() > 0
    return [x, y]


@pytest.mark.parametrize("program", [kept, in_place])
def test_what_is_held(program):
    compare(program, 1e-5)


@needs_traces
@pytest.mark.parametrize("micro", [1, 3])
def test_no_copies(micro, monkeypatch):
    """A step in a width not met yet copies no parameter and no moment."""
    monkeypatch.setattr(_config, "cache_folder", None)
    width = 150 + micro
    train(torchlike, width, micro=micro, steps=6)
    texts = [
        text
        for program in set(cache.served.values())
        if f"f32[{width},{width}]" in (text := program.call.as_text())
    ]
    assert any("input_output_alias" in text for text in texts)
    for text in texts:
        assert not re.findall(rf"= f32\[{width},{width}\]\S* copy\(", text)
