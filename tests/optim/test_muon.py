"""Muon beside PyTorch's: matrices only, with an iteration in bfloat16."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import torchlike

SHAPES = [(3, 4), (7, 5), (6, 6)]


def run(library, options, dtype="float64", steps=20):
    rng = np.random.default_rng(0)
    kind = getattr(library, dtype)
    params = [
        library.tensor(rng.standard_normal(s), dtype=kind).requires_grad_()
        for s in SHAPES
    ]
    optimizer = library.optim.Muon(params, **options)
    for _ in range(steps):
        for p in params:
            p.grad = library.tensor(rng.standard_normal(tuple(p.shape)), dtype=kind)
        optimizer.step()
    state = optimizer.state_dict()["state"]
    found = [p.detach().numpy() for p in params]
    return found, [state[i]["momentum_buffer"].numpy() for i in range(len(SHAPES))]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"lr": 0.1, "momentum": 0.7, "nesterov": False, "weight_decay": 0.0},
        {"adjust_lr_fn": "match_rms_adamw", "ns_steps": 3},
        {"ns_coefficients": (3.0, -4.0, 2.0), "eps": 1e-3},
    ],
    ids=str,
)
def test_twenty_steps(options):
    ours, theirs = run(torchlike, options), run(torch, options)
    for a, b in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    # The order of a sum may decide how a tie is rounded to bfloat16: one unit of one
    # element in one step.
    off = np.concatenate(
        [abs(a - b).ravel() for a, b in zip(ours[0], theirs[0], strict=True)]
    )
    assert np.sort(off)[-2] < 1e-9 and off.max() < options.get("lr", 1e-3) * 2**-7


@pytest.mark.parametrize(
    "options",
    [{"lr": -1.0}, {"momentum": -1.0}, {"weight_decay": -1.0}, {"adjust_lr_fn": "no"}],
    ids=str,
)
def test_errors(options):
    texts = []
    for library in (torchlike, torch):
        with pytest.raises(ValueError) as raised:
            library.optim.Muon([library.ones(2, 3)], **options)
        texts.append(str(raised.value))
    assert texts[0] == texts[1]


def test_only_matrices():
    for library in (torchlike, torch):
        with pytest.raises(ValueError, match="Muon only supports 2D parameters"):
            library.optim.Muon([library.ones(3)])
