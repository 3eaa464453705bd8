"""Distributions made the same way on PyTorch and on torchlike, with values to ask for.

A case is a function of the package and of its ``distributions``.
"""

from __future__ import annotations

import numpy as np


def tensor(t, *rows, dtype="float32"):
    return t.tensor(np.array(rows, dtype))


def p3(t):
    return tensor(t, 0.2, 0.5, 0.9)


def positive(t, *shape):
    return tensor(t, *(0.3 + 0.55 * np.arange(np.prod(shape)))).reshape(shape)


def covariance(t, dtype="float32"):
    return tensor(t, [2.0, 0.3, 0.1], [0.3, 1.0, -0.2], [0.1, -0.2, 0.5], dtype=dtype)


def lower(t):
    return tensor(t, [1.5, 0.0, 0.0], [0.4, 0.8, 0.0], [-0.3, 0.2, 1.1])


# name: (distribution, values to ask log_prob and cdf for)
CASES = {
    "bernoulli": (lambda t, d: d.Bernoulli(p3(t)), [[0.0, 1, 1], [1, 0, 0]]),
    "bernoulli_logits": (lambda t, d: d.Bernoulli(logits=p3(t)), [0.0, 1, 1]),
    "bernoulli_number": (lambda t, d: d.Bernoulli(0.3), [0.0, 1]),
    "beta": (lambda t, d: d.Beta(p3(t), positive(t, 3)), [0.1, 0.5, 0.7]),
    "beta_numbers": (lambda t, d: d.Beta(2.0, 3.0), [0.1, 0.5]),
    "binomial": (lambda t, d: d.Binomial(10, p3(t)), [0.0, 4, 10]),
    "binomial_each": (
        lambda t, d: d.Binomial(tensor(t, 3.0, 40, 7), logits=p3(t)),
        [0.0, 14, 7],
    ),
    "categorical": (lambda t, d: d.Categorical(p3(t)), [0.0, 1, 2]),
    "categorical_logits": (
        lambda t, d: d.Categorical(logits=positive(t, 2, 3)),
        [[0.0, 1], [2, 1]],
    ),
    "cauchy": (lambda t, d: d.Cauchy(p3(t), positive(t, 3)), [-1.0, 0, 2]),
    "chi2": (lambda t, d: d.Chi2(positive(t, 3)), [0.2, 1, 2]),
    "continuous_bernoulli": (
        lambda t, d: d.ContinuousBernoulli(p3(t)),
        [0.2, 0.4, 0.7],
    ),
    "continuous_bernoulli_logits": (
        lambda t, d: d.ContinuousBernoulli(logits=p3(t) - 0.5),
        [0.2, 0.4, 0.7],
    ),
    "dirichlet": (lambda t, d: d.Dirichlet(positive(t, 2, 3)), [0.2, 0.5, 0.3]),
    "exponential": (lambda t, d: d.Exponential(positive(t, 3)), [0.2, 1, 2]),
    "fishersnedecor": (
        lambda t, d: d.FisherSnedecor(positive(t, 3), positive(t, 3) * 3),
        [0.2, 1, 2],
    ),
    "gamma": (lambda t, d: d.Gamma(positive(t, 3), p3(t)), [0.2, 1, 2]),
    "gamma_numbers": (lambda t, d: d.Gamma(2.0, 3.0), [0.2, 1]),
    "generalized_pareto": (
        lambda t, d: d.GeneralizedPareto(p3(t), positive(t, 3), tensor(t, 0.0, 0.3, 2)),
        [0.3, 1, 2],
    ),
    "geometric": (lambda t, d: d.Geometric(p3(t)), [0.0, 1, 4]),
    "geometric_logits": (lambda t, d: d.Geometric(logits=p3(t)), [0.0, 1, 4]),
    "gumbel": (lambda t, d: d.Gumbel(p3(t), positive(t, 3)), [-0.5, 1, 2]),
    "gumbel_numbers": (lambda t, d: d.Gumbel(0.5, 2.0), [-0.5, 1, 2]),
    "half_cauchy": (lambda t, d: d.HalfCauchy(positive(t, 3)), [0.5, 1, 2]),
    "half_normal": (lambda t, d: d.HalfNormal(positive(t, 3)), [0.5, 1, 2]),
    "independent": (
        lambda t, d: d.Independent(d.Normal(positive(t, 2, 3), 1.0), 1),
        [0.5, 1, 2],
    ),
    "inverse_gamma": (
        lambda t, d: d.InverseGamma(positive(t, 3), p3(t)),
        [0.5, 1, 2],
    ),
    "kumaraswamy": (
        lambda t, d: d.Kumaraswamy(positive(t, 3) + 1, p3(t) + 1),
        [0.1, 0.5, 0.8],
    ),
    "laplace": (lambda t, d: d.Laplace(p3(t), positive(t, 3)), [-0.5, 1, 2]),
    "lkj_cholesky": (
        lambda t, d: d.LKJCholesky(2, positive(t, 3)),
        [[1.0, 0.0], [0.6, 0.8]],
    ),
    "log_normal": (lambda t, d: d.LogNormal(p3(t), positive(t, 3)), [0.5, 1, 2]),
    "logistic_normal": (
        lambda t, d: d.LogisticNormal(p3(t), positive(t, 3)),
        [0.1, 0.2, 0.3, 0.4],
    ),
    "low_rank": (
        lambda t, d: d.LowRankMultivariateNormal(
            p3(t), positive(t, 3, 2), positive(t, 3)
        ),
        [0.1, -0.2, 0.3],
    ),
    "mixture": (
        lambda t, d: d.MixtureSameFamily(
            d.Categorical(p3(t)), d.Normal(positive(t, 3), p3(t))
        ),
        [0.1, 0.2],
    ),
    "mixture_of_vectors": (
        lambda t, d: d.MixtureSameFamily(
            d.Categorical(positive(t, 2, 3)),
            d.Independent(d.Normal(positive(t, 2, 3, 2), 0.5), 1),
        ),
        [0.1, 0.2],
    ),
    "multinomial": (lambda t, d: d.Multinomial(5, p3(t)), [1.0, 0, 4]),
    "multivariate_normal": (
        lambda t, d: d.MultivariateNormal(p3(t), covariance(t)),
        [0.1, -0.2, 0.3],
    ),
    "multivariate_normal_precision": (
        lambda t, d: d.MultivariateNormal(p3(t), precision_matrix=covariance(t)),
        [0.1, -0.2, 0.3],
    ),
    "multivariate_normal_factor": (
        lambda t, d: d.MultivariateNormal(positive(t, 2, 3), scale_tril=lower(t)),
        [0.1, -0.2, 0.3],
    ),
    "negative_binomial": (lambda t, d: d.NegativeBinomial(4, p3(t)), [0.0, 3, 8]),
    "negative_binomial_logits": (
        lambda t, d: d.NegativeBinomial(tensor(t, 4.0, 1, 0), logits=-p3(t)),
        [0.0, 3, 0],
    ),
    "normal": (lambda t, d: d.Normal(p3(t), positive(t, 3)), [-0.5, 1, 2]),
    "normal_numbers": (lambda t, d: d.Normal(0.5, 2), [-0.5, 1]),
    "normal_float64": (
        lambda t, d: d.Normal(p3(t).double(), positive(t, 3).double()),
        [-0.5, 1, 2],
    ),
    "one_hot": (lambda t, d: d.OneHotCategorical(p3(t)), [0.0, 1, 0]),
    "one_hot_straight": (
        lambda t, d: d.OneHotCategoricalStraightThrough(logits=positive(t, 2, 3)),
        [0.0, 1, 0],
    ),
    "pareto": (lambda t, d: d.Pareto(p3(t), positive(t, 3)), [0.5, 1, 2]),
    "poisson": (lambda t, d: d.Poisson(positive(t, 3) * 8), [0.0, 4, 12]),
    "relaxed_bernoulli": (
        lambda t, d: d.RelaxedBernoulli(t.tensor(0.7), p3(t)),
        [0.1, 0.4, 0.8],
    ),
    "relaxed_one_hot": (
        lambda t, d: d.RelaxedOneHotCategorical(t.tensor(0.7), p3(t)),
        [0.1, 0.4, 0.5],
    ),
    "student_t": (
        lambda t, d: d.StudentT(positive(t, 3) * 2, p3(t), positive(t, 3)),
        [-0.5, 1, 2],
    ),
    "transformed": (
        lambda t, d: d.TransformedDistribution(
            d.Normal(p3(t), positive(t, 3)),
            [d.SigmoidTransform(), d.AffineTransform(1.0, -2.0)],
        ),
        [-0.5, 0.1, 0.6],
    ),
    "uniform": (lambda t, d: d.Uniform(p3(t) - 1, positive(t, 3)), [0.2, 0.1, 0.6]),
    "von_mises": (lambda t, d: d.VonMises(p3(t), positive(t, 3)), [0.2, 0.1, 0.6]),
    "weibull": (lambda t, d: d.Weibull(positive(t, 3), p3(t) + 1), [0.2, 1, 2]),
    "wishart": (
        lambda t, d: d.Wishart(t.tensor(4.5), covariance(t)),
        [[2.0, 0.1, 0.2], [0.1, 1.0, 0.0], [0.2, 0.0, 3.0]],
    ),
    "wishart_factor": (
        lambda t, d: d.Wishart(tensor(t, 4.0, 6.0), scale_tril=lower(t)),
        [[2.0, 0.1, 0.2], [0.1, 1.0, 0.0], [0.2, 0.0, 3.0]],
    ),
}
