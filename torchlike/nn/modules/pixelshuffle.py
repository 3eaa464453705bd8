"""Moving entries between channels and space."""

from __future__ import annotations

from .. import functional as F
from .utils import REQUIRED, Settings


class PixelShuffle(Settings):
    """(*, C r^2, H, W) to (*, C, H r, W r)."""

    settings = {"upscale_factor": REQUIRED}

    def forward(self, input):
        return F.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Settings):
    """(*, C, H r, W r) to (*, C r^2, H, W)."""

    settings = {"downscale_factor": REQUIRED}

    def forward(self, input):
        return F.pixel_unshuffle(input, self.downscale_factor)
