"""L-BFGS beside PyTorch's."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

import torchlike
from tests.optim._sides import _convert

SIDES = (torchlike, torch)
OPTIONS = [
    {},
    {"lr": 0.2, "max_iter": 5},
    {"lr": 0.001, "history_size": 3},
    {"line_search_fn": "strong_wolfe"},
    {"line_search_fn": "strong_wolfe", "history_size": 2, "max_iter": 4},
    {"line_search_fn": "strong_wolfe", "lr": 100.0, "max_eval": 30},
    {"line_search_fn": "strong_wolfe", "tolerance_change": 1e-3},
    {"tolerance_grad": 1.0, "lr": 0.01},
]


def problem(package, kind):
    """Rosenbrock's valley in two tensors, and a parameter without gradient."""
    kind = getattr(package, kind)
    values = ([-1.2, 1.0], [[0.5], [2.0]], [3.0])
    params = [package.tensor(v, dtype=kind, requires_grad=True) for v in values]

    def loss():
        x, y = params[0], params[1].reshape(-1)
        return ((y - x * x) ** 2 * 10 + (1 - x) ** 2).sum()

    return params, loss


def closure_of(own, loss):
    def closure():
        own.zero_grad()
        value = loss()
        value.backward()
        return value

    return closure


def look(own, params, values):
    state = own.state[params[0]]
    return (
        np.concatenate([p.detach().numpy().ravel() for p in params]),
        np.array(values),
        (state["func_evals"], state["n_iter"], len(state.get("old_dirs") or ())),
    )


def agree(ours, theirs, relative):
    assert ours[2] == theirs[2]
    np.testing.assert_allclose(ours[0], theirs[0], rtol=relative, atol=relative)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=relative, atol=relative)


@pytest.mark.parametrize("options", OPTIONS)
def test_steps(options):
    seen = []
    for package in SIDES:
        params, loss = problem(package, "float64")
        own = package.optim.LBFGS(params, **options)
        values = [float(own.step(closure_of(own, loss)).detach()) for _ in range(4)]
        seen.append(look(own, params, values))
    agree(*seen, 1e-6)


def test_float32_goes_to_the_minimum():
    params, loss = problem(torchlike, "float32")
    own = torchlike.optim.LBFGS(params, line_search_fn="strong_wolfe")
    for _ in range(4):
        own.step(closure_of(own, loss))
    assert params[0].tolist() == pytest.approx([1.0, 1.0], abs=1e-3)


def test_state_dict_moves_both_ways():
    sides = []
    for package in SIDES:
        params, loss = problem(package, "float64")
        own = package.optim.LBFGS(params, lr=0.01, max_iter=4, history_size=5)
        own.step(closure_of(own, loss))
        sides.append((own, params, loss))
    ours, theirs = (copy.deepcopy(own.state_dict()) for own, _, _ in sides)
    assert set(theirs["state"][0]) - set(ours["state"][0]) == {"al"}
    sides[0][0].load_state_dict(_convert(theirs, torch.Tensor, torchlike))
    sides[1][0].load_state_dict(_convert(ours, torchlike.Tensor, torch))
    seen = []
    for own, params, loss in sides:
        values = [float(own.step(closure_of(own, loss)).detach()) for _ in range(3)]
        seen.append(look(own, params, values))
    agree(*seen, 1e-6)


def test_a_steady_run_does_not_compile():
    params, loss = problem(torchlike, "float64")
    own = torchlike.optim.LBFGS(params, lr=0.001, max_iter=2, history_size=50)
    for _ in range(4):
        own.step(closure_of(own, loss))
    before = torchlike._engine.stats().compiles
    for _ in range(6):
        own.step(closure_of(own, loss))
    assert torchlike._engine.stats().compiles == before


def test_errors():
    for package in SIDES:
        params, loss = problem(package, "float32")
        with pytest.raises(ValueError, match="per-parameter options"):
            package.optim.LBFGS([{"params": params[:1]}, {"params": params[1:]}])
        with pytest.raises(ValueError, match="Invalid learning rate: -1"):
            package.optim.LBFGS(params, lr=-1)
        own = package.optim.LBFGS(params, line_search_fn="golden")
        with pytest.raises(RuntimeError, match="only 'strong_wolfe' is supported"):
            own.step(closure_of(own, loss))
