"""What a module costs: no reference cycles, no look-ups, a flush where promised."""

from __future__ import annotations

import gc
import os
import weakref

import pytest
import torch as reference

import torchlike as torch
from torchlike import _engine, nn

from ._both import check


def test_freed_without_the_collector():
    gc.collect()
    gc.disable()
    try:
        net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
        loss = net(torch.ones(3, 2)).sum()
        loss.backward()
        loss.item()  # what is recorded and not yet run may hold the parameters
        alive = [weakref.ref(x) for x in (net, net[0], net[0].weight, net[1])]
        del net, loss
        assert [ref() for ref in alive] == [None] * 4
    finally:
        gc.enable()


def test_parameters_are_plain_attributes():
    layer = nn.Linear(2, 2)
    assert layer.__dict__["weight"] is layer._parameters["weight"]
    assert not hasattr(nn.Linear, "__getattr__")
    layer._parameters["weight"] = nn.Parameter(torch.zeros(2, 2))
    assert layer.__dict__["weight"] is layer._parameters["weight"]


counts_flushes = pytest.mark.skipif(
    os.environ.get("TORCHLIKE_FLUSH") == "every", reason="counts flushes"
)


@counts_flushes
def test_outermost_call_without_grad_is_a_boundary():
    """A large one flushes at once, a small one before the next or with what is read."""
    small, large = nn.Linear(2, 2), nn.Sequential(*(nn.Linear(2, 2) for _ in range(40)))
    x = torch.ones(1, 2)
    with torch.no_grad():
        before = _engine.stats().flushes
        held = [large(x)]
        assert _engine.stats().flushes == before + 1
        held.append(small(x))
        assert _engine.stats().flushes == before + 1
        held.append(small(x))
        assert _engine.stats().flushes == before + 2
        held[-1].argmax(1).item()
        assert _engine.stats().flushes == before + 3
        held.append(small(x))
        assert _engine.stats().flushes == before + 3


@counts_flushes
def test_calls_with_grad_do_not_flush():
    net = nn.Linear(2, 2)
    x = torch.ones(1, 2)
    net(x).sum().item()
    before = _engine.stats().flushes
    y = net(net(x))
    assert _engine.stats().flushes == before
    del y


def test_isinstance_is_as_in_pytorch():
    for t in (torch, reference):
        p = t.nn.Parameter(t.ones(1))
        assert isinstance(p, t.Tensor) and isinstance(p, t.nn.Parameter)
        assert not isinstance(t.ones(1), t.nn.Parameter)
        assert not isinstance(3, t.nn.Parameter)
        assert isinstance(t.nn.ReLU(), t.nn.Module)
        assert issubclass(t.nn.ReLU, t.nn.Module)


def test_lazy_modules():
    def run(t):
        net = t.nn.Sequential(t.nn.LazyLinear(3), t.nn.LazyBatchNorm1d())
        texts = [repr(net), repr(net[0].weight)]
        errors = []
        for attempt in (
            lambda: net[0].weight.shape,
            lambda: t.nn.Linear(2, 3).load_state_dict(net[0].state_dict()),
        ):
            try:
                attempt()
            except RuntimeError as error:
                errors.append(str(error))
        net.double()
        net(t.ones(4, 2, dtype=t.float64))
        return [texts, errors, repr(net), type(net[0]).__name__, net[0].weight.dtype]

    check(run, with_warnings=False)


def test_lazy_module_takes_shapes_from_a_state_dict():
    def run(t):
        net = t.nn.LazyLinear(3)
        net.load_state_dict(t.nn.Linear(2, 3).state_dict())
        return net(t.ones(1, 2)).shape

    check(run, with_warnings=False)
