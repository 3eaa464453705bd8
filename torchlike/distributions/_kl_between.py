"""Divergences between families: KL(p ‖ q) = -E_p log q(x) - H(p).

E_p log q needs a few moments of p: its mean and variance, E log x, and E exp(-t x).
Where q gives no density to a part of p, the divergence is infinite.
"""

from __future__ import annotations

import math

import torchlike as torch
from torchlike.distributions.bernoulli import Bernoulli
from torchlike.distributions.beta import Beta
from torchlike.distributions.binomial import Binomial
from torchlike.distributions.continuous_bernoulli import ContinuousBernoulli
from torchlike.distributions.exponential import Exponential
from torchlike.distributions.gamma import Gamma
from torchlike.distributions.gumbel import Gumbel
from torchlike.distributions.kl import _infinite_where, register_kl
from torchlike.distributions.laplace import Laplace
from torchlike.distributions.normal import Normal
from torchlike.distributions.pareto import Pareto
from torchlike.distributions.poisson import Poisson
from torchlike.distributions.uniform import Uniform
from torchlike.distributions.utils import euler_constant

# ----- moments -----------------------------------------------------------------------


def _mean_log(p):
    """E log x."""
    if isinstance(p, Beta):
        total = p.concentration1 + p.concentration0
        return p.concentration1.digamma() - total.digamma()
    if isinstance(p, Gamma):
        return p.concentration.digamma() - p.rate.log()
    if isinstance(p, Exponential):
        return -euler_constant - p.rate.log()
    if isinstance(p, Pareto):
        return p.scale.log() + p.alpha.reciprocal()
    return _mean_log_between(p.low, p.high)


def _mean_log_between(low, high):
    """E log x of uniform x."""
    return (torch.xlogy(high, high) - torch.xlogy(low, low)) / (high - low) - 1


def _log_laplace(p, t):
    """log E exp(-t x)."""
    if isinstance(p, Gamma):
        return -p.concentration * torch.log1p(t / p.rate)
    if isinstance(p, Exponential):
        return -torch.log1p(t / p.rate)
    if isinstance(p, Normal):
        return -t * p.loc + 0.5 * (t * p.scale).pow(2)
    width = t * (p.high - p.low)
    return -t * p.low + (-torch.expm1(-width) / width).log()


# ----- cross entropies, -E_p log q ---------------------------------------------------


def _exponential(p, q):
    return q.rate * p.mean - q.rate.log()


def _gamma(p, q):
    normalizer = q.concentration.lgamma() - q.concentration * q.rate.log()
    return normalizer + (1 - q.concentration) * _mean_log(p) + q.rate * p.mean


def _normal(p, q):
    square = p.variance + (p.mean - q.loc).pow(2)
    return 0.5 * math.log(2 * math.pi) + q.scale.log() + square / (2 * q.scale.pow(2))


def _gumbel(p, q):
    tail = torch.exp(q.loc / q.scale + _log_laplace(p, q.scale.reciprocal()))
    return q.scale.log() + (p.mean - q.loc) / q.scale + tail


def _laplace_of_normal(p, q):
    """The mean of |x - loc| is that of a folded normal number."""
    away = p.loc - q.loc
    z = away / (p.scale * math.sqrt(2))
    folded = p.scale * math.sqrt(2 / math.pi) * torch.exp(-z * z) + away * torch.erf(z)
    return torch.log(2 * q.scale) + folded / q.scale


def _continuous_bernoulli(p, q):
    return -p.mean * q.logits - torch.log1p(-q.probs) - q._cont_bern_log_norm()


def _pareto(p, q):
    constant = q.alpha.log() + q.alpha * q.scale.log()
    return (q.alpha + 1) * _mean_log(p) - constant


def _beta_of_uniform(p, q):
    a, b = q.concentration1, q.concentration0
    log_beta = a.lgamma() + b.lgamma() - (a + b).lgamma()
    of_rest = _mean_log_between(1 - p.high, 1 - p.low)
    return log_beta - (a - 1) * _mean_log(p) - (b - 1) * of_rest


def _poisson_of_bernoulli(p, q):
    return q.rate - p.probs * q.rate.log()


def _register(cross, kind_q, *kinds_p):
    def divergence(p, q):
        return cross(p, q) - p.entropy()

    for kind_p in kinds_p:
        register_kl(kind_p, kind_q)(divergence)


_register(_exponential, Exponential, Beta, ContinuousBernoulli, Gamma, Pareto)
_register(_gamma, Gamma, Beta, Exponential, Pareto)
_register(
    _normal,
    Normal,
    *(Beta, ContinuousBernoulli, Exponential, Gamma, Gumbel, Laplace, Pareto, Uniform),
)
_register(_gumbel, Gumbel, Exponential, Gamma, Normal, Uniform)
_register(_laplace_of_normal, Laplace, Normal)
_register(_continuous_bernoulli, ContinuousBernoulli, Beta)
_register(_poisson_of_bernoulli, Poisson, Bernoulli)


# ----- where q may give no density ---------------------------------------------------


def _uniform(p, q):
    return (q.high - q.low).log() - p.entropy()


@register_kl(Beta, Uniform)
def _kl_beta_uniform(p, q):
    return _infinite_where((q.low > 0) | (q.high < 1), _uniform(p, q))


@register_kl(ContinuousBernoulli, Uniform)
def _kl_continuous_bernoulli_uniform(p, q):
    return _infinite_where((q.low >= 0) | (q.high <= 1), _uniform(p, q))


@register_kl(Uniform, Beta)
def _kl_uniform_beta(p, q):
    value = _beta_of_uniform(p, q) - p.entropy()
    return _infinite_where((p.high > 1) | (p.low < 0), value)


@register_kl(Uniform, ContinuousBernoulli)
def _kl_uniform_continuous_bernoulli(p, q):
    value = _continuous_bernoulli(p, q) - p.entropy()
    return _infinite_where((p.high >= 1) | (p.low <= 0), value)


@register_kl(Uniform, Exponential)
def _kl_uniform_exponential(p, q):
    return _infinite_where(p.low < 0, _exponential(p, q) - p.entropy())


@register_kl(Uniform, Gamma)
def _kl_uniform_gamma(p, q):
    return _infinite_where(p.low < 0, _gamma(p, q) - p.entropy())


@register_kl(Uniform, Pareto)
def _kl_uniform_pareto(p, q):
    return _infinite_where(p.low < q.scale, _pareto(p, q) - p.entropy())


def _infinite(*pairs):
    """Of p whose numbers are not all within the support of any q."""

    def divergence(p, q):
        like = next(v for v in p.__dict__.values() if isinstance(v, torch.Tensor))
        return torch.full(
            torch.broadcast_shapes(p.batch_shape, q.batch_shape),
            torch.inf,
            dtype=like.dtype,
            device=like.device,
        )

    for kind_p, kinds_q in pairs:
        for kind_q in kinds_q:
            register_kl(kind_p, kind_q)(divergence)


_INTERVALS = (Beta, ContinuousBernoulli, Pareto, Uniform)
_POSITIVE = (*_INTERVALS, Exponential, Gamma)
_infinite(
    (Beta, (Pareto,)),
    (ContinuousBernoulli, (Pareto,)),
    (Exponential, _INTERVALS),
    (Gamma, _INTERVALS),
    (Gumbel, _POSITIVE),
    (Laplace, _POSITIVE),
    (Normal, _POSITIVE),
    (Pareto, (Beta, ContinuousBernoulli, Uniform)),
    (Poisson, (Bernoulli, Binomial)),
)
