"""Quotients by one number are PyTorch's to the last bit."""

import numpy as np
import pytest
import torch

import torchlike

WAYS = {
    "div": lambda m, x, k: x / k,
    "tensor": lambda m, x, k: x / m.tensor([k], dtype=x.dtype),
    "trunc": lambda m, x, k: x.div(k, rounding_mode="trunc"),
    "floor": lambda m, x, k: x // k,
    "remainder": lambda m, x, k: x % k,
    "integers": lambda m, x, k: x.long() / k,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_by_one_number(dtype, way):
    for k in (41, 0.3):
        found = []
        for m in (torch, torchlike):
            x = m.arange(-300, 300, dtype=getattr(m, dtype)) * k
            found.append(WAYS[way](m, x, k).double().numpy())
        np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("mode", ["trunc", "floor"])
def test_of_halves(dtype, mode):
    """Each step is rounded, unless the second tensor is one number."""
    rng = np.random.default_rng(0)
    a, b = 20 * rng.normal(size=500), rng.normal(size=500)
    found = []
    for m in (torch, torchlike):
        x, y = (m.tensor(t).to(getattr(m, dtype)) for t in (a, b))
        pairs = (x, y), (x, y[0]), (y[1], x)
        made = [p.div(q, rounding_mode=mode).double() for p, q in pairs]
        found.append(m.stack(made).numpy())
    np.testing.assert_array_equal(*found)


def test_gradients_and_transforms():
    found = []
    for m in (torch, torchlike):
        x, s = m.arange(1.0, 6.0).requires_grad_(), m.tensor(3.0, requires_grad=True)
        grads = m.autograd.grad(((x / s) ** 2).sum(), (x, s), create_graph=True)
        again = m.autograd.grad((grads[0] ** 2).sum() + grads[1] ** 2, (x, s))
        y = x.detach()
        pushed = m.func.jvp(lambda x: x / 7, (y,), (m.ones(5),))
        mapped = m.func.vmap(lambda x, s: x / s)(m.ones(2, 3), m.tensor([2.0, 3.0]))
        wide = m.ones(3) / m.ones(1, 1)
        made = [*grads, *again, *pushed, mapped, wide]
        found.append([t.detach().numpy() for t in made])
    for theirs, ours in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-6)
