"""The Wishart distribution."""

from __future__ import annotations

import math
import warnings

import torchlike as torch
from torchlike.distributions import constraints
from torchlike.distributions.chi2 import Chi2
from torchlike.distributions.exp_family import ExponentialFamily
from torchlike.distributions.multivariate_normal import (
    _FORMS,
    CovarianceForms,
    _precision_to_scale_tril,
)

__all__ = ["Wishart"]

_TRIES = 10  # at drawing a singular sample again
_Number = (int, float, bool)


def _mvdigamma(x, p: int):
    """The sum of digamma(x - i / 2) for i below p."""
    steps = torch.arange(p, dtype=x.dtype, device=x.device).div(2)
    return torch.digamma(x.unsqueeze(-1) - steps.expand(x.shape + (-1,))).sum(-1)


def _clamp_above_eps(x):
    """Positive, so that its logarithm is finite."""
    return x.clamp(min=torch.finfo(x.dtype).eps)


class Wishart(CovarianceForms, ExponentialFamily):
    """Sums of ``df`` outer products of normal vectors of a covariance.

    **Source** S. Sawyer, Wishart distributions and inverse-Wishart sampling, 2007
    (Bartlett's decomposition)
    """

    support = constraints.positive_definite
    has_rsample = True
    _mean_carrier_measure = 0
    _parameters = {
        "df": 0,
        "_dist_chi2": 1,
        "_unbroadcasted_scale_tril": None,
        "_batch_dims": None,
        **dict.fromkeys(_FORMS, 2),
    }

    @property
    def arg_constraints(self):
        return {
            "covariance_matrix": constraints.positive_definite,
            "precision_matrix": constraints.positive_definite,
            "scale_tril": constraints.lower_cholesky,
            "df": constraints.greater_than(self.event_shape[-1] - 1),
        }

    def __init__(
        self,
        df,
        covariance_matrix=None,
        precision_matrix=None,
        scale_tril=None,
        validate_args=None,
    ):
        matrices = (covariance_matrix, precision_matrix, scale_tril)
        given = [(n, m) for n, m in zip(_FORMS, matrices, strict=True) if m is not None]
        if len(given) != 1:
            raise AssertionError(
                "Exactly one of covariance_matrix or precision_matrix or scale_tril "
                "may be specified."
            )
        ((name, matrix),) = given
        if matrix.dim() < 2:
            raise ValueError(
                "scale_tril must be at least two-dimensional, with optional leading "
                "batch dimensions"
            )
        if isinstance(df, _Number):
            batch_shape = torch.Size(matrix.shape[:-2])
            self.df = torch.tensor(df, dtype=matrix.dtype, device=matrix.device)
        else:
            batch_shape = torch.broadcast_shapes(matrix.shape[:-2], df.shape)
            batch_shape = torch.Size(batch_shape)
            self.df = df.expand(batch_shape)
        event_shape = matrix.shape[-2:]
        self._check_df(event_shape[-1])
        setattr(self, name, matrix.expand(batch_shape + (-1, -1)))
        # derived forms are not there to be checked before the factor is known
        super().__init__(batch_shape, event_shape, validate_args=validate_args)
        self._batch_dims = [-(x + 1) for x in range(len(batch_shape))]
        self._unbroadcasted_scale_tril = self._factor(name, matrix)
        self._dist_chi2 = self._chi2(event_shape[-1])

    def _check_df(self, p: int) -> None:
        if self.df.le(p - 1).any():
            raise ValueError(
                f"Value of df={self.df} expected to be greater than ndim - 1 = {p - 1}."
            )
        if self.df.lt(p).any():
            warnings.warn(
                "Low df values detected. Singular samples are highly likely to occur "
                "for ndim - 1 < df < ndim.",
                stacklevel=3,
            )

    @staticmethod
    def _factor(name: str, matrix):
        if name == "scale_tril":
            return matrix
        if name == "covariance_matrix":
            return torch.linalg.cholesky(matrix)
        return _precision_to_scale_tril(matrix)

    def _chi2(self, p: int):
        """Of the diagonal in Bartlett's decomposition: df, df - 1, …"""
        steps = torch.arange(
            p,
            dtype=self._unbroadcasted_scale_tril.dtype,
            device=self._unbroadcasted_scale_tril.device,
        )
        return Chi2(df=self.df.unsqueeze(-1) - steps.expand(self._batch_shape + (-1,)))

    @property
    def mean(self):
        return self.df.view(self._batch_shape + (1, 1)) * self.covariance_matrix

    @property
    def mode(self):
        factor = self.df - self.covariance_matrix.shape[-1] - 1
        factor = torch.where(factor <= 0, torch.nan, factor)
        return factor.view(self._batch_shape + (1, 1)) * self.covariance_matrix

    @property
    def variance(self):
        v = self.covariance_matrix
        diag = v.diagonal(dim1=-2, dim2=-1)
        outer = diag.unsqueeze(-1) * diag.unsqueeze(-2)
        return self.df.view(self._batch_shape + (1, 1)) * (v.pow(2) + outer)

    def _bartlett_sampling(self, sample_shape=()):
        p = self._event_shape[-1]
        noise = self._dist_chi2.rsample(sample_shape).clamp(
            min=torch.finfo(self._unbroadcasted_scale_tril.dtype).tiny
        )
        noise = noise.sqrt().diag_embed(dim1=-2, dim2=-1)
        rows, columns = torch.tril_indices(p, p, offset=-1)
        below = torch.randn(
            torch.Size(sample_shape) + self._batch_shape + (p * (p - 1) // 2,),
            dtype=noise.dtype,
            device=noise.device,
        )
        noise[..., rows, columns] = below
        factor = self._unbroadcasted_scale_tril @ noise
        return factor @ factor.transpose(-2, -1)

    def rsample(self, sample_shape=(), max_try_correction=None):
        """Draw; singular samples are drawn again, ``max_try_correction`` times."""
        tries = _TRIES if max_try_correction is None else max_try_correction
        sample_shape = torch.Size(sample_shape)
        sample = self._bartlett_sampling(sample_shape)
        singular = self._singular(sample)
        if not singular.any():
            return sample
        warnings.warn("Singular sample detected.", stacklevel=2)
        for _ in range(tries):
            again = self._bartlett_sampling(sample[singular].shape[:-2])
            new = self._singular(again)
            sample[singular] = again
            singular = singular.clone()
            singular[singular.clone()] = new
            if not singular.any():
                break
        return sample

    def _singular(self, sample):
        """Per sample, over its batch."""
        singular = self.support.check(sample).logical_not()
        return singular.amax(self._batch_dims) if self._batch_dims else singular

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        nu, p = self.df, self._event_shape[-1]
        factor = self._unbroadcasted_scale_tril
        log_diag = factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        trace = torch.cholesky_solve(value, factor).diagonal(dim1=-2, dim2=-1).sum(-1)
        return (
            -nu * (p * math.log(2) / 2 + log_diag)
            - torch.mvlgamma(nu / 2, p=p)
            + (nu - p - 1) / 2 * torch.linalg.slogdet(value).logabsdet
            - trace / 2
        )

    def entropy(self):
        nu, p = self.df, self._event_shape[-1]
        factor = self._unbroadcasted_scale_tril
        log_diag = factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return (
            (p + 1) * (p * math.log(2) / 2 + log_diag)
            + torch.mvlgamma(nu / 2, p=p)
            - (nu - p - 1) / 2 * _mvdigamma(nu / 2, p=p)
            + nu * p / 2
        )

    @property
    def _natural_params(self):
        nu, p = self.df, self._event_shape[-1]
        return -self.precision_matrix / 2, (nu - p - 1) / 2

    def _log_normalizer(self, x, y):
        p = self._event_shape[-1]
        log_det = -torch.linalg.slogdet(-2 * x).logabsdet
        degrees = y + (p + 1) / 2
        return degrees * (log_det + math.log(2) * p) + torch.mvlgamma(degrees, p=p)
