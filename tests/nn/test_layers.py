"""Every layer beside PyTorch's: draws, text, forward, gradients, state."""

from __future__ import annotations

import inspect
import warnings

import numpy as np
import pytest
import torch

import torchlike

from . import cases
from ._both import plain, same


def build(case, library):
    library.manual_seed(case.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(library.nn, case.name)(*case.args, **case.kwargs)


def tensors(case, library):
    rng = np.random.default_rng(7)
    made = []
    for shape in case.inputs:
        tensor = library.tensor(cases.array(shape, rng))
        if tensor.is_floating_point() and not isinstance(
            shape, (cases.positive, cases.signs)
        ):
            tensor.requires_grad_(True)
        made.append(tensor)
    return made


def flat(result):
    if isinstance(result, (tuple, list)):
        return [x for part in result for x in flat(part)]
    return [] if result is None else [result]


def backward(results, library) -> None:
    total = 0
    for i, result in enumerate(results):
        if result.requires_grad:
            weights = np.random.default_rng(i).standard_normal(tuple(result.shape))
            total = total + (result * library.tensor(weights.astype(np.float32))).sum()
    if not isinstance(total, int):
        total.backward()


def run(case, library, mode: str):
    """What a layer gives in a mode: results, gradients, state."""
    layer, inputs = build(case, library), tensors(case, library)
    layer.train(mode == "train")
    library.manual_seed(3)
    results = flat(layer(*inputs))
    if case.grad:
        backward(results, library)
    return {
        "results": plain(results),
        "input gradients": plain([x.grad for x in inputs]),
        "gradients": plain({n: p.grad for n, p in layer.named_parameters()}),
        "state": plain(dict(layer.state_dict())),
        "text": repr(layer),
    }


@pytest.mark.parametrize("case", cases.ALL, ids=str)
def test_layer_in_training(case):
    same(run(case, torchlike, "train"), run(case, torch, "train"))


@pytest.mark.parametrize("case", cases.WITH_MODES, ids=str)
def test_layer_in_evaluation(case):
    same(run(case, torchlike, "eval"), run(case, torch, "eval"))


@pytest.mark.parametrize("case", cases.ALL, ids=str)
def test_construction(case):
    """The same draws from the same seed, the same keys, text and attributes."""
    ours, theirs = build(case, torchlike), build(case, torch)
    assert repr(ours) == repr(theirs)
    same(_state(ours), _state(theirs))
    mine = vars(ours)
    for name, value in vars(theirs).items():
        if not name.startswith("_") and isinstance(value, (bool, int, float, str)):
            assert mine[name] == value, name


def _state(layer):
    return {
        name: repr(value) if "Uninitialized" in repr(type(value)) else plain(value)
        for name, value in layer.state_dict(keep_vars=True).items()
    }


@pytest.mark.parametrize(
    "name", sorted({c.name for c in cases.ALL} - {"RNN", "LSTM", "GRU", "Identity"})
)
def test_constructor_signature(name):
    """Names, order and defaults of the constructor's arguments."""
    ours = inspect.signature(getattr(torchlike.nn, name)).parameters
    theirs = inspect.signature(getattr(torch.nn, name)).parameters
    assert list(ours) == list(theirs)
    for key, parameter in theirs.items():
        if not callable(parameter.default):
            assert ours[key].default == parameter.default, key
            assert ours[key].kind == parameter.kind, key


def test_every_layer_is_there():
    """Classes of torch.nn without a counterpart here; the list only shrinks."""
    missing = {
        name
        for name, kind in vars(torch.nn).items()
        if isinstance(kind, type) and not hasattr(torchlike.nn, name)
    }
    assert missing == set()
