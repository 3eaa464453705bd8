"""Sliding blocks to columns and back."""

from __future__ import annotations

from .. import functional as F
from .utils import REQUIRED, Settings


class Fold(Settings):
    """Sum columns of sliding blocks back into an image."""

    settings = {
        "output_size": REQUIRED,
        "kernel_size": REQUIRED,
        "dilation": 1,
        "padding": 0,
        "stride": 1,
    }

    def forward(self, input):
        return F.fold(
            input,
            self.output_size,
            self.kernel_size,
            self.dilation,
            self.padding,
            self.stride,
        )


class Unfold(Settings):
    """Sliding blocks of an image as columns."""

    settings = {"kernel_size": REQUIRED, "dilation": 1, "padding": 0, "stride": 1}

    def forward(self, input):
        return F.unfold(
            input, self.kernel_size, self.dilation, self.padding, self.stride
        )
