"""The same parameters, gradients and optimizer on both sides."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import torchlike

DTYPES = [
    "float32",
    pytest.param("float64", marks=pytest.mark.slow),
    pytest.param("complex64", marks=pytest.mark.slow),
]
# Half precision: PyTorch rounds after every operation, a step here rounds once.
TOLERANCE = {
    "float32": (1e-5, 1e-6),
    "float64": (1e-9, 1e-12),
    "complex64": (1e-5, 1e-6),
    "bfloat16": (5e-2, 5e-2),
    "float16": (5e-3, 5e-3),
}
CASES = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "foreach": True}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.8, 0.99), "eps": 1e-3}),
    ("Adam", {"lr": 0.1, "amsgrad": True}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    ("AdamW", {"lr": 0.1}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.3, "amsgrad": True, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.1, "alpha": 0.9, "momentum": 0.9}),
    ("RMSprop", {"centered": True, "weight_decay": 0.1, "eps": 1e-4}),
    ("RMSprop", {"centered": True, "momentum": 0.9, "maximize": True, "eps": 1e-3}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1}),
    ("Adagrad", {"initial_accumulator_value": 0.5, "eps": 1e-3, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "weight_decay": 0.1, "maximize": True}),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.1, "momentum_decay": 0.1}),
    ("NAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("RAdam", {}),
    ("RAdam", {"lr": 0.1, "betas": (0.8, 0.9), "weight_decay": 0.1}),
    ("RAdam", {"weight_decay": 0.1, "decoupled_weight_decay": True, "maximize": True}),
    ("ASGD", {}),
    ("ASGD", {"lr": 0.1, "lambd": 0.1, "t0": 3, "weight_decay": 0.1}),
    ("Rprop", {}),
    ("Rprop", {"lr": 0.1, "etas": (0.4, 1.4), "step_sizes": (0.01, 0.2)}),
    ("Adafactor", {}),
    ("Adafactor", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    ("Adafactor", {"beta2_decay": -0.5, "eps": (1e-3, 1e-2), "d": 1.5}),
]
SHAPES = [(3, 4), (5,), ()]


def as_numpy(tensor) -> np.ndarray:
    """Contents as NumPy; half precision as float32."""
    tensor = tensor.detach()
    if str(tensor.dtype) in ("torch.bfloat16", "torch.float16"):
        tensor = tensor.float()
    return tensor.numpy()


def assert_same(ours, theirs, kind: str) -> None:
    """Same dtype, shape and, within the tolerance of ``kind``, contents."""
    assert str(ours.dtype) == str(theirs.dtype)
    assert tuple(ours.shape) == tuple(theirs.shape)
    relative, absolute = TOLERANCE[kind]
    np.testing.assert_allclose(
        as_numpy(ours), as_numpy(theirs), rtol=relative, atol=absolute
    )


def draw(rng, shape, kind: str) -> np.ndarray:
    """Normal numbers, for complex types in both parts."""
    array = rng.standard_normal(shape)
    if kind.startswith("complex"):
        array = array + 1j * rng.standard_normal(shape)
    return np.asarray(array)


def make(package, array, kind: str, **options):
    """A tensor of dtype ``kind`` on the side of ``package``."""
    return package.tensor(array.tolist(), dtype=getattr(package, kind), **options)


class Pair:
    """Our optimizer and PyTorch's over the same three parameters."""

    def __init__(self, name, options, kind, groups=False, lr_tensor=False):
        self.rng = np.random.default_rng(0)
        self.kind = kind
        arrays = [draw(self.rng, s, kind) for s in SHAPES]
        self.params = [make(torchlike, a, kind, requires_grad=True) for a in arrays]
        self.theirs_params = [make(torch, a, kind, requires_grad=True) for a in arrays]
        self.ours = self._make(torchlike, self.params, name, options, groups, lr_tensor)
        self.theirs = self._make(
            torch, self.theirs_params, name, options, groups, lr_tensor
        )

    def _make(self, package, params, name, options, groups, lr_tensor):
        if lr_tensor:
            options = options | {"lr": package.tensor(options["lr"]), "foreach": False}
        if groups:
            params = [
                {"params": params[:1]},
                {"params": params[1:], "lr": 0.01, "weight_decay": 0.5},
            ]
        return getattr(package.optim, name)(params, **options)

    def options(self) -> dict:
        return self.ours.param_groups[0]

    def set_option(self, name, value) -> None:
        for optimizer in (self.ours, self.theirs):
            for group in optimizer.param_groups:
                group[name] = value

    def set_grads(self, without=()) -> None:
        """The same new gradients on both sides; None for the numbers in ``without``."""
        for i, (p, q) in enumerate(zip(self.params, self.theirs_params, strict=True)):
            array = draw(self.rng, SHAPES[i], self.kind)
            absent = i in without
            p.grad = None if absent else make(torchlike, array, self.kind)
            q.grad = None if absent else make(torch, array, self.kind)

    def step(self) -> None:
        self.ours.step()
        self.theirs.step()

    def ours_state(self, i: int) -> dict:
        return self.ours.state[self.params[i]]

    def theirs_state(self, i: int) -> dict:
        return self.theirs.state[self.theirs_params[i]]

    def check(self) -> None:
        """Parameters and every entry of the state agree."""
        for p, q in zip(self.params, self.theirs_params, strict=True):
            assert_same(p, q, self.kind)
        ours, theirs = self.ours.state_dict(), self.theirs.state_dict()
        assert list(ours["state"]) == list(theirs["state"])
        for i, entries in theirs["state"].items():
            assert set(ours["state"][i]) == set(entries)
            for name, value in entries.items():
                assert_same(ours["state"][i][name], value, self.kind)

    def to_ours(self, state_dict: dict) -> dict:
        return _convert(state_dict, torch.Tensor, torchlike)

    def to_theirs(self, state_dict: dict) -> dict:
        return _convert(state_dict, torchlike.Tensor, torch)


def _convert(value, kind, package):
    if isinstance(value, kind):
        dtype = str(value.dtype).removeprefix("torch.")
        return make(package, as_numpy(value), dtype)
    if isinstance(value, dict):
        return {k: _convert(v, kind, package) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_convert(v, kind, package) for v in value)
    return value
