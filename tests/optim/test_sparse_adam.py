"""SparseAdam beside PyTorch's, on the gradients of embeddings."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import torchlike


def run(library, options, steps=20):
    library.manual_seed(0)
    sizes = ((10, 4), (7, 3))
    tables = [
        library.nn.Embedding(*size, sparse=True, dtype=library.float64)
        for size in sizes
    ]
    optimizer = library.optim.SparseAdam([t.weight for t in tables], **options)
    rng = np.random.default_rng(0)
    for _ in range(steps):
        optimizer.zero_grad()
        rows = [library.tensor(rng.integers(0, n, (2, 3))) for n, _ in sizes]
        sum((t(r) ** 3).sum() for t, r in zip(tables, rows, strict=True)).backward()
        optimizer.step()
    state = optimizer.state_dict()["state"]
    found = [t.weight.detach().numpy() for t in tables]
    return found + [np.array(state[i][k]) for i in state for k in state[i]]


@pytest.mark.parametrize(
    "options",
    [{}, {"lr": 0.01, "betas": (0.8, 0.9), "eps": 1e-3}, {"maximize": True}],
    ids=str,
)
def test_twenty_steps(options):
    ours, theirs = run(torchlike, options), run(torch, options)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_dense_gradients_are_refused():
    for library in (torchlike, torch):
        param = library.zeros(3, requires_grad=True)
        optimizer = library.optim.SparseAdam([param])
        param.grad = library.ones(3)
        with pytest.raises(RuntimeError, match="does not support dense gradients"):
            optimizer.step()
