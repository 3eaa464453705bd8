"""The LKJ distribution of Cholesky factors of correlation matrices."""

from __future__ import annotations

import math

import torchlike as torch
from torchlike.distributions import constraints
from torchlike.distributions.beta import Beta
from torchlike.distributions.distribution import Distribution
from torchlike.distributions.utils import broadcast_all

__all__ = ["LKJCholesky"]


class LKJCholesky(Distribution):
    """Cholesky factors of correlation matrices R, density of R ∝ |R|^(η - 1).

    ``concentration`` η = 1 is uniform, larger values favour the identity.

    **Source** D. Lewandowski et al., Generating random correlation matrices based on
    vines and extended onion method, 2009 (the onion method)
    """

    arg_constraints = {"concentration": constraints.positive}
    support = constraints.corr_cholesky
    _parameters = {"concentration": 0, "_beta": 1, "dim": None}

    def __init__(self, dim, concentration=1.0, validate_args=None):
        if dim < 2:
            raise ValueError(
                "Expected dim to be an integer greater than or equal to 2. Found "
                f"dim={dim}."
            )
        self.dim = dim
        (self.concentration,) = broadcast_all(concentration)
        batch_shape = self.concentration.size()
        event_shape = torch.Size((dim, dim))
        self._beta = self._squared_radii()
        super().__init__(batch_shape, event_shape, validate_args)

    def _squared_radii(self):
        """Of the part of each row below the diagonal."""
        marginal = self.concentration + 0.5 * (self.dim - 2)
        steps = torch.arange(
            self.dim - 1,
            dtype=self.concentration.dtype,
            device=self.concentration.device,
        )
        steps = torch.cat([steps.new_zeros((1,)), steps])
        return Beta(steps + 0.5, marginal.unsqueeze(-1) - 0.5 * steps)

    def sample(self, sample_shape=()):
        """Row by row: a point on a sphere, drawn towards its centre."""
        with torch.no_grad():
            y = self._beta.sample(sample_shape).unsqueeze(-1)
            normal = torch.randn(
                self._extended_shape(sample_shape), dtype=y.dtype, device=y.device
            ).tril(-1)
            sphere = normal / normal.norm(dim=-1, keepdim=True)
            sphere[..., 0, :].fill_(0.0)  # the first row has nothing below
            below = torch.sqrt(y) * sphere
            least = torch.finfo(below.dtype).tiny
            left = torch.clamp(1 - torch.sum(below**2, dim=-1), min=least)
            return below + torch.diag_embed(left.sqrt())

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        diagonal = value.diagonal(dim1=-1, dim2=-2)[..., 1:]
        order = torch.arange(2, self.dim + 1, device=self.concentration.device)
        order = 2 * (self.concentration - 1).unsqueeze(-1) + self.dim - order
        unnormalized = torch.sum(order * diagonal.log(), dim=-1)
        return unnormalized - self._log_normalizer()

    def _log_normalizer(self):
        below = self.dim - 1
        alpha = self.concentration + 0.5 * below
        return (
            0.5 * below * math.log(math.pi)
            + torch.mvlgamma(alpha - 0.5, below)
            - torch.lgamma(alpha) * below
        )
