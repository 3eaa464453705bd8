"""Mixtures of distributions of one family."""

from __future__ import annotations

import torchlike as torch
from torchlike.distributions import constraints
from torchlike.distributions.categorical import Categorical
from torchlike.distributions.constraints import MixtureSameFamilyConstraint
from torchlike.distributions.distribution import Distribution

__all__ = ["MixtureSameFamily"]


class MixtureSameFamily(Distribution):
    """A component, chosen by ``mixture_distribution``, of ``component_distribution``.

    The components lie along its last batch dimension.
    """

    arg_constraints = {}
    has_rsample = False

    def __init__(
        self, mixture_distribution, component_distribution, validate_args=None
    ):
        self._mixture_distribution = mixture_distribution
        self._component_distribution = component_distribution
        _check(mixture_distribution, component_distribution)
        self._num_component = mixture_distribution.logits.shape[-1]
        event_shape = component_distribution.event_shape
        self._event_ndims = len(event_shape)
        super().__init__(
            batch_shape=component_distribution.batch_shape[:-1],
            event_shape=event_shape,
            validate_args=validate_args,
        )

    def expand(self, batch_shape, _instance=None):
        batch_shape = torch.Size(batch_shape)
        new = self._get_checked_instance(MixtureSameFamily, _instance)
        new._component_distribution = self._component_distribution.expand(
            batch_shape + (self._num_component,)
        )
        new._mixture_distribution = self._mixture_distribution.expand(batch_shape)
        new._num_component = self._num_component
        new._event_ndims = self._event_ndims
        event_shape = new._component_distribution.event_shape
        Distribution.__init__(new, batch_shape, event_shape, validate_args=False)
        new._validate_args = self._validate_args
        return new

    @constraints.dependent_property
    def support(self):
        return MixtureSameFamilyConstraint(self._component_distribution.support)

    @property
    def mixture_distribution(self):
        """The ``Categorical`` of the components."""
        return self._mixture_distribution

    @property
    def component_distribution(self):
        """The components."""
        return self._component_distribution

    def _weights(self):
        return self._pad_mixture_dimensions(self.mixture_distribution.probs)

    def _component_dim(self) -> int:
        return -1 - self._event_ndims

    @property
    def mean(self):
        means = self.component_distribution.mean
        return torch.sum(self._weights() * means, dim=self._component_dim())

    @property
    def variance(self):
        """The mean of the variances and the variance of the means."""
        weights, dim = self._weights(), self._component_dim()
        within = torch.sum(weights * self.component_distribution.variance, dim=dim)
        away = self.component_distribution.mean - self._pad(self.mean)
        return within + torch.sum(weights * away.pow(2.0), dim=dim)

    def cdf(self, x):
        cdf = self.component_distribution.cdf(self._pad(x))
        return torch.sum(cdf * self.mixture_distribution.probs, dim=-1)

    def log_prob(self, x):
        if self._validate_args:
            self._validate_sample(x)
        log_prob = self.component_distribution.log_prob(self._pad(x))
        log_mix = torch.log_softmax(self.mixture_distribution.logits, dim=-1)
        return torch.logsumexp(log_prob + log_mix, dim=-1)

    def sample(self, sample_shape=()):
        """All components are drawn, and one of them is taken."""
        with torch.no_grad():
            gather_dim = len(sample_shape) + len(self.batch_shape)
            chosen = self.mixture_distribution.sample(sample_shape)
            drawn = self.component_distribution.sample(sample_shape)
            kept = len(chosen.shape) + 1
            chosen = chosen.reshape(chosen.shape + (1,) * (len(self.event_shape) + 1))
            chosen = chosen.repeat(torch.Size([1] * kept) + self.event_shape)
            return torch.gather(drawn, gather_dim, chosen).squeeze(gather_dim)

    def _pad(self, x):
        """Room for the components."""
        return x.unsqueeze(self._component_dim())

    def _pad_mixture_dimensions(self, x):
        """Room for the event's dimensions, and for batch dimensions that are shared."""
        dist_batch = len(self.batch_shape)
        cat_batch = len(self.mixture_distribution.batch_shape)
        pad = 0 if cat_batch == 1 else dist_batch - cat_batch
        shape = x.shape[:-1] + torch.Size(pad * [1]) + x.shape[-1:]
        return x.reshape(shape + torch.Size(self._event_ndims * [1]))

    def __repr__(self) -> str:
        inner = f"\n  {self.mixture_distribution},\n  {self.component_distribution}"
        return f"MixtureSameFamily({inner})"


def _check(mixture, component) -> None:
    if not isinstance(mixture, Categorical):
        raise ValueError(
            " The Mixture distribution needs to be an  instance of "
            "torch.distributions.Categorical"
        )
    if not isinstance(component, Distribution):
        raise ValueError(
            "The Component distribution needs to be an instance of "
            "torch.distributions.Distribution"
        )
    batch = component.batch_shape[:-1]
    pairs = zip(reversed(mixture.batch_shape), reversed(batch), strict=False)
    for size1, size2 in pairs:
        if size1 != 1 and size2 != 1 and size1 != size2:
            raise ValueError(
                f"`mixture_distribution.batch_shape` ({mixture.batch_shape}) is not "
                "compatible with `component_distribution.batch_shape`"
                f"({batch})"
            )
    count, last = mixture.logits.shape[-1], component.batch_shape[-1]
    if count is not None and last is not None and count != last:
        raise ValueError(
            f"`mixture_distribution component` ({count}) does not equal "
            f"`component_distribution.batch_shape[-1]` ({last})"
        )
