"""Every optimizer and option beside PyTorch's, for twenty steps."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch

import torchlike
from tests.optim._sides import CASES, DTYPES, Pair, assert_same, draw, make

STEPS = 20
IDS = [f"{name}-{'-'.join(f'{k}={v}' for k, v in o.items())}" for name, o in CASES]


# In half precision PyTorch's eps of 1e-8 may vanish, and a centred mean square may come
# out negative: such cases end in its NaNs. Steps here are taken in float32.
HALF = [
    (name, options)
    for name, options in CASES
    if name in ("SGD", "ASGD", "Rprop")
    or (options.get("eps", 0) in (1e-3, 1e-2) and "centered" not in options)
]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(("name", "options"), HALF)
def test_twenty_steps_in_half_precision(name, options, dtype):
    pair = Pair(name, options, dtype)
    for _ in range(STEPS):
        pair.set_grads()
        pair.step()
    pair.check()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_twenty_steps(name, options, dtype):
    if (name, dtype) == ("Adafactor", "complex64"):
        pytest.skip("PyTorch's Adafactor refuses complex parameters")
    pair = Pair(name, options, dtype)
    for i in range(STEPS):
        pair.set_grads()
        if i == 10:
            pair.set_option("lr", 0.003)
        if i == 15 and "weight_decay" in pair.options():
            pair.set_option("weight_decay", 0.2)
        pair.step()
    pair.check()


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_parameters_without_gradient_are_skipped(name, options):
    pair = Pair(name, options, "float32")
    for without in [(1,), (1,), (), (0, 2), (1,), (), (0, 1, 2), ()]:
        pair.set_grads(without)
        pair.step()
        pair.check()


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_state_dict_moves_both_ways(name, options):
    pair = Pair(name, options, "float32")
    for _ in range(3):
        pair.set_grads()
        pair.step()
    ours, theirs = pair.ours.state_dict(), copy.deepcopy(pair.theirs.state_dict())
    assert ours["param_groups"] == theirs["param_groups"]
    pair.ours.load_state_dict(pair.to_ours(theirs))
    pair.theirs.load_state_dict(pair.to_theirs(ours))
    for _ in range(3):
        pair.set_grads()
        pair.step()
    pair.check()


@pytest.mark.parametrize(("name", "options"), CASES, ids=IDS)
def test_lr_as_tensor(name, options):
    pair = Pair(name, options | {"lr": 0.125}, "float32", lr_tensor=True)
    for i in range(4):
        if i == 2:
            pair.ours.param_groups[0]["lr"].fill_(0.01)
            pair.theirs.param_groups[0]["lr"].fill_(0.01)
        pair.set_grads()
        pair.step()
    pair.check()


def test_groups_have_their_own_options():
    pair = Pair("Adam", {"lr": 0.1}, "float32", groups=True)
    for _ in range(5):
        pair.set_grads()
        pair.step()
    pair.check()


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "NAdam"])
def test_copy_and_pickle_continue_alike(name):
    options = {"momentum": 0.9} if name == "SGD" else {}
    pair = Pair(name, options, "float32")
    for _ in range(3):
        pair.set_grads()
        pair.step()
    for clone in (copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))):
        pair.ours = clone(pair.ours)
        pair.params = pair.ours.param_groups[0]["params"]
        pair.set_grads()
        pair.step()
        pair.check()


def test_state_keeps_its_tensors():
    pair = Pair("Adam", {"amsgrad": True}, "float32")
    pair.set_grads()
    pair.step()
    state = pair.ours.state[pair.params[0]]
    before = dict(state)
    pair.set_grads()
    pair.step()
    assert all(state[name] is before[name] for name in before)
    assert float(before["step"]) == 2.0


def test_user_writes_to_state():
    pair = Pair("Adam", {"lr": 0.1}, "float32")
    for i in range(6):
        pair.set_grads()
        pair.step()
        for state in (pair.ours_state(0), pair.theirs_state(0)):
            if i == 1:
                state["step"].fill_(7.0)
            if i == 2:
                state["exp_avg"].zero_()
        if i == 3:
            pair.ours_state(1)["step"] = torchlike.tensor(2.0)
            pair.theirs_state(1)["step"] = torch.tensor(2.0)
    pair.check()


def test_loaded_steps_may_differ():
    pair = Pair("AdamW", {"lr": 0.1}, "float32")
    for without in [(), (0,), (0, 1)]:
        pair.set_grads(without)
        pair.step()
    pair.ours.load_state_dict(pair.ours.state_dict())
    pair.set_grads()
    pair.step()
    assert [float(pair.ours_state(i)["step"]) for i in range(3)] == [2.0, 3.0, 4.0]
    pair.check()


def test_closure_runs_with_gradients():
    x = torchlike.tensor([3.0], requires_grad=True)
    optimizer = torchlike.optim.SGD([x], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (x * x).sum()
        loss.backward()
        return loss

    with torchlike.no_grad():
        loss = optimizer.step(closure)
    assert float(loss.detach()) == 9.0
    assert_same(x.detach(), torch.tensor([2.4]), "float32")


def test_a_changed_number_does_not_compile():
    pair = Pair("Adam", {"weight_decay": 0.1}, "float32")
    for _ in range(3):
        pair.set_grads()
        pair.step()
    optimizer = pair.ours
    before = torchlike._engine.stats().compiles
    group = optimizer.param_groups[0]
    for i in range(1, 6):
        group["lr"], group["weight_decay"] = 0.1 / i, 0.01 * i
        group["betas"] = (0.9 / i, 0.99)
        pair.set_grads()
        optimizer.step()
    assert torchlike._engine.stats().compiles == before


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_the_first_step_is_the_program_of_all_others(name):
    array = np.ones((600, 600), np.float32)
    x = (torchlike.tensor(array) * 0.5).requires_grad_(True)
    options = {"momentum": 0.9} if name == "SGD" else {}
    optimizer = getattr(torchlike.optim, name)([x], lr=0.5, **options)
    torchlike._engine.boundary("test")
    counts = []
    for _ in range(3):
        x.grad = torchlike.tensor(array)
        optimizer.step()
        counts.append(torchlike._engine.stats().compiles)
    assert counts[0] == counts[1] == counts[2]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("SGD", {"lr": 0.1}),
        ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
        ("Adam", {"lr": 0.1, "weight_decay": 0.1}),
    ],
)
def test_differentiable_steps_join_the_graph(name, options):
    """The derivative of the loss after three steps by start and gradient."""

    def run(library):
        start = library.arange(1.0, 4, dtype=library.float64).requires_grad_()
        push = library.tensor([0.5, -1.0, 2.0], dtype=library.float64)
        push.requires_grad_()
        param = start.clone()
        made = getattr(library.optim, name)
        optimizer = made([param], differentiable=True, **options)
        for _ in range(3):
            param.grad = push * push.abs()
            optimizer.step()
        param.square().sum().backward()
        return start.grad.numpy(), push.grad.numpy()

    for ours, theirs in zip(run(torchlike), run(torch), strict=True):
        # PyTorch corrects Adam's biases in single precision here.
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_a_differentiable_step_refuses_leaves():
    pair = Pair("SGD", {"differentiable": True}, "float32")
    pair.set_grads()
    for optimizer in (pair.ours, pair.theirs):
        with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
            optimizer.step()


def test_numpy_and_int_rates():
    """lr from NumPy or as an int gives the numbers of a float."""
    pair = Pair("Adam", {"lr": 1}, "float32")
    pair.ours.param_groups[0]["lr"] = np.float32(1)
    for _ in range(3):
        pair.set_grads()
        pair.step()
    pair.check()


@pytest.mark.parametrize("name", ["SGD", "AdamW", "NAdam", "Rprop"])
def test_one_group_of_several_dtypes(name):
    kinds = ["float64", "float32", "complex64", "float32"]
    rng = np.random.default_rng(0)
    arrays = [draw(rng, (2, 3), kind) for kind in kinds]
    sides = []
    for package in (torchlike, torch):
        params = [
            make(package, a, kind, requires_grad=True)
            for a, kind in zip(arrays, kinds, strict=True)
        ]
        options = {"momentum": 0.9} if name == "SGD" else {}
        sides.append((package, params, getattr(package.optim, name)(params, **options)))
    for step in range(6):
        grads = [draw(rng, (2, 3), kind) for kind in kinds]
        for package, params, optimizer in sides:
            for i, p in enumerate(params):
                absent = step in (2, 3) and i == step - 2
                p.grad = None if absent else make(package, grads[i], kinds[i])
            optimizer.step()
    for p, q, kind in zip(sides[0][1], sides[1][1], kinds, strict=True):
        assert_same(p, q, kind)


def test_steps_are_doubles_when_that_is_the_default():
    try:
        torchlike.set_default_dtype(torchlike.float64)
        torch.set_default_dtype(torch.float64)
        pair = Pair("Adam", {}, "float64")
        pair.set_grads()
        pair.step()
        pair.check()
    finally:
        torchlike.set_default_dtype(torchlike.float32)
        torch.set_default_dtype(torch.float32)
