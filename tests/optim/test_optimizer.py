"""The surface of ``Optimizer``: errors, groups, hooks, printing, checkpoints."""

from __future__ import annotations

import copy
import importlib
import warnings

import pytest
import torch

import torchlike
from tests.optim._sides import CASES, Pair

SIDES = (torchlike, torch)


def leaf(package, n=2):
    return package.tensor([1.0] * n, requires_grad=True)


def module(package):
    return importlib.import_module(f"{package.__name__}.optim.optimizer")


def named(package, *names):
    return [(name, leaf(package)) for name in names]


ERRORS = [
    lambda t: t.optim.SGD(leaf(t), 0.1),
    lambda t: t.optim.SGD([], 0.1),
    lambda t: t.optim.SGD([3], 0.1),
    lambda t: t.optim.SGD([{"params": {leaf(t)}}], 0.1),
    lambda t: t.optim.SGD([leaf(t) * 2], 0.1),
    lambda t: t.optim.SGD([leaf(t)], -0.1),
    lambda t: t.optim.SGD([leaf(t)], 0.1, momentum=-1),
    lambda t: t.optim.SGD([leaf(t)], 0.1, weight_decay=-1),
    lambda t: t.optim.SGD([leaf(t)], 0.1, nesterov=True),
    lambda t: t.optim.SGD([leaf(t)], lr=t.tensor([0.1, 0.2])),
    lambda t: t.optim.SGD([leaf(t)], 0.1, fused=True, foreach=True),
    lambda t: t.optim.SGD([leaf(t)], 0.1, fused=True, differentiable=True),
    lambda t: t.optim.Adam([leaf(t)], betas=(1.0, 0.9)),
    lambda t: t.optim.Adam([leaf(t)], betas=(0.9, -0.1)),
    lambda t: t.optim.Adam([leaf(t)], betas=(0, 0.9)),
    lambda t: t.optim.Adam([leaf(t)], betas=(t.tensor(0.9), 0.9)),
    lambda t: t.optim.Adam([leaf(t)], betas=(t.tensor(0.9),) * 2, foreach=True),
    lambda t: t.optim.Adam([leaf(t)], lr=t.tensor(0.1), foreach=True),
    lambda t: t.optim.Adam([leaf(t)], eps=-1),
    lambda t: t.optim.AdamW([leaf(t)], weight_decay=-1),
    lambda t: t.optim.RMSprop([leaf(t)], alpha=-1),
    lambda t: t.optim.RMSprop([leaf(t)], momentum=-1),
    lambda t: t.optim.Adagrad([leaf(t)], lr_decay=-1),
    lambda t: t.optim.Adagrad([leaf(t)], initial_accumulator_value=-1),
    lambda t: t.optim.Adadelta([leaf(t)], rho=1.5),
    lambda t: t.optim.NAdam([leaf(t)], momentum_decay=-1),
    lambda t: t.optim.Rprop([leaf(t)], etas=(1.5, 2.0)),
    lambda t: t.optim.ASGD([leaf(t)], weight_decay=-1),
    lambda t: t.optim.SGD([leaf(t)], 0.1).add_param_group([leaf(t)]),
    lambda t: t.optim.SGD([("a", leaf(t)), leaf(t)], 0.1),
    lambda t: t.optim.SGD(named(t, "a"), 0.1).add_param_group({"params": leaf(t)}),
    lambda t: t.optim.SGD([leaf(t)], 0.1).add_param_group({"params": named(t, "a")}),
    lambda t: shared(t),
    lambda t: t.optim.Optimizer([leaf(t)], {}).step(),
    lambda t: t.optim.Optimizer([leaf(t)], {"lr": module(t).required}),
    lambda t: load(t, [leaf(t)], [{"params": leaf(t)}, {"params": leaf(t)}]),
    lambda t: load(t, [leaf(t)], [leaf(t), leaf(t)]),
]


def shared(package):
    x = leaf(package)
    package.optim.SGD([x], 0.1).add_param_group({"params": [x]})


def load(package, params, other):
    state = package.optim.SGD(other, 0.1).state_dict()
    package.optim.SGD(params, 0.1).load_state_dict(state)


@pytest.mark.parametrize("wrong", ERRORS)
def test_errors(wrong):
    raised = []
    for package in SIDES:
        with pytest.raises(Exception) as error:  # noqa: PT011
            wrong(package)
        raised.append((error.type, str(error.value)))
    assert raised[0] == raised[1]


@pytest.mark.parametrize("name", sorted({name for name, _ in CASES}))
def test_defaults_and_repr(name):
    ours, theirs = (getattr(t.optim, name)([leaf(t)]) for t in SIDES)
    assert ours.defaults == theirs.defaults
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()["param_groups"]) == list(
        theirs.state_dict()["param_groups"]
    )


def test_duplicate_parameters_warn():
    for package in SIDES:
        x = leaf(package)
        with pytest.warns(UserWarning, match="duplicate parameters"):
            package.optim.SGD([x, x], 0.1)


def test_names():
    for package in SIDES:
        own = package.optim.Adam(named(package, "a", "b"))
        own.add_param_group({"params": named(package, "c"), "lr": 0.5})
        groups = own.state_dict()["param_groups"]
        assert [g["param_names"] for g in groups] == [["a", "b"], ["c"]]
        assert [g["params"] for g in groups] == [[0, 1], [2]]
        assert [g["lr"] for g in groups] == [1e-3, 0.5]


def hooks(package):
    """The calls of every kind of hook, in order."""
    calls = []

    def note(name, result=None):
        def hook(*args):
            calls.append((name, len(args), type(args[0]).__name__))
            return result

        return hook

    optimizer = module(package)
    handles = [
        optimizer.register_optimizer_step_pre_hook(note("every pre")),
        optimizer.register_optimizer_step_post_hook(note("every post")),
    ]
    own = package.optim.SGD([leaf(package)], 0.1)
    own.register_step_pre_hook(note("pre"))
    changed = own.register_step_pre_hook(lambda o, args, kwargs: (args, kwargs))
    own.register_step_post_hook(note("post"))
    own.register_state_dict_pre_hook(note("before"))
    own.register_state_dict_pre_hook(note("before first"), prepend=True)
    own.register_state_dict_post_hook(note("after", {"state": {}, "param_groups": []}))
    own.register_load_state_dict_pre_hook(note("loading"))
    own.register_load_state_dict_post_hook(note("loaded"))
    state = copy.deepcopy(package.optim.SGD([leaf(package)], 0.1).state_dict())
    own.step()
    assert own.state_dict() == {"state": {}, "param_groups": []}
    own.load_state_dict(state)
    changed.remove()
    wrong = own.register_step_pre_hook(lambda o, args, kwargs: 3)
    with pytest.raises(RuntimeError, match="must return None or a tuple of"):
        own.step()
    wrong.remove()
    for handle in handles:
        handle.remove()
    own.step()
    return calls


def test_hooks():
    ours, theirs = (hooks(package) for package in SIDES)
    assert ours == theirs


def test_load_hook_may_replace_the_dict():
    for package in SIDES:
        own = package.optim.SGD([leaf(package)], 0.1)
        other = copy.deepcopy(own.state_dict())
        other["param_groups"][0]["lr"] = 7.0
        own.register_load_state_dict_pre_hook(lambda o, s, other=other: other)
        own.load_state_dict(own.state_dict())
        assert own.param_groups[0]["lr"] == 7.0


@pytest.mark.parametrize("set_to_none", [True, False])
def test_zero_grad(set_to_none):
    for package in SIDES:
        x, y = leaf(package), leaf(package)
        own = package.optim.SGD([x, y], 0.1)
        x.grad = package.tensor([1.0, 2.0])
        before = x.grad
        own.zero_grad(set_to_none=set_to_none)
        assert y.grad is None
        if set_to_none:
            assert x.grad is None
        else:
            assert x.grad is before
            assert x.grad.tolist() == [0.0, 0.0]


def test_loading_casts_to_the_parameter():
    for package in SIDES:
        x = package.tensor([1.0, 2.0], dtype=package.float64, requires_grad=True)
        y = package.tensor([1.0, 2.0], requires_grad=True)
        for p in (x, y):
            p.grad = package.tensor([0.5, 0.5], dtype=p.dtype)
        wide, narrow = package.optim.Adam([x]), package.optim.Adam([y])
        wide.step()
        narrow.load_state_dict(wide.state_dict())
        kinds = {k: str(v.dtype) for k, v in narrow.state[y].items()}
        assert kinds == dict.fromkeys(kinds, "torch.float32")


def test_older_state_dicts_get_the_new_options():
    for package in SIDES:
        x = leaf(package)
        x.grad = package.tensor([0.5, 0.5])
        own = package.optim.Adam([x])
        own.step()
        state = copy.deepcopy(own.state_dict())
        for name in ("amsgrad", "maximize", "foreach", "fused", "differentiable"):
            del state["param_groups"][0][name]
        state["state"][0]["step"] = 1
        own.load_state_dict(state)
        own.step()
        assert float(own.state[x]["step"]) == 2.0
        assert own.param_groups[0]["maximize"] is False


class Plain(torchlike.optim.Optimizer):
    """A user's own optimizer."""

    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    @torchlike.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self.state[p]["seen"] = self.state[p].get("seen", 0) + 1
                    p.add_(p.grad, alpha=-group["lr"])


def test_a_users_own_optimizer():
    x = torchlike.tensor([1.0, 2.0], requires_grad=True)
    own, seen = Plain([x], 0.5), []
    own.register_step_post_hook(lambda *args: seen.append(len(args)))
    for _ in range(2):
        x.grad = torchlike.tensor([1.0, -1.0])
        own.step()
    assert x.tolist() == [0.0, 3.0]
    assert seen == [3, 3]
    assert own.state_dict()["state"] == {0: {"seen": 2}}


def test_replaced_parameters_keep_their_state():
    """As in programs that prune or grow parameters between steps."""
    pair = Pair("Adam", {"lr": 0.1}, "float32")
    pair.set_grads()
    pair.step()
    for own, params in (
        (pair.ours, pair.params),
        (pair.theirs, pair.theirs_params),
    ):
        new = params[1].detach().clone().requires_grad_(True)
        own.state[new] = own.state.pop(params[1])
        own.param_groups[0]["params"][1] = new
        params[1] = new
    pair.set_grads()
    pair.step()
    for i in range(3):
        ours, theirs = pair.ours_state(i), pair.theirs_state(i)
        assert float(ours["step"]) == float(theirs["step"]) == 2.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pair.set_grads((0,))
        pair.step()
    assert [float(pair.ours_state(i)["step"]) for i in range(3)] == [2.0, 3.0, 3.0]
