"""Functions of nn.functional that draw: the same seed gives PyTorch's numbers."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import torchlike
from torchlike._ops import _registry

OURS = _registry.functions["nn.functional"]
RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 5)).astype(np.float32)
Q = RNG.standard_normal((1, 2, 4, 8)).astype(np.float32)
LONG = RNG.standard_normal((1, 2, 131, 4)).astype(np.float32)
S = RNG.standard_normal((4, 3, 8)).astype(np.float32)
W = RNG.standard_normal((24, 8)).astype(np.float32)
B = RNG.standard_normal(24).astype(np.float32)

CASES = [
    ("gumbel_softmax", (X,), {}),
    ("gumbel_softmax", (X,), {"tau": 0.7, "hard": True, "dim": 0}),
    ("scaled_dot_product_attention", (Q, Q, Q), {"dropout_p": 0.3}),
    # A query of fewer heads: a mask of its own for each.
    ("scaled_dot_product_attention", (Q[:, :1], Q, Q), {"dropout_p": 0.3}),
    (
        "scaled_dot_product_attention",
        (LONG, LONG, LONG),
        {"dropout_p": 0.3, "is_causal": True},
    ),
    *(
        (
            "multi_head_attention_forward",
            (S, S, S, 8, 2, W, B, None, None, False, 0.4, W[:8], B[:8]),
            {"need_weights": needed},
        )
        for needed in (True, False)
    ),
]


def _run(module, function, args, kwargs):
    """The result and the gradient of a weighted sum of it."""
    module.manual_seed(3)
    leaf = module.tensor(args[0]).requires_grad_()
    same = {id(args[0]): leaf}
    tensors = [
        same.setdefault(id(a), module.tensor(a)) if isinstance(a, np.ndarray) else a
        for a in args
    ]
    out = function(*tensors, **kwargs)
    out = out[0] if isinstance(out, tuple) else out
    weights = module.arange(out.numel(), dtype=module.float32).reshape(out.shape)
    (out * weights).sum().backward()
    return out.detach().numpy(), leaf.grad.numpy()


@pytest.mark.compiled  # sums of thousands that nearly cancel
@pytest.mark.parametrize("name, args, kwargs", CASES)
def test_same_draws(name, args, kwargs):
    wanted = _run(torch, getattr(F, name), args, kwargs)
    got = _run(torchlike, OURS[name], args, kwargs)
    for a, b in zip(got, wanted, strict=True):
        np.testing.assert_allclose(a, b, 1e-4, 1e-4)
