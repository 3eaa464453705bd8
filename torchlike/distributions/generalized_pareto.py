"""The generalised Pareto distribution."""

from __future__ import annotations

import torchlike as torch
from torchlike.distributions import constraints
from torchlike.distributions.distribution import Distribution
from torchlike.distributions.utils import broadcast_all, numbers_only

__all__ = ["GeneralizedPareto"]


class GeneralizedPareto(Distribution):
    """Excesses over a threshold ``loc``.

    A concentration of 0 is the exponential distribution, a negative one ends at
    loc - scale / concentration.

    **Source** https://en.wikipedia.org/wiki/Generalized_Pareto_distribution
    """

    arg_constraints = {
        "loc": constraints.real,
        "scale": constraints.positive,
        "concentration": constraints.real,
    }
    has_rsample = True
    _parameters = {"loc": 0, "scale": 0, "concentration": 0}

    def __init__(self, loc, scale, concentration, validate_args=None):
        self.loc, self.scale, self.concentration = broadcast_all(
            loc, scale, concentration
        )
        numbers = numbers_only(loc, scale, concentration)
        batch_shape = torch.Size() if numbers else self.loc.size()
        super().__init__(batch_shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self):
        end = self.loc - self.scale / self.concentration
        return constraints.interval(
            self.loc, torch.where(self.concentration < 0, end, torch.inf)
        )

    def _nearly_zero(self):
        return torch.isclose(self.concentration, torch.zeros_like(self.concentration))

    def rsample(self, sample_shape=()):
        shape = self._extended_shape(sample_shape)
        u = torch.rand(shape, dtype=self.loc.dtype, device=self.loc.device)
        return self.icdf(u)

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        z = self._z(value)
        zero = self._nearly_zero()
        k = torch.where(zero, torch.ones_like(self.concentration), self.concentration)
        power = (1 / k + 1) * torch.log1p(k * z)
        return -self.scale.log() - torch.where(zero, z, power)

    def _z(self, value):
        return (value - self.loc) / self.scale

    def log_survival_function(self, value):
        """The logarithm of the probability of more than ``value``."""
        if self._validate_args:
            self._validate_sample(value)
        z = self._z(value)
        zero = self._nearly_zero()
        k = torch.where(zero, torch.ones_like(self.concentration), self.concentration)
        return torch.where(zero, -z, -torch.log1p(k * z) / k)

    def log_cdf(self, value):
        """The logarithm of ``cdf``."""
        return torch.log1p(-torch.exp(self.log_survival_function(value)))

    def cdf(self, value):
        return torch.exp(self.log_cdf(value))

    def icdf(self, value):
        zero = self._nearly_zero()
        k = torch.where(zero, torch.ones_like(self.concentration), self.concentration)
        log_above = torch.log1p(-value)
        exponential = self.loc - self.scale * log_above
        power = self.loc + self.scale * torch.expm1(-k * log_above) / k
        return torch.where(zero, exponential, power)

    @property
    def mean(self):
        k = self.concentration
        valid = k < 1
        safe = torch.where(valid, k, 0.5)
        return torch.where(valid, self.loc + self.scale / (1 - safe), torch.nan)

    @property
    def variance(self):
        k = self.concentration
        valid = k < 0.5
        safe = torch.where(valid, k, 0.25)
        value = self.scale**2 / ((1 - safe) ** 2 * (1 - 2 * safe))
        return torch.where(valid, value, torch.nan)

    def entropy(self):
        return torch.log(self.scale) + self.concentration + 1

    @property
    def mode(self):
        return self.loc
