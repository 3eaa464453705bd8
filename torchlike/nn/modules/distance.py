"""Distances between rows."""

from __future__ import annotations

from .. import functional as F
from ..module import Module
from .utils import Settings


class PairwiseDistance(Module):
    """The p-norm of x1 - x2 + eps along the last dimension."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False):
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1, x2):
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)


class CosineSimilarity(Settings):
    """The cosine of the angle between x1 and x2 along ``dim``."""

    settings = {"dim": 1, "eps": 1e-8}
    shown = ()

    def forward(self, x1, x2):
        return F.cosine_similarity(x1, x2, self.dim, self.eps)
