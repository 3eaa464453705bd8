"""Every scheduler beside PyTorch's, for fifty steps."""

from __future__ import annotations

import copy
import pickle
import warnings

import pytest
import torch

import torchlike


def halves(epoch):
    return 0.97**epoch


class Decay:
    """A callable object: its attributes go into state_dict."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, epoch):
        return self.rate**epoch


def wave(x):
    return 1 / (1 + x)


CASES = [
    ("LambdaLR", {"lr_lambda": halves}),
    ("LambdaLR", {"lr_lambda": [Decay(0.9), halves]}),
    ("MultiplicativeLR", {"lr_lambda": lambda epoch: 0.95}),
    ("StepLR", {"step_size": 7, "gamma": 0.5}),
    ("MultiStepLR", {"milestones": [3, 9, 9, 30], "gamma": 0.3}),
    ("ConstantLR", {"factor": 0.25, "total_iters": 6}),
    ("LinearLR", {"start_factor": 0.2, "end_factor": 0.9, "total_iters": 12}),
    ("LinearLR", {}),
    ("ExponentialLR", {"gamma": 0.93}),
    ("PolynomialLR", {"total_iters": 20, "power": 2.0}),
    ("CosineAnnealingLR", {"T_max": 11, "eta_min": 0.001}),
    ("CosineAnnealingLR", {"T_max": 100}),
    ("CosineAnnealingWarmRestarts", {"T_0": 5, "T_mult": 2, "eta_min": 0.01}),
    ("CosineAnnealingWarmRestarts", {"T_0": 7}),
    ("CyclicLR", {"base_lr": 0.01, "max_lr": 0.2, "step_size_up": 6}),
    (
        "CyclicLR",
        {
            "base_lr": [0.01, 0.02],
            "max_lr": [0.1, 0.3],
            "step_size_up": 4,
            "step_size_down": 9,
            "mode": "triangular2",
        },
    ),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "mode": "exp_range", "gamma": 0.9}),
    ("CyclicLR", {"base_lr": 0.1, "max_lr": 1.0, "scale_fn": wave, "step_size_up": 5}),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 60}),
    ("OneCycleLR", {"max_lr": [0.5, 0.7], "epochs": 6, "steps_per_epoch": 10}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 60, "three_phase": True}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 55, "anneal_strategy": "linear"}),
    ("OneCycleLR", {"max_lr": 1.0, "total_steps": 55, "cycle_momentum": False}),
]
IDS = [f"{i}-{name}" for i, (name, _) in enumerate(CASES)]
SIDES = (torchlike, torch)


def make_optimizer(package, name="SGD", **options):
    params = [package.tensor([0.0, 0.0], requires_grad=True) for _ in range(2)]
    groups = [{"params": params[:1]}, {"params": params[1:], "lr": 0.05}]
    options = options or ({"momentum": 0.9} if name == "SGD" else {})
    return getattr(package.optim, name)(groups, lr=0.1, **options)


def make(package, optimizer, name, options):
    options = copy.deepcopy(options)
    return getattr(package.optim.lr_scheduler, name)(optimizer, **options)


def look(scheduler):
    """What a user sees after a step."""
    keys = ("lr", "momentum", "betas", "initial_lr")
    groups = scheduler.optimizer.param_groups
    return (
        scheduler.get_last_lr(),
        scheduler.last_epoch if hasattr(scheduler, "last_epoch") else None,
        [{k: g[k] for k in keys if k in g} for g in groups],
    )


def run(package, optimizer, scheduler, steps=50):
    seen = [look(scheduler)]
    for _ in range(steps):
        optimizer.step()
        scheduler.step()
        seen.append(look(scheduler))
    return seen


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_fifty_steps(name, options, optimizer):
    seen = []
    for package in SIDES:
        own = make_optimizer(package, optimizer)
        seen.append(run(package, own, make(package, own, name, options)))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_state_dict_moves_both_ways(name, options):
    optimizers = [make_optimizer(package) for package in SIDES]
    schedulers = [
        make(package, own, name, options)
        for package, own in zip(SIDES, optimizers, strict=True)
    ]
    for optimizer, scheduler in zip(optimizers, schedulers, strict=True):
        for _ in range(9):
            optimizer.step()
            scheduler.step()
    ours, theirs = (copy.deepcopy(s.state_dict()) for s in schedulers)
    assert set(ours) == set(theirs)
    pickle.dumps(ours)
    fresh = [make_optimizer(package) for package in SIDES]
    loaded = [
        make(package, own, name, options)
        for package, own in zip(SIDES, fresh, strict=True)
    ]
    loaded[0].load_state_dict(theirs)
    loaded[1].load_state_dict(ours)
    for own, saved in zip(fresh, optimizers, strict=True):
        for group, old in zip(own.param_groups, saved.param_groups, strict=True):
            group.update({k: v for k, v in old.items() if k != "params"})
    seen = [
        run(package, own, scheduler, 20)
        for package, own, scheduler in zip(SIDES, fresh, loaded, strict=True)
    ]
    assert seen[0] == seen[1]


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_resuming_at_an_epoch(name, options):
    seen = []
    for package in SIDES:
        own = make_optimizer(package)
        make(package, own, name, options)
        scheduler = make(package, own, name, options | {"last_epoch": 4})
        seen.append(run(package, own, scheduler, 10))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_stepping_to_an_epoch(name, options):
    seen = []
    for package in SIDES:
        own = make_optimizer(package)
        scheduler = make(package, own, name, options)
        own.step()
        rates = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for epoch in (3, 1, 8, 20):
                scheduler.step(epoch)
                rates.append(scheduler.get_last_lr())
        seen.append(rates)
    assert seen[0] == seen[1]


def build_sequential(module, own):
    return module.SequentialLR(
        own,
        [
            module.LinearLR(own, 0.1, 1.0, 5),
            module.CosineAnnealingLR(own, 20),
            module.ExponentialLR(own, 0.9),
        ],
        milestones=[5, 25],
    )


def build_chained(module, own):
    return module.ChainedScheduler(
        [module.ConstantLR(own, 0.1, 5), module.ExponentialLR(own, 0.9)]
    )


def build_nested(module, own):
    inner = module.ChainedScheduler(
        [module.ConstantLR(own, 0.5, 3), module.StepLR(own, 4)]
    )
    return module.SequentialLR(own, [inner, module.ExponentialLR(own, 0.9)], [8])


@pytest.mark.parametrize("build", [build_sequential, build_chained, build_nested])
def test_composed(build):
    seen, states = [], []
    for package in SIDES:
        own = make_optimizer(package)
        scheduler = build(package.optim.lr_scheduler, own)
        first = run(package, own, scheduler, 12)
        state = scheduler.state_dict()
        states.append(state)
        again = build(package.optim.lr_scheduler, make_optimizer(package))
        again.load_state_dict(copy.deepcopy(state))
        for group, old in zip(
            again.optimizer.param_groups, own.param_groups, strict=True
        ):
            group["lr"] = old["lr"]
        seen.append((first, run(package, again.optimizer, again, 30)))
    assert seen[0] == seen[1]
    assert states[0] == states[1]


PLATEAU = [
    {"patience": 2},
    {"patience": 1, "cooldown": 3, "factor": 0.5, "min_lr": [0.02, 0.03]},
    {"patience": 2, "mode": "max", "threshold_mode": "abs", "threshold": 0.1},
    {"patience": 0, "mode": "max", "min_lr": 0.01},
    {"patience": 3, "threshold_mode": "abs"},
]
LOSSES = [5, 4, 4, 4.5, 3.99, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 2, 2, 9, 9, 9, 1]


@pytest.mark.parametrize("options", PLATEAU)
def test_plateau(options):
    seen = []
    for package in SIDES:
        own = make_optimizer(package)
        scheduler = package.optim.lr_scheduler.ReduceLROnPlateau(own, **options)
        rates = []
        for i, loss in enumerate(LOSSES * 2):
            own.step()
            scheduler.step(package.tensor(loss) if i % 2 else loss)
            rates.append((scheduler.get_last_lr(), scheduler.num_bad_epochs))
            if i == 12:
                state = scheduler.state_dict()
                scheduler = package.optim.lr_scheduler.ReduceLROnPlateau(own)
                scheduler.load_state_dict(state)
        seen.append(rates)
    assert seen[0] == seen[1]


def warnings_of(function):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    return [(w.category, str(w.message).split()) for w in caught]


def order(package, how):
    own = make_optimizer(package)
    scheduler = package.optim.lr_scheduler.StepLR(own, 2)
    if how == "replaced":
        own.step = lambda: None
    if how in ("right", "get_lr"):
        own.step()
    if how == "get_lr":
        scheduler.get_lr()
    scheduler.step(3 if how == "epoch" else None)
    scheduler.step()


@pytest.mark.parametrize("how", ["right", "wrong", "replaced", "epoch", "get_lr"])
def test_warnings(how):
    ours, theirs = (warnings_of(lambda p=p: order(p, how)) for p in SIDES)
    assert ours == theirs


def step_often(scheduler):
    for _ in range(9):
        scheduler.step()


ERRORS = [
    lambda m, o: m.LambdaLR(o, [halves]),
    lambda m, o: m.MultiplicativeLR(o, 3),
    lambda m, o: m.StepLR(object(), 3),
    lambda m, o: m.StepLR(o, 3, last_epoch=2),
    lambda m, o: m.ConstantLR(o, 2.0),
    lambda m, o: m.LinearLR(o, 0.0),
    lambda m, o: m.LinearLR(o, 0.5, 2.0),
    lambda m, o: m.CosineAnnealingWarmRestarts(o, 0),
    lambda m, o: m.CosineAnnealingWarmRestarts(o, 3, 0),
    lambda m, o: m.CosineAnnealingWarmRestarts(o, 3, eta_min="a"),
    lambda m, o: m.CosineAnnealingWarmRestarts(o, 3).step(-1),
    lambda m, o: m.CyclicLR(o, [0.1], 1.0),
    lambda m, o: m.CyclicLR(o, 0.1, 1.0, mode="square"),
    lambda m, o: m.OneCycleLR(o, 1.0),
    lambda m, o: m.OneCycleLR(o, 1.0, total_steps=-2),
    lambda m, o: m.OneCycleLR(o, 1.0, epochs=1.5, steps_per_epoch=2),
    lambda m, o: m.OneCycleLR(o, 1.0, epochs=1, steps_per_epoch=0),
    lambda m, o: m.OneCycleLR(o, 1.0, total_steps=3, pct_start=2.0),
    lambda m, o: m.OneCycleLR(o, 1.0, total_steps=3, anneal_strategy="up"),
    lambda m, o: step_often(m.OneCycleLR(o, 1.0, total_steps=3)),
    lambda m, o: m.SequentialLR(o, [], []),
    lambda m, o: m.SequentialLR(o, [m.StepLR(o, 2)], [3]),
    lambda m, o: m.SequentialLR(o, [m.ReduceLROnPlateau(o)], []),
    lambda m, o: m.ChainedScheduler([]),
    lambda m, o: m.ChainedScheduler([m.ReduceLROnPlateau(o)]),
    lambda m, o: m.ChainedScheduler([object()], o),
    lambda m, o: m.ReduceLROnPlateau(o, factor=1.0),
    lambda m, o: m.ReduceLROnPlateau(o, mode="up"),
    lambda m, o: m.ReduceLROnPlateau(o, threshold_mode="up"),
    lambda m, o: m.ReduceLROnPlateau(o, min_lr=[0.1]),
]


@pytest.mark.parametrize("wrong", ERRORS)
def test_errors(wrong):
    raised = []
    for package in SIDES:
        with pytest.raises(Exception) as error:  # noqa: PT011
            wrong(package.optim.lr_scheduler, make_optimizer(package))
        raised.append((error.type, str(error.value)))
    assert raised[0] == raised[1]


def test_momentum_needs_an_optimizer_that_has_it():
    for package in SIDES:
        own = package.optim.Adagrad([package.tensor([0.0, 0.0], requires_grad=True)])
        with pytest.raises(ValueError, match="must support momentum or beta1"):
            package.optim.lr_scheduler.CyclicLR(own, 0.1, 1.0)


@pytest.mark.parametrize("name", ["StepLR", "CosineAnnealingLR", "LinearLR"])
def test_lr_as_tensor_is_filled(name):
    rates = []
    for package in SIDES:
        x = package.tensor([0.0, 0.0], requires_grad=True)
        rate = package.tensor(0.1)
        own = package.optim.SGD([x], lr=rate)
        extra = {"LinearLR": []}.get(name, [3])
        scheduler = getattr(package.optim.lr_scheduler, name)(own, *extra)
        for _ in range(7):
            own.step()
            scheduler.step()
        assert own.param_groups[0]["lr"] is rate
        rates.append([float(rate), float(scheduler.get_last_lr()[0])])
    assert rates[0] == pytest.approx(rates[1], rel=1e-6)
