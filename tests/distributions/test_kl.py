"""kl_divergence beside PyTorch: every registered pair, dispatch, memory."""

import warnings

import numpy as np
import pytest
import torch

import torchlike

from .beside import BOTH, agree

# class: (one distribution, another of the same family)
PARTNERS = {
    "Bernoulli": (lambda d, a, b: d.Bernoulli(a), lambda d, a, b: d.Bernoulli(b)),
    "Beta": (lambda d, a, b: d.Beta(a, b), lambda d, a, b: d.Beta(b, a)),
    "Binomial": (
        lambda d, a, b: d.Binomial(20, a),
        lambda d, a, b: d.Binomial(20, b),
    ),
    "Categorical": (
        lambda d, a, b: d.Categorical(a),
        lambda d, a, b: d.Categorical(b),
    ),
    "Cauchy": (lambda d, a, b: d.Cauchy(a, b), lambda d, a, b: d.Cauchy(b, a)),
    "ContinuousBernoulli": (
        lambda d, a, b: d.ContinuousBernoulli(a),
        lambda d, a, b: d.ContinuousBernoulli(b),
    ),
    "Dirichlet": (lambda d, a, b: d.Dirichlet(a), lambda d, a, b: d.Dirichlet(b)),
    "Exponential": (
        lambda d, a, b: d.Exponential(a),
        lambda d, a, b: d.Exponential(b),
    ),
    "Gamma": (lambda d, a, b: d.Gamma(a, b), lambda d, a, b: d.Gamma(b, a)),
    "Geometric": (lambda d, a, b: d.Geometric(a), lambda d, a, b: d.Geometric(b)),
    "Gumbel": (lambda d, a, b: d.Gumbel(a, b), lambda d, a, b: d.Gumbel(b, a)),
    "HalfNormal": (lambda d, a, b: d.HalfNormal(a), lambda d, a, b: d.HalfNormal(b)),
    "Independent": (
        lambda d, a, b: d.Independent(d.Normal(a, b), 1),
        lambda d, a, b: d.Independent(d.Normal(b, a), 1),
    ),
    "Laplace": (lambda d, a, b: d.Laplace(a, b), lambda d, a, b: d.Laplace(b, a)),
    "LogNormal": (lambda d, a, b: d.LogNormal(a, b), lambda d, a, b: d.LogNormal(b, a)),
    "LowRankMultivariateNormal": (
        lambda d, a, b: d.LowRankMultivariateNormal(a, b[:, None], a),
        lambda d, a, b: d.LowRankMultivariateNormal(b, a[:, None], b),
    ),
    "MultivariateNormal": (
        lambda d, a, b: d.MultivariateNormal(a, scale_tril=b.diag_embed()),
        lambda d, a, b: d.MultivariateNormal(b, scale_tril=a.diag_embed()),
    ),
    "Normal": (lambda d, a, b: d.Normal(a, b), lambda d, a, b: d.Normal(b, a)),
    "OneHotCategorical": (
        lambda d, a, b: d.OneHotCategorical(a),
        lambda d, a, b: d.OneHotCategorical(b),
    ),
    "Pareto": (lambda d, a, b: d.Pareto(a, b + 2), lambda d, a, b: d.Pareto(b, a)),
    "Poisson": (lambda d, a, b: d.Poisson(a), lambda d, a, b: d.Poisson(b)),
    "Uniform": (
        lambda d, a, b: d.Uniform(a, a + b),
        lambda d, a, b: d.Uniform(a - b, a + 2 * b),
    ),
}
_BETWEEN = (
    *("Bernoulli Beta Binomial ContinuousBernoulli Exponential Gamma".split()),
    *("Gumbel Laplace Normal Pareto Poisson Uniform".split()),
)


def pairs():
    """Each family with itself, and all families of numbers with one another."""
    yield from ((name, name) for name in PARTNERS)
    yield from ((p, q) for p in _BETWEEN for q in _BETWEEN if p != q)
    yield ("MultivariateNormal", "LowRankMultivariateNormal")
    yield ("LowRankMultivariateNormal", "MultivariateNormal")


@pytest.mark.parametrize("name_p", dict.fromkeys(p for p, _ in pairs()))
def test_divergences(name_p):
    names_q = [q for p, q in pairs() if p == name_p]

    def divergences(t, d):
        a = t.tensor(np.array([0.2, 0.3, 0.5]))
        b = t.tensor(np.array([0.6, 0.3, 0.1]))
        p = PARTNERS[name_p][0](d, a, b)
        found = []
        for q in names_q:
            try:
                found.append(d.kl_divergence(p, PARTNERS[q][1](d, a, b)))
            except NotImplementedError as error:
                found.append(str(error))
        return found

    agree(divergences, rtol=1e-7, atol=1e-9)


def test_extreme_probabilities():
    def extremes(t, d):
        p, q = t.tensor([0.0, 1.0, 0.5, 0.5]), t.tensor([0.5, 0.5, 0.0, 1.0])
        return [
            d.kl_divergence(d.Bernoulli(p), d.Bernoulli(q)),
            d.kl_divergence(
                d.Categorical(t.stack([p, 1 - p], -1)),
                d.Categorical(t.stack([q, 1 - q], -1)),
            ),
        ]

    agree(extremes)


def test_exponential_families_by_bregman_divergence():
    def divergence(t, d):
        class Mine(d.Exponential):
            pass

        table = d.kl._KL_REGISTRY
        function = table[d.ExponentialFamily, d.ExponentialFamily]
        gammas = (d.Gamma(2.0, 3.0), d.Gamma(t.tensor(1.5), t.tensor(0.7)))
        return [
            function(d.Normal(0.5, 2.0), d.Normal(1.0, 1.5)),
            function(*gammas),
            d.kl_divergence(Mine(t.tensor(2.0)), d.Exponential(t.tensor(3.0))),
        ]

    agree(divergence)


def test_the_nearest_classes_are_chosen():
    for _, d in BOTH:

        class P(d.Normal):
            pass

        class Q(d.Normal):
            pass

        d.register_kl(P, d.Normal)(lambda p, q: "by p")
        assert d.kl_divergence(P(0.0, 1.0), d.Normal(0.0, 1.0)) == "by p"
        d.register_kl(d.Normal, Q)(lambda p, q: "by q")
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            assert d.kl_divergence(P(0.0, 1.0), Q(0.0, 1.0)) == "by p"
        assert [str(w.message) for w in seen] == [
            "Ambiguous kl_divergence(P, Q). Please register_kl(P, Q)"
        ]
        assert issubclass(seen[0].category, RuntimeWarning)


def test_errors():
    agree(lambda t, d: d.kl_divergence(d.Normal(0, 1), d.Categorical(t.ones(2))))
    for _, d in BOTH:
        with pytest.raises(TypeError):
            d.register_kl(3, d.Normal)
    agree(
        lambda t, d: d.kl_divergence(
            d.MultivariateNormal(t.zeros(2), t.eye(2)),
            d.MultivariateNormal(t.zeros(3), t.eye(3)),
        )
    )
    agree(lambda t, d: d.kl_divergence(d.Binomial(2, p(t)), d.Binomial(3, p(t))))


def p(t):
    return t.tensor(0.5)


def test_gradients():
    def derive(t, d):
        a = t.tensor([0.3, 0.6], dtype=t.float64, requires_grad=True)
        b = t.tensor([0.9, 1.3], dtype=t.float64, requires_grad=True)
        value = d.kl_divergence(d.Normal(a, b), d.Gumbel(b, a)).sum()
        value = value + d.kl_divergence(d.Gamma(a, b), d.Normal(b, a)).sum()
        return list(t.autograd.grad(value, (a, b)))

    agree(derive, rtol=1e-9)


def test_the_registries_hold_the_same_pairs():
    theirs, ours = (
        {
            (a.__name__, b.__name__)
            for a, b in d.kl._KL_REGISTRY
            if a.__module__[:5] == m
        }
        for (_, d), m in zip(BOTH, ("torch", "torch"), strict=True)
    )
    public = {n for n in torch.distributions.__all__}
    keep = lambda found: {p for p in found if set(p) <= public}  # noqa: E731
    assert keep(theirs) == keep(ours)
    assert torchlike.distributions.kl.kl_divergence is not None
