"""functional_call and DataParallel, run with both libraries."""

from __future__ import annotations

import pytest
import torch

import torchlike

from ._both import outcome as run
from ._both import same


def call(library):
    if library is torch:
        return torch.func.functional_call
    return torchlike.nn.utils.stateless.functional_call


def net(t):
    t.manual_seed(0)
    made = t.nn.Sequential(t.nn.Linear(2, 2), t.nn.BatchNorm1d(2), t.nn.Linear(2, 2))
    made[2].weight = made[0].weight
    return made.eval()


def replaced(t):
    module, weight = net(t), t.ones(2, 2, requires_grad=True)
    out = call(t)(module, {"0.weight": weight}, (t.ones(1, 2),))
    out.sum().backward()
    kept = module[0].weight is module[2].weight
    return [out, weight.grad, module[0].weight.grad, kept, module[0].weight]


def buffers_and_keywords(t):
    tensors = {"1.running_mean": t.ones(2)}, {"0.bias": t.zeros(2)}
    return call(t)(net(t), tensors, None, {"input": t.ones(1, 2)})


def untied(t):
    tensors = {"0.weight": t.ones(2, 2)}
    return call(t)(net(t), tensors, t.ones(1, 2), tie_weights=False)


def unknown_names(t):
    results = []
    for name in ("0.nope", "zz.x", "nope"):
        for strict in (False, True):
            module = net(t)
            try:
                tensors = {name: t.ones(1)}
                results.append(call(t)(module, tensors, t.ones(1, 2), strict=strict))
            except (AttributeError, RuntimeError) as error:
                results.append([type(error).__name__, str(error)])
            results.append(hasattr(module, "nope") or hasattr(module[0], "nope"))
    return results


def restored_after_an_error(t):
    module = net(t)
    try:
        call(t)(module, {"0.bias": t.zeros(2)}, t.ones(1, 5))
    except RuntimeError:
        return module[0].bias


def data_parallel(t):
    module = t.nn.DataParallel(net(t))
    return [module, list(module.state_dict()), module(t.ones(1, 2))]


@pytest.mark.parametrize(
    "function",
    [
        replaced,
        buffers_and_keywords,
        untied,
        unknown_names,
        restored_after_an_error,
        data_parallel,
    ],
    ids=lambda f: f.__name__,
)
def test_same_as_pytorch(function):
    same(run(function, torchlike)[0], run(function, torch)[0])
