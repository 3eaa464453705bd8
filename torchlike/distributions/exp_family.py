"""``ExponentialFamily``: entropy from the derivative of the log normaliser."""

from __future__ import annotations

import torchlike as torch
from torchlike.distributions.distribution import Distribution

__all__ = ["ExponentialFamily"]


class ExponentialFamily(Distribution):
    """Densities exp(⟨t(x), θ⟩ - F(θ) + k(x)) with natural parameters θ.

    **Source** F. Nielsen and R. Nock, Entropies and cross-entropies of exponential
    families, 2010
    """

    @property
    def _natural_params(self):
        """The parameters θ, a tuple."""
        raise NotImplementedError

    def _log_normalizer(self, *natural_params):
        """F(θ)."""
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self) -> float:
        """The expected value of k(x)."""
        raise NotImplementedError

    def entropy(self):
        """F(θ) - ⟨θ, ∇F(θ)⟩ - E k(x)."""
        natural = [p.detach().requires_grad_() for p in self._natural_params]
        normalizer = self._log_normalizer(*natural)
        gradients = torch.autograd.grad(normalizer.sum(), natural, create_graph=True)
        result = normalizer - self._mean_carrier_measure
        for p, g in zip(natural, gradients, strict=True):
            result = result - (p * g).reshape(self._batch_shape + (-1,)).sum(-1)
        return result
