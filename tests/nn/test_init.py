"""torch.nn.init beside PyTorch: the same numbers from the same seed."""

import warnings

import pytest
import torch

import torchlike

from ..random_beside import BOTH, errors_agree, same

INITS = {
    "uniform": lambda i, x: i.uniform_(x),
    "uniform_bounds": lambda i, x: i.uniform_(x, -0.3, 0.4),
    "normal": lambda i, x: i.normal_(x, 1.0, 0.5),
    "constant": lambda i, x: i.constant_(x, 0.3),
    "ones": lambda i, x: i.ones_(x),
    "zeros": lambda i, x: i.zeros_(x),
    "trunc_normal": lambda i, x: i.trunc_normal_(x),
    "trunc_normal_bounds": lambda i, x: i.trunc_normal_(x, 0.1, 0.02, -0.04, 0.2),
    "xavier_uniform": lambda i, x: i.xavier_uniform_(x),
    "xavier_uniform_gain": lambda i, x: i.xavier_uniform_(x, gain=2.0),
    "xavier_normal": lambda i, x: i.xavier_normal_(x),
    "kaiming_uniform": lambda i, x: i.kaiming_uniform_(x),
    "kaiming_uniform_linear": lambda i, x: i.kaiming_uniform_(x, a=5**0.5),
    "kaiming_uniform_relu": lambda i, x: i.kaiming_uniform_(x, nonlinearity="relu"),
    "kaiming_normal": lambda i, x: i.kaiming_normal_(x, mode="fan_out"),
    "orthogonal": lambda i, x: i.orthogonal_(x),
    "orthogonal_gain": lambda i, x: i.orthogonal_(x, gain=2.5),
}
SHAPES = {
    "wide": (3, 5),
    "tall": (5, 2),
    "large": (16, 9),
    "conv": (4, 3, 3, 3),
    "conv1d": (4, 2, 5),
}


def filled(t, fill, shape, dtype="float32"):
    x = t.rand(*shape, dtype=getattr(t, dtype))
    x.requires_grad_()
    result = fill(t.nn.init, x)
    assert result is x and x.requires_grad and x.is_leaf
    return x


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", INITS)
def test_numbers(name, shape):
    close = "orthogonal" in name  # another library's QR decomposition
    same(lambda t: filled(t, INITS[name], SHAPES[shape]), ulps=16 if close else 0)


@pytest.mark.parametrize("name", INITS)
def test_numbers_in_float64(name):
    close = "normal" in name or "orthogonal" in name  # another library's log, QR
    call = INITS[name]
    same(lambda t: filled(t, call, (6, 4), "float64"), ulps=16 if close else 0)


MATRICES = {
    "eye": lambda i, x: i.eye_(x),
    "sparse": lambda i, x: i.sparse_(x, 0.4),
    "sparse_std": lambda i, x: i.sparse_(x, sparsity=0.1, std=2.0),
}


@pytest.mark.parametrize("shape", ((3, 2), (2, 5), (3, 3)))
@pytest.mark.parametrize("name", MATRICES)
def test_matrices(name, shape):
    same(lambda t: filled(t, MATRICES[name], shape))


@pytest.mark.parametrize("groups", (1, 2))
@pytest.mark.parametrize("shape", ((4, 2, 3), (2, 4, 4), (4, 4, 3, 2), (4, 1, 3, 3, 3)))
def test_dirac(shape, groups):
    same(lambda t: filled(t, lambda i, x: i.dirac_(x, groups), shape))


def test_generator():
    def call(t):
        own = t.Generator().manual_seed(3)
        x = t.rand(3, 5)
        for name in ("uniform_", "xavier_uniform_", "kaiming_uniform_", "normal_"):
            getattr(t.nn.init, name)(x, generator=own)
        return t.nn.init.kaiming_uniform_(x, generator=own)

    same(call)


GAINS = ("linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh", "relu", "selu")


def test_calculate_gain():
    cases = [(n,) for n in GAINS] + [("leaky_relu",), ("leaky_relu", 0.2)]
    for case in cases:
        expected = torch.nn.init.calculate_gain(*case)
        assert torchlike.nn.init.calculate_gain(*case) == expected


@pytest.mark.parametrize("shape", ((3, 5), (4, 3, 5), (4, 3, 5, 2)))
def test_fans(shape):
    expected, got = (
        t.nn.init._calculate_fan_in_and_fan_out(t.rand(shape)) for t in BOTH
    )
    assert expected == got


ERRORS = {
    "gain": lambda t: t.nn.init.calculate_gain("foo"),
    "slope": lambda t: t.nn.init.calculate_gain("leaky_relu", "a"),
    "fan": lambda t: t.nn.init.xavier_uniform_(t.rand(3)),
    "mode": lambda t: t.nn.init.kaiming_normal_(t.rand(3, 3), mode="foo"),
    "nonlinearity": lambda t: t.nn.init.kaiming_normal_(
        t.rand(3, 3), nonlinearity="foo"
    ),
    "eye": lambda t: t.nn.init.eye_(t.rand(3)),
    "dirac": lambda t: t.nn.init.dirac_(t.rand(3)),
    "dirac_groups": lambda t: t.nn.init.dirac_(t.rand(3, 4, 3), 2),
    "orthogonal": lambda t: t.nn.init.orthogonal_(t.rand(3)),
    "sparse": lambda t: t.nn.init.sparse_(t.rand(3, 3, 3), 0.1),
    "uniform": lambda t: t.nn.init.uniform_(t.rand(3), 2, 1),
    "normal": lambda t: t.nn.init.normal_(t.rand(3), 0, -1),
    "trunc": lambda t: t.nn.init.trunc_normal_(t.rand(3), a=2, b=1),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name):
    errors_agree(ERRORS[name])


WARNINGS = {
    "empty": lambda t: t.nn.init.kaiming_uniform_(t.rand(0, 3)),
    "trunc": lambda t: t.nn.init.trunc_normal_(t.rand(3), mean=9.0, a=-2, b=2),
    "old_name": lambda t: t.nn.init.xavier_normal(t.rand(3, 3)),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_warning(name):
    seen = []
    for t in BOTH:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            WARNINGS[name](t)
        seen.append([(w.category, str(w.message)) for w in caught])
    assert seen[0] == seen[1] and seen[0]
