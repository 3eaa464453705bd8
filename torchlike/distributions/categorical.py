"""The categorical distribution."""

from __future__ import annotations

import torchlike as torch
from torchlike._ops._intercept import unwatched
from torchlike._ops.sampling import one_of_each
from torchlike.distributions import constraints
from torchlike.distributions.distribution import Distribution
from torchlike.distributions.utils import (
    at_once,
    either,
    lazy_property,
    logits_to_probs,
    normalised,
    picked,
    probs_to_logits,
)

__all__ = ["Categorical"]


class Categorical(Distribution):
    """Integers 0 … n - 1 with probabilities along the last dimension.

    ``probs`` are divided by their sum, ``logits`` are made to be log probabilities.
    """

    arg_constraints = {
        "probs": constraints.simplex,
        "logits": constraints.real_vector,
    }
    has_enumerate_support = True
    _parameters = {"probs": 1, "logits": 1, "_num_events": None}

    def __init__(self, probs=None, logits=None, validate_args=None):
        given = either(probs, logits)
        if given.dim() < 1:
            name = "probs" if logits is None else "logits"
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        if logits is None:
            self.probs = normalised(probs)
        else:
            self.logits = logits - logits.logsumexp(dim=-1, keepdim=True)
        self._num_events = given.size()[-1]
        super().__init__(given.size()[:-1], validate_args=validate_args)

    @property
    def _param(self):
        own = self.__dict__
        return own[next(name for name in own if name in ("probs", "logits"))]

    def _new(self, *args, **kwargs):
        return self._param.new_empty(*args, **kwargs)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self):
        return constraints.integer_interval(0, self._num_events - 1)

    @lazy_property
    def logits(self):
        """Log probabilities."""
        return probs_to_logits(self.probs)

    @lazy_property
    def probs(self):
        """Probabilities."""
        return logits_to_probs(self.logits)

    @property
    def param_shape(self):
        """The shape of ``probs`` and ``logits``."""
        return self._param.size()

    @property
    def mean(self):
        return self._undefined()

    @property
    def mode(self):
        return self.probs.argmax(dim=-1)

    @property
    def variance(self):
        return self._undefined()

    def _undefined(self):
        return torch.full(
            self._extended_shape(),
            torch.nan,
            dtype=self.probs.dtype,
            device=self.probs.device,
        )

    def sample(self, sample_shape=()):
        rows, count = self.probs, torch.Size(sample_shape).numel()
        shape = self._extended_shape(sample_shape)
        drawn = one_of_each(rows) if count == 1 and unwatched(rows) else None
        if drawn is not None:
            return drawn if drawn.shape == shape else drawn.reshape(shape)
        if rows.dim() > 1:
            rows = rows.reshape(-1, self._num_events)
        drawn = torch.multinomial(rows, count, True)
        with at_once(drawn):
            if drawn.dim() > 1 and drawn.shape[-1] != 1:
                drawn = drawn.T
            return drawn.reshape(shape)

    def log_prob(self, value):
        if self._validate_args:
            self._validate_sample(value)
        return picked(self.logits, value.long())

    def entropy(self):
        logits = torch.clamp(self.logits, min=torch.finfo(self.logits.dtype).min)
        return -(logits * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True):
        values = torch.arange(
            self._num_events, dtype=torch.long, device=self._param.device
        )
        return self._enumerated(values, expand)
