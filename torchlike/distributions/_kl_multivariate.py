"""Divergences between multivariate normal distributions.

½ (log |Σq| - log |Σp| + tr(Σq⁻¹ Σp) + |Lq⁻¹ (μq - μp)|² - n); with low rank, inverse
and determinant come from the Woodbury identity.
"""

from __future__ import annotations

import torchlike as torch
from torchlike.distributions.kl import register_kl
from torchlike.distributions.lowrank_multivariate_normal import (
    LowRankMultivariateNormal,
    _batch_lowrank_logdet,
    _batch_lowrank_mahalanobis,
)
from torchlike.distributions.multivariate_normal import (
    MultivariateNormal,
    _batch_mahalanobis,
)


class _Full:
    """A covariance L Lᵀ."""

    def __init__(self, distribution):
        self.factor = distribution._unbroadcasted_scale_tril

    def roots(self):
        """Matrices whose products with their transposes add up to the covariance."""
        return [self.factor]

    def log_det(self):
        return 2 * self.factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)

    def distance(self, x):
        return _batch_mahalanobis(self.factor, x)

    def trace(self, root):
        """tr(Σ⁻¹ R Rᵀ)."""
        return _squares(_solve(self.factor, root))


class _LowRank:
    """A covariance W Wᵀ + D."""

    def __init__(self, distribution):
        self.factor = distribution._unbroadcasted_cov_factor
        self.diag = distribution._unbroadcasted_cov_diag
        self.inner = distribution._capacitance_tril

    def roots(self):
        return [self.factor, torch.diag_embed(self.diag.sqrt())]

    def log_det(self):
        return _batch_lowrank_logdet(self.factor, self.diag, self.inner)

    def distance(self, x):
        return _batch_lowrank_mahalanobis(self.factor, self.diag, x, self.inner)

    def trace(self, root):
        weighted = self.factor.mT / self.diag.unsqueeze(-2)
        outer = _squares(root / self.diag.sqrt().unsqueeze(-1))
        return outer - _squares(_solve(self.inner, weighted.matmul(root)))


def _solve(factor, matrix):
    """L⁻¹ M, with batch shapes broadcast."""
    batch = torch.broadcast_shapes(factor.shape[:-2], matrix.shape[:-2])
    factor = factor.expand(torch.Size(batch) + factor.shape[-2:])
    matrix = matrix.expand(torch.Size(batch) + matrix.shape[-2:])
    return torch.linalg.solve_triangular(factor, matrix, upper=False)


def _squares(matrix):
    return matrix.pow(2).sum((-2, -1))


def _divergence(p, q, covariance_p, covariance_q):
    if p.event_shape != q.event_shape:
        raise ValueError(
            "KL-divergence between two (Low Rank) Multivariate Normals with different "
            "event shapes cannot be computed"
        )
    trace = sum(covariance_q.trace(root) for root in covariance_p.roots())
    distance = covariance_q.distance(q.loc - p.loc)
    log_dets = covariance_q.log_det() - covariance_p.log_det()
    return 0.5 * (log_dets + trace + distance - p.event_shape[0])


def _register(kind_p, form_p, kind_q, form_q):
    @register_kl(kind_p, kind_q)
    def divergence(p, q):
        return _divergence(p, q, form_p(p), form_q(q))


_FORMS = ((MultivariateNormal, _Full), (LowRankMultivariateNormal, _LowRank))
for _p in _FORMS:
    for _q in _FORMS:
        _register(*_p, *_q)
