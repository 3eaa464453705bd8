"""Gamma, Dirichlet and binomial samples: PyTorch's numbers; their exact gradients."""

import numpy as np
import pytest
import torch
from scipy import special, stats

import torchlike
from torchlike._generator import Generator

from .random_beside import errors_agree, same
from .test_device_random import counter


def concentrations(dtype, top):
    generator = torch.Generator().manual_seed(1)
    made = torch.rand(600, generator=generator, dtype=torch.float64) * top
    made[::50] = 0
    return made.to(getattr(torch, dtype))


def agree(theirs, ours, ulps=0):
    torch.manual_seed(11)
    generator = Generator().manual_seed(11)
    expected, got = theirs().numpy(), ours(generator)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(
        got, expected, rtol=ulps * np.finfo(got.dtype).eps, atol=0
    )
    np.testing.assert_array_equal(generator.get_state(), torch.get_rng_state().numpy())


@pytest.mark.parametrize("dtype", ("float32", "float64"))
@pytest.mark.parametrize("top", (0.05, 3.0, 100.0))
def test_streams(top, dtype):
    alpha = concentrations(dtype, top)
    agree(lambda: torch._standard_gamma(alpha), lambda g: g.gamma(alpha.numpy()))
    rows = alpha.reshape(-1, 5)
    # the sum of float64 rows is added in another order
    agree(
        lambda: torch._sample_dirichlet(rows),
        lambda g: g.dirichlet(rows.numpy()),
        ulps=4 if dtype == "float64" else 0,
    )


@pytest.mark.parametrize("dtype", ("float32", "float64"))
def test_binomial(dtype):
    prob = concentrations(dtype, 1.2) - 0.1
    count = (concentrations(dtype, 200.0)).floor().flip(0)
    agree(
        lambda: torch.binomial(count, prob),
        lambda g: g.binomial(count.numpy(), prob.numpy()),
    )


def test_functions():
    same(lambda t: t._standard_gamma(t.rand(3, 4) * 3))
    same(lambda t: t._standard_gamma(t.tensor([0.0, -1.0, float("nan")])))
    same(lambda t: t._sample_dirichlet(t.rand(3, 4) * 3))
    same(lambda t: t.binomial(t.full((3,), 20.0), t.rand(3)))
    same(lambda t: t.binomial(t.full((3,), 20.0), t.tensor([float("nan"), -1, 2])))


ERRORS = {
    "gamma_ints": lambda t: t._standard_gamma(t.tensor([1])),
    "gamma_half": lambda t: t._standard_gamma(t.ones(2, dtype=t.float16)),
    "dirichlet_half": lambda t: t._sample_dirichlet(t.ones(2, dtype=t.float16)),
    "binomial_ints": lambda t: t.binomial(t.tensor(3), t.tensor(0.5)),
    "binomial_probs": lambda t: t.binomial(t.tensor(3.0), t.tensor(1)),
    "binomial_mixed": lambda t: t.binomial(t.tensor(3.0), t.tensor(0.5).double()),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name):
    errors_agree(ERRORS[name])


def quantile_slope(cdf, density, x, alpha):
    """-(∂F/∂alpha) / f by central differences."""
    h = alpha * 1e-5
    return -(cdf(alpha + h, x) - cdf(alpha - h, x)) / (2 * h) / density(alpha, x)


def test_gradient_of_gamma_samples():
    alpha = torchlike.tensor(
        np.array([0.3, 0.9, 2.5, 30.0]), dtype=torchlike.float64, requires_grad=True
    )
    torchlike.manual_seed(2)
    sample = torchlike._standard_gamma(alpha)
    (got,) = torchlike.autograd.grad(sample.sum(), alpha)
    a, x = alpha.detach().numpy(), sample.detach().numpy()
    expected = quantile_slope(
        special.gammainc, lambda a, x: stats.gamma.pdf(x, a), x, a
    )
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6)
    with pytest.raises(NotImplementedError):
        (first,) = torchlike.autograd.grad(
            torchlike._standard_gamma(alpha).sum(), alpha, create_graph=True
        )
        torchlike.autograd.grad(first.sum(), alpha)[0].tolist()


@pytest.mark.parametrize("top", (0.3, 3.0, 50.0))
def test_dirichlet_grad(top):
    """PyTorch's is an approximation: exact to about a part in 700."""
    alpha = concentrations("float64", top).clamp(min=top / 20).reshape(-1, 5)[:40]
    torch.manual_seed(3)
    x = torch._sample_dirichlet(alpha)
    total = alpha.sum(-1, True).expand_as(alpha)
    ours = torchlike._dirichlet_grad(
        *(torchlike.tensor(v.contiguous().numpy()) for v in (x, alpha, total))
    ).numpy()
    np.testing.assert_allclose(
        ours, torch._dirichlet_grad(x, alpha, total).numpy(), rtol=2e-3
    )
    a, b, at = alpha.numpy(), (total - alpha).numpy(), x.numpy()
    slope = quantile_slope(
        lambda a, x: special.betainc(a, b, x),
        lambda a, x: stats.beta.pdf(x, a, b),
        *(at, a),
    )
    seen = (at > 1e-12) & (1 - at > 1e-6)  # where differences have digits
    np.testing.assert_allclose((ours * (1 - at))[seen], slope[seen], rtol=1e-5)


def test_on_a_device():
    """The counter-based generator: means and standard deviations."""
    n, tensor = 20_000, torchlike.ones(20_000)
    gamma = torchlike._standard_gamma(tensor * 2, counter()).numpy()
    assert abs(gamma.mean() - 2) < 5 * (2 / n) ** 0.5
    shares = torchlike._sample_dirichlet(torchlike.ones(5000, 4), counter()).numpy()
    np.testing.assert_allclose(shares.sum(-1), 1, rtol=1e-5)
    assert abs(shares[:, 0].mean() - 0.25) < 0.02
    counts = torchlike.binomial(tensor * 20, tensor * 0.3, counter()).numpy()
    assert abs(counts.mean() - 6) < 5 * (4.2 / n) ** 0.5
