"""Interleaving groups of channels."""

from __future__ import annotations

from .. import functional as F
from .utils import REQUIRED, Settings


class ChannelShuffle(Settings):
    """Interleave the channels of ``groups`` groups."""

    settings = {"groups": REQUIRED}

    def forward(self, input):
        return F.channel_shuffle(input, self.groups)
