"""``kl_divergence`` and its registry, with the divergences within one family.

Those between families are in ``_kl_between``.
"""

from __future__ import annotations

import warnings
from inspect import isclass

import torchlike as torch
from torchlike.distributions.bernoulli import Bernoulli
from torchlike.distributions.beta import Beta
from torchlike.distributions.binomial import Binomial
from torchlike.distributions.categorical import Categorical
from torchlike.distributions.cauchy import Cauchy
from torchlike.distributions.continuous_bernoulli import ContinuousBernoulli
from torchlike.distributions.dirichlet import Dirichlet
from torchlike.distributions.exp_family import ExponentialFamily
from torchlike.distributions.exponential import Exponential
from torchlike.distributions.gamma import Gamma
from torchlike.distributions.geometric import Geometric
from torchlike.distributions.gumbel import Gumbel
from torchlike.distributions.half_normal import HalfNormal
from torchlike.distributions.independent import Independent
from torchlike.distributions.laplace import Laplace
from torchlike.distributions.normal import Normal
from torchlike.distributions.one_hot_categorical import OneHotCategorical
from torchlike.distributions.pareto import Pareto
from torchlike.distributions.poisson import Poisson
from torchlike.distributions.transformed_distribution import TransformedDistribution
from torchlike.distributions.uniform import Uniform
from torchlike.distributions.utils import _sum_rightmost, euler_constant
from torchlike.nn.functional import softplus

__all__ = ["register_kl", "kl_divergence"]

_KL_REGISTRY = {}  # (class of p, class of q) → function
_KL_MEMOIZE = {}  # the same for the very classes asked for


def register_kl(type_p, type_q):
    """A decorator for the function of a pair of classes and their subclasses."""
    for name, kind in (("type_p", type_p), ("type_q", type_q)):
        # PyTorch takes any class: packages have distributions that derive from none.
        if not isclass(kind):
            raise TypeError(
                f"Expected {name} to be a Distribution subclass but got {kind}"
            )

    def decorate(function):
        _KL_REGISTRY[type_p, type_q] = function
        _KL_MEMOIZE.clear()
        return function

    return decorate


def _dispatch_kl(type_p, type_q):
    """The function of the nearest classes; NotImplemented if there is none."""
    mro_p, mro_q = type_p.__mro__, type_q.__mro__
    places = [
        (mro_p.index(a), mro_q.index(b))
        for a, b in _KL_REGISTRY
        if a in mro_p and b in mro_q
    ]
    if not places:
        return NotImplemented
    by_p, by_q = min(places), min(places, key=lambda place: place[::-1])
    nearest, other = (_KL_REGISTRY[mro_p[i], mro_q[j]] for i, j in (by_p, by_q))
    if nearest is not other:
        first, second = mro_p[by_p[0]].__name__, mro_q[by_q[1]].__name__
        warnings.warn(
            f"Ambiguous kl_divergence({type_p.__name__}, {type_q.__name__}). Please "
            f"register_kl({first}, {second})",
            RuntimeWarning,
            stacklevel=3,
        )
    return nearest


def kl_divergence(p, q):
    """KL(p ‖ q) = E_p log(p / q), for each distribution of the batch."""
    pair = type(p), type(q)
    function = _KL_MEMOIZE.get(pair)
    if function is None:
        function = _KL_MEMOIZE[pair] = _dispatch_kl(*pair)
    if function is NotImplemented:
        raise NotImplementedError(
            "No KL(p || q) is implemented for p type "
            f"{p.__class__.__name__} and q type {q.__class__.__name__}"
        )
    return function(p, q)


def _infinite_where(condition, value):
    return torch.where(condition, torch.inf, value)


# ----- discrete ----------------------------------------------------------------------


@register_kl(Bernoulli, Bernoulli)
def _kl_bernoulli_bernoulli(p, q):
    ones = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    ones = _infinite_where(q.probs == 0, ones)
    ones = torch.where(p.probs == 0, 0, ones)
    zeros = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    zeros = _infinite_where(q.probs == 1, zeros)
    return ones + torch.where(p.probs == 1, 0, zeros)


@register_kl(Binomial, Binomial)
def _kl_binomial_binomial(p, q):
    if (p.total_count < q.total_count).any():
        raise NotImplementedError(
            "KL between Binomials where q.total_count > p.total_count is not "
            "implemented"
        )
    one = p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p()
    return _infinite_where(p.total_count > q.total_count, p.total_count * one)


@register_kl(Categorical, Categorical)
def _kl_categorical_categorical(p, q):
    terms = p.probs * (p.logits - q.logits)
    terms = _infinite_where(q.probs == 0, terms)
    return torch.where(p.probs == 0, 0, terms).sum(-1)


@register_kl(OneHotCategorical, OneHotCategorical)
def _kl_onehotcategorical_onehotcategorical(p, q):
    return _kl_categorical_categorical(p._categorical, q._categorical)


@register_kl(Geometric, Geometric)
def _kl_geometric_geometric(p, q):
    return -p.entropy() - torch.log1p(-q.probs) / p.probs - q.logits


@register_kl(Poisson, Poisson)
def _kl_poisson_poisson(p, q):
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


# ----- continuous --------------------------------------------------------------------


@register_kl(Beta, Beta)
def _kl_beta_beta(p, q):
    return _kl_dirichlet_dirichlet(p._dirichlet, q._dirichlet)


@register_kl(Dirichlet, Dirichlet)
def _kl_dirichlet_dirichlet(p, q):
    a, b = p.concentration, q.concentration
    total_a, total_b = a.sum(-1), b.sum(-1)
    normalizers = (
        total_a.lgamma() - total_b.lgamma() + (b.lgamma() - a.lgamma()).sum(-1)
    )
    log_means = a.digamma() - total_a.digamma().unsqueeze(-1)
    return normalizers + ((a - b) * log_means).sum(-1)


@register_kl(ContinuousBernoulli, ContinuousBernoulli)
def _kl_continuous_bernoulli_continuous_bernoulli(p, q):
    constant_p = p._cont_bern_log_norm() + torch.log1p(-p.probs)
    constant_q = q._cont_bern_log_norm() + torch.log1p(-q.probs)
    return p.mean * (p.logits - q.logits) + constant_p - constant_q


@register_kl(Exponential, Exponential)
def _kl_exponential_exponential(p, q):
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


@register_kl(ExponentialFamily, ExponentialFamily)
def _kl_expfamily_expfamily(p, q):
    """The Bregman divergence of the log normalisers."""
    if type(p) is not type(q):
        raise NotImplementedError(
            "The cross KL-divergence between different exponential families cannot be "
            "computed using Bregman divergences"
        )
    natural_p = [x.detach().requires_grad_() for x in p._natural_params]
    normalizer = p._log_normalizer(*natural_p)
    gradients = torch.autograd.grad(normalizer.sum(), natural_p, create_graph=True)
    result = q._log_normalizer(*q._natural_params) - normalizer
    for a, b, gradient in zip(natural_p, q._natural_params, gradients, strict=True):
        result = result - _sum_rightmost((b - a) * gradient, len(q.event_shape))
    return result


@register_kl(Gamma, Gamma)
def _kl_gamma_gamma(p, q):
    a, b = p.concentration, q.concentration
    return (
        b * (p.rate / q.rate).log()
        + torch.lgamma(b)
        - torch.lgamma(a)
        + (a - b) * torch.digamma(a)
        + (q.rate - p.rate) * (a / p.rate)
    )


@register_kl(Gumbel, Gumbel)
def _kl_gumbel_gumbel(p, q):
    ratio = p.scale / q.scale
    shift = (q.loc - p.loc) / q.scale
    tail = torch.exp(shift + (1 + ratio).lgamma())
    return -ratio.log() - shift + (ratio - 1) * euler_constant + tail - 1


@register_kl(Normal, Normal)
def _kl_normal_normal(p, q):
    ratio = (p.scale / q.scale).pow(2)
    shift = ((p.loc - q.loc) / q.scale).pow(2)
    return 0.5 * (ratio + shift - 1 - ratio.log())


@register_kl(HalfNormal, HalfNormal)
def _kl_halfnormal_halfnormal(p, q):
    return _kl_normal_normal(p.base_dist, q.base_dist)


@register_kl(Laplace, Laplace)
def _kl_laplace_laplace(p, q):
    ratio = p.scale / q.scale
    distance = (p.loc - q.loc).abs()
    overlap = ratio * torch.exp(-distance / p.scale)
    return -ratio.log() + distance / q.scale + overlap - 1


@register_kl(Pareto, Pareto)
def _kl_pareto_pareto(p, q):
    ratio = q.alpha / p.alpha
    value = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return _infinite_where(p.scale < q.scale, value)


@register_kl(Uniform, Uniform)
def _kl_uniform_uniform(p, q):
    value = ((q.high - q.low) / (p.high - p.low)).log()
    return _infinite_where((q.low > p.low) | (q.high < p.high), value)


@register_kl(Cauchy, Cauchy)
def _kl_cauchy_cauchy(p, q):
    """**Source** F. Chyzak and F. Nielsen, A closed-form formula for the
    Kullback-Leibler divergence between Cauchy distributions, 2019
    """
    apart = (p.scale + q.scale).pow(2) + (p.loc - q.loc).pow(2)
    return apart.log() - (4 * p.scale * q.scale).log()


# ----- made of other distributions ---------------------------------------------------


@register_kl(TransformedDistribution, TransformedDistribution)
def _kl_transformed_transformed(p, q):
    """The divergence of the bases: a bijection leaves it as it is."""
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Independent, Independent)
def _kl_independent_independent(p, q):
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError
    inner = kl_divergence(p.base_dist, q.base_dist)
    return _sum_rightmost(inner, p.reinterpreted_batch_ndims)
