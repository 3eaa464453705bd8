"""Distributions given by a probability or by its log odds."""

from __future__ import annotations

import torchlike as torch
from torchlike.distributions.utils import (
    broadcast_all,
    either,
    lazy_property,
    logits_to_probs,
    numbers_only,
    probs_to_logits,
)


class ProbsOrLogits:
    """``probs`` and ``logits`` of a distribution; the one not given is derived."""

    def _take(self, probs, logits, *others):
        """Set the one that is given and return it, the others broadcast with it.

        The batch shape is empty where all are numbers.
        """
        given = either(probs, logits)
        *others, tensor = broadcast_all(*others, given)
        setattr(self, "logits" if probs is None else "probs", tensor)
        self._scalar = numbers_only(given)
        return others

    def _shape(self):
        return torch.Size() if self.__dict__.pop("_scalar") else self._param.size()

    @property
    def _param(self):
        """The one that was given."""
        own = self.__dict__
        return own[next(name for name in own if name in ("probs", "logits"))]

    @property
    def param_shape(self):
        """The shape of ``probs`` and ``logits``."""
        return self._param.size()

    def _new(self, *args, **kwargs):
        return self._param.new(*args, **kwargs)

    @lazy_property
    def logits(self):
        """log(p / (1 - p))."""
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self):
        """The probability of success."""
        return logits_to_probs(self.logits, is_binary=True)
