"""Averaged models and SWA's scheduler beside PyTorch's."""

from __future__ import annotations

import importlib

import pytest
import torch

import torchlike
from tests.optim._sides import assert_same

SIDES = (torchlike, torch)


def swa(package):
    return importlib.import_module(f"{package.__name__}.optim.swa_utils")


def network(package):
    """Two layers with the same weights on both sides."""
    nn = package.nn
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    with package.no_grad():
        for i, p in enumerate(model.parameters()):
            p.copy_(values(package, p.shape, i))
    return model


def values(package, shape, seed):
    n = int(torch.Size(tuple(shape)).numel())
    numbers = [((7 * k + 3 * seed) % 11 - 5) / 5 for k in range(n)]
    return package.tensor(numbers).reshape(tuple(shape))


def change(package, model, seed):
    with package.no_grad():
        for i, p in enumerate(model.parameters()):
            p.add_(values(package, p.shape, seed + i))
        for b in model.buffers():
            b.add_(1)


def averages(package, options):
    options = {
        k: getattr(swa(package), v[0])(*v[1:]) if isinstance(v, tuple) else v
        for k, v in options.items()
    }
    model = network(package)
    averaged = swa(package).AveragedModel(model, **options)
    for seed in range(5):
        change(package, model, seed)
        averaged.update_parameters(model)
    return averaged.state_dict()


OPTIONS = [
    {},
    {"use_buffers": True},
    {"avg_fn": ("get_ema_avg_fn", 0.9)},
    {"avg_fn": ("get_swa_avg_fn",)},
    {"multi_avg_fn": ("get_ema_multi_avg_fn", 0.9)},
    {"multi_avg_fn": ("get_ema_multi_avg_fn", 0.3)},
    {"multi_avg_fn": ("get_swa_multi_avg_fn",)},
    {"multi_avg_fn": ("get_ema_multi_avg_fn", 0.9), "use_buffers": True},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_averages(options):
    ours, theirs = (averages(package, options) for package in SIDES)
    assert list(ours) == list(theirs)
    for name, value in theirs.items():
        assert_same(ours[name], value, "float32")


def test_the_count_may_be_reset():
    model = network(torchlike)
    averaged = swa(torchlike).AveragedModel(model)
    averaged.update_parameters(model)
    change(torchlike, model, 1)
    averaged.n_averaged.zero_()
    averaged.update_parameters(model)
    for p, q in zip(averaged.module.parameters(), model.parameters(), strict=True):
        assert p.tolist() == q.tolist()
    assert int(averaged.n_averaged) == 1


def test_update_bn():
    seen = []
    for package in SIDES:
        model = network(package).eval()
        batches = [values(package, (6, 3), i) for i in range(3)]
        swa(package).update_bn([[b] for b in batches], model)
        assert not model.training
        assert model[1].momentum == 0.1
        seen.append(model.state_dict())
    for name, value in seen[1].items():
        assert_same(seen[0][name], value, "float32")


@pytest.mark.parametrize(
    "options",
    [
        {"swa_lr": 0.05},
        {"swa_lr": [0.05, 0.2], "anneal_epochs": 5, "anneal_strategy": "linear"},
        {"swa_lr": 0.05, "anneal_epochs": 0},
    ],
)
def test_swalr(options):
    seen = []
    for package in SIDES:
        params = [package.tensor([1.0], requires_grad=True) for _ in range(2)]
        groups = [{"params": params[:1]}, {"params": params[1:], "lr": 0.3}]
        own = package.optim.SGD(groups, lr=0.1)
        scheduler = swa(package).SWALR(own, **options)
        rates = []
        for i in range(14):
            own.step()
            scheduler.step()
            rates.append(scheduler.get_last_lr())
            if i == 6:
                state = scheduler.state_dict()
                scheduler = swa(package).SWALR(own, swa_lr=options["swa_lr"])
                scheduler.load_state_dict(state)
        seen.append((rates, set(state)))
    assert seen[0] == seen[1]


def test_errors():
    for package in SIDES:
        module = swa(package)
        own = package.optim.SGD([package.tensor([1.0], requires_grad=True)], lr=0.1)
        with pytest.raises(ValueError, match="Invalid decay value 2"):
            module.get_ema_avg_fn(2)
        with pytest.raises(ValueError, match="anneal_strategy must be one of"):
            module.SWALR(own, 0.1, anneal_strategy="up")
        with pytest.raises(ValueError, match="equal or greater than 0, got -1"):
            module.SWALR(own, 0.1, anneal_epochs=-1)
        with pytest.raises(AssertionError, match="Only one of avg_fn"):
            module.AveragedModel(network(package), avg_fn=min, multi_avg_fn=min)
