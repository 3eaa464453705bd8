"""The multivariate normal distribution with a covariance of low rank and a diagonal."""

from __future__ import annotations

import math

import torchlike as torch
from torchlike.distributions import constraints
from torchlike.distributions.distribution import Distribution
from torchlike.distributions.multivariate_normal import _batch_mahalanobis, _batch_mv
from torchlike.distributions.utils import _standard_normal, lazy_property

__all__ = ["LowRankMultivariateNormal"]


def _batch_capacitance_tril(factor, diag):
    """The Cholesky factor of I + Wᵀ D⁻¹ W for W (…, n, m) and D (…, n)."""
    m = factor.size(-1)
    weighted = factor.mT / diag.unsqueeze(-2)
    inner = torch.matmul(weighted, factor)
    return torch.linalg.cholesky(
        inner + torch.eye(m, dtype=inner.dtype, device=inner.device)
    )


def _batch_lowrank_logdet(factor, diag, capacitance_tril):
    """log |W Wᵀ + D|, by the matrix determinant lemma."""
    inner = 2 * capacitance_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
    return inner + diag.log().sum(-1)


def _batch_lowrank_mahalanobis(factor, diag, x, capacitance_tril):
    """xᵀ (W Wᵀ + D)⁻¹ x, by the Woodbury identity."""
    weighted = factor.mT / diag.unsqueeze(-2)
    outer = (x.pow(2) / diag).sum(-1)
    inner = _batch_mahalanobis(capacitance_tril, _batch_mv(weighted, x))
    return outer - inner


class LowRankMultivariateNormal(Distribution):
    """Covariance ``cov_factor`` ``cov_factor``ᵀ + diag(``cov_diag``)."""

    arg_constraints = {
        "loc": constraints.real_vector,
        "cov_factor": constraints.independent(constraints.real, 2),
        "cov_diag": constraints.independent(constraints.positive, 1),
    }
    support = constraints.real_vector
    has_rsample = True
    _parameters = {
        "loc": 1,
        "cov_diag": 1,
        "cov_factor": 2,
        "covariance_matrix": 2,
        "scale_tril": 2,
        "precision_matrix": 2,
        "_unbroadcasted_cov_factor": None,
        "_unbroadcasted_cov_diag": None,
        "_capacitance_tril": None,
    }

    def __init__(self, loc, cov_factor, cov_diag, validate_args=None):
        _check(loc, cov_factor, cov_diag)
        try:
            batch_shape = torch.broadcast_shapes(
                loc.shape[:-1], cov_factor.shape[:-2], cov_diag.shape[:-1]
            )
        except RuntimeError as error:
            raise ValueError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor "
                f"{cov_factor.shape}, cov_diag {cov_diag.shape}"
            ) from error
        batch_shape = torch.Size(batch_shape)
        self.loc = loc.expand(batch_shape + loc.shape[-1:])
        self.cov_factor = cov_factor.expand(batch_shape + cov_factor.shape[-2:])
        self.cov_diag = cov_diag.expand(batch_shape + cov_diag.shape[-1:])
        self._unbroadcasted_cov_factor = cov_factor
        self._unbroadcasted_cov_diag = cov_diag
        self._capacitance_tril = _batch_capacitance_tril(cov_factor, cov_diag)
        super().__init__(batch_shape, loc.shape[-1:], validate_args=validate_args)

    @property
    def mean(self):
        return self.loc

    @property
    def mode(self):
        return self.loc

    @lazy_property
    def variance(self):
        squares = self._unbroadcasted_cov_factor.pow(2).sum(-1)
        total = squares + self._unbroadcasted_cov_diag
        return total.expand(self._batch_shape + self._event_shape)

    @lazy_property
    def scale_tril(self):
        """The Cholesky factor of the covariance.

        It is √D times that of I + √D⁻¹ W Wᵀ √D⁻¹, which is well conditioned.
        """
        n = self._event_shape[0]
        diag = self._unbroadcasted_cov_diag
        scaled = self._unbroadcasted_cov_factor / diag.sqrt().unsqueeze(-1)
        eye = torch.eye(n, dtype=scaled.dtype, device=scaled.device)
        factor = torch.linalg.cholesky(torch.matmul(scaled, scaled.mT) + eye)
        factor = diag.sqrt().unsqueeze(-1) * factor
        return factor.expand(self._batch_shape + (n, n))

    @lazy_property
    def covariance_matrix(self):
        """The covariance."""
        factor = self._unbroadcasted_cov_factor
        matrix = torch.matmul(factor, factor.mT) + torch.diag_embed(
            self._unbroadcasted_cov_diag
        )
        return matrix.expand(self._batch_shape + self._event_shape * 2)

    @lazy_property
    def precision_matrix(self):
        """The inverse of the covariance: D⁻¹ - D⁻¹ W C⁻¹ Wᵀ D⁻¹."""
        diag = self._unbroadcasted_cov_diag
        weighted = self._unbroadcasted_cov_factor.mT / diag.unsqueeze(-2)
        solved = torch.linalg.solve_triangular(
            self._capacitance_tril, weighted, upper=False
        )
        matrix = torch.diag_embed(diag.reciprocal()) - torch.matmul(solved.mT, solved)
        return matrix.expand(self._batch_shape + self._event_shape * 2)

    def rsample(self, sample_shape=()):
        shape = self._extended_shape(sample_shape)
        rank = self.cov_factor.size(-1)
        options = {"dtype": self.loc.dtype, "device": self.loc.device}
        first = _standard_normal(shape[:-1] + (rank,), **options)
        second = _standard_normal(shape, **options)
        return (
            self.loc
            + _batch_mv(self._unbroadcasted_cov_factor, first)
            + self._unbroadcasted_cov_diag.sqrt() * second
        )

    def _log_det(self):
        return _batch_lowrank_logdet(
            self._unbroadcasted_cov_factor,
            self._unbroadcasted_cov_diag,
            self._capacitance_tril,
        )

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        distance = _batch_lowrank_mahalanobis(
            self._unbroadcasted_cov_factor,
            self._unbroadcasted_cov_diag,
            value - self.loc,
            self._capacitance_tril,
        )
        n = self._event_shape[0]
        return -0.5 * (n * math.log(2 * math.pi) + self._log_det() + distance)

    def entropy(self):
        n = self._event_shape[0]
        entropy = 0.5 * (n * (1.0 + math.log(2 * math.pi)) + self._log_det())
        return entropy.expand(self._batch_shape) if self._batch_shape else entropy


def _check(loc, cov_factor, cov_diag) -> None:
    if loc.dim() < 1:
        raise ValueError("loc must be at least one-dimensional.")
    event_shape = loc.shape[-1:]
    if cov_factor.dim() < 2:
        raise ValueError(
            "cov_factor must be at least two-dimensional, with optional leading batch "
            "dimensions"
        )
    if cov_factor.shape[-2:-1] != event_shape:
        raise ValueError(
            f"cov_factor must be a batch of matrices with shape {event_shape[0]} x m"
        )
    if cov_diag.shape[-1:] != event_shape:
        raise ValueError(
            f"cov_diag must be a batch of vectors with shape {event_shape}"
        )
