"""Every random function in every dtype PyTorch draws it in: the same bits, and state.

Where PyTorch refuses a dtype nothing is asked here; the errors have tests of their own.
"""

import warnings

import numpy as np
import pytest
import torch

import torchlike

from ..random_beside import BOTH, skip_if_mkl
from .by_python import WAYS

DTYPES = (
    *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
    *("int8", "uint8", "int16", "int32", "int64", "bool", "uint16", "uint32", "uint64"),
)
N = 40


def zeros(t, d):
    return t.zeros(N, dtype=d)


def filled(t, d, low, high):
    return t.linspace(low, high, N).to(d)


def weights(t, d):
    return t.linspace(0.1, 1, 9).to(d)


def functional(t):
    return t.nn.functional


DRAWS = {
    "rand": lambda t, d: t.rand(N, dtype=d),
    "randn": lambda t, d: t.randn(N, dtype=d),
    "randn_few": lambda t, d: t.randn(5, dtype=d),
    "randint": lambda t, d: t.randint(0, 2, (N,), dtype=d),
    "randint_negative": lambda t, d: t.randint(-5, 100, (N,), dtype=d),
    "randperm": lambda t, d: t.randperm(N, dtype=d),
    "rand_like": lambda t, d: t.rand_like(zeros(t, d)),
    "randn_like": lambda t, d: t.randn_like(zeros(t, d)),
    "randint_like": lambda t, d: t.randint_like(zeros(t, d), 2),
    "bernoulli": lambda t, d: t.bernoulli(filled(t, d, 0.2, 0.4)),
    "bernoulli_": lambda t, d: zeros(t, d).bernoulli_(0.3),
    "bernoulli_of": lambda t, d: zeros(t, d).bernoulli_(t.full((N,), 0.3)),
    "bernoulli_of_64": lambda t, d: zeros(t, d).bernoulli_(
        t.full((N,), 0.3, dtype=t.float64)
    ),
    "multinomial_one": lambda t, d: t.multinomial(weights(t, d), 1),
    "multinomial": lambda t, d: t.multinomial(weights(t, d), 3),
    "multinomial_replaced": lambda t, d: t.multinomial(weights(t, d), 20, True),
    "normal_": lambda t, d: zeros(t, d).normal_(0.5, 2),
    "normal_size": lambda t, d: t.normal(1.0, 2.0, (N,), dtype=d),
    "normal_both": lambda t, d: t.normal(filled(t, d, 1, 1), filled(t, d, 2, 2)),
    "normal_mean": lambda t, d: t.normal(filled(t, d, 1, 1), 2.0),
    "normal_std": lambda t, d: t.normal(1.0, filled(t, d, 2, 2)),
    "uniform_": lambda t, d: zeros(t, d).uniform_(-1, 2),
    "exponential_": lambda t, d: zeros(t, d).exponential_(1.5),
    "geometric_": lambda t, d: zeros(t, d).geometric_(0.4),
    "cauchy_": lambda t, d: zeros(t, d).cauchy_(),
    "log_normal_": lambda t, d: zeros(t, d).log_normal_(),
    "random_": lambda t, d: zeros(t, d).random_(),
    "random_to": lambda t, d: zeros(t, d).random_(2),
    "random_from_to": lambda t, d: zeros(t, d).random_(1, 90),
    "random_from": lambda t, d: zeros(t, d).random_(1, None),
    "poisson": lambda t, d: t.poisson(filled(t, d, 0, 30)),
    "gamma": lambda t, d: t._standard_gamma(filled(t, d, 0.1, 5)),
    "dirichlet": lambda t, d: t._sample_dirichlet(filled(t, d, 0.1, 5).reshape(4, 10)),
    "binomial": lambda t, d: t.binomial(filled(t, d, 30, 30), filled(t, d, 0.1, 0.9)),
    "dropout": lambda t, d: functional(t).dropout(filled(t, d, 1, 1), 0.3),
    "dropout2d": lambda t, d: functional(t).dropout2d(t.ones(2, 3, 4, 4).to(d), 0.3),
    "alpha_dropout": lambda t, d: functional(t).alpha_dropout(
        filled(t, d, 1, 1), 0.3, True
    ),
    "feature_alpha_dropout": lambda t, d: functional(t).feature_alpha_dropout(
        t.ones(2, 3, 4).to(d), 0.3, True
    ),
    "rrelu": lambda t, d: functional(t).rrelu(filled(t, d, -1, -1), training=True),
    "fractional_max_pool2d": lambda t, d: functional(t).fractional_max_pool2d(
        t.arange(200.0).reshape(1, 2, 10, 10).to(d), 2, output_size=(4, 4)
    ),
    "fractional_max_pool3d": lambda t, d: functional(t).fractional_max_pool3d(
        t.arange(1000.0).reshape(1, 1, 10, 10, 10).to(d), 2, output_ratio=0.5
    ),
    "gumbel_softmax": lambda t, d: functional(t).gumbel_softmax(
        t.ones(4, 10).to(d), hard=True
    ),
    "trunc_normal_": lambda t, d: t.nn.init.trunc_normal_(zeros(t, d)),
    "orthogonal_": lambda t, d: t.nn.init.orthogonal_(t.zeros(6, 5, dtype=d)),
    "sparse_": lambda t, d: t.nn.init.sparse_(t.zeros(6, 5, dtype=d), 0.3),
    "xavier_uniform_": lambda t, d: t.nn.init.xavier_uniform_(t.zeros(6, 5, dtype=d)),
    "kaiming_normal_": lambda t, d: t.nn.init.kaiming_normal_(t.zeros(6, 5, dtype=d)),
}
# What another library's QR, a row's sum in another order or 64-bit logarithms leave.
ROUNDED = {
    ("orthogonal_", "float32"): 5e-7,
    ("orthogonal_", "float64"): 5e-15,
    ("dirichlet", "float64"): 5e-16,
}


def draw(t, name, dtype):
    t.manual_seed(7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drawn = DRAWS[name](t, getattr(t, dtype)).detach()
    kind = str(drawn.dtype)
    drawn = drawn.float() if "bfloat16" in kind else drawn
    return kind, drawn.numpy(), t.get_rng_state().numpy()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", DRAWS)
def test_bits(name, dtype):
    skip_if_mkl(name)
    try:
        kind, wanted, state = draw(torch, name, dtype)
    except (RuntimeError, TypeError, ValueError, OverflowError):
        return  # PyTorch does not draw this
    bound = ROUNDED.get((name, dtype), 0)
    for way in WAYS:
        with way():
            got_kind, got, got_state = draw(torchlike, name, dtype)
        assert got_kind == kind and got.shape == wanted.shape
        np.testing.assert_allclose(got, wanted, rtol=0, atol=bound)
        np.testing.assert_array_equal(got_state, state)


def test_pytorch_draws_most_of_them():
    """That the test above compares what it should."""
    drawn = 0
    for name in DRAWS:
        try:
            draw(torch, name, "float32")
        except RuntimeError:
            continue
        drawn += 1
    assert drawn == len(DRAWS)


LAYERS = {
    "Linear": lambda n: n.Linear(5, 4),
    "Bilinear": lambda n: n.Bilinear(3, 4, 5),
    "Conv2d": lambda n: n.Conv2d(4, 6, 3, groups=2),
    "ConvTranspose1d": lambda n: n.ConvTranspose1d(4, 6, 3),
    "LazyLinear": lambda n: n.LazyLinear(4),
    "Embedding": lambda n: n.Embedding(9, 5, padding_idx=2),
    "EmbeddingBag": lambda n: n.EmbeddingBag(9, 5),
    "LSTM": lambda n: n.LSTM(3, 4, 2, bidirectional=True, proj_size=2),
    "GRUCell": lambda n: n.GRUCell(3, 4),
    "RNN": lambda n: n.RNN(3, 4),
    "MultiheadAttention": lambda n: n.MultiheadAttention(8, 2, kdim=4, vdim=6),
    "Transformer": lambda n: n.Transformer(8, 2, 1, 1, 16),
    "BatchNorm2d": lambda n: n.BatchNorm2d(4),
    "PReLU": lambda n: n.PReLU(3),
    "AdaptiveLogSoftmax": lambda n: n.AdaptiveLogSoftmaxWithLoss(8, 20, [5, 10]),
}


@pytest.mark.parametrize("name", LAYERS)
def test_default_initialisation(name):
    states = []
    for t in BOTH:
        t.manual_seed(2)
        layer = LAYERS[name](t.nn)
        if name == "LazyLinear":
            layer(t.ones(2, 3))
        state = {k: v.detach().numpy() for k, v in layer.state_dict().items()}
        states.append((state, t.get_rng_state().numpy()))
    (wanted, after), (got, ours_after) = states
    assert list(got) == list(wanted)
    for key in wanted:
        np.testing.assert_array_equal(got[key], wanted[key])
    np.testing.assert_array_equal(ours_after, after)
