"""Padding the last one, two or three dimensions."""

from __future__ import annotations

from .. import functional as F
from ..module import Module
from .utils import ntuple


class _PadNd(Module):
    """``dims`` dimensions are padded; an int stands for every side."""

    dims = 0
    mode = ""

    def __init__(self, padding):
        super().__init__()
        self.padding = ntuple(padding, 2 * self.dims)

    def forward(self, input):
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class _ConstantPadNd(_PadNd):
    mode = "constant"

    def __init__(self, padding, value: float):
        super().__init__(padding)
        self.value = value

    def forward(self, input):
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class _CircularPadNd(_PadNd):
    mode = "circular"

    def forward(self, input):
        wanted = (self.dims + 1, self.dims + 2)
        if input.dim() not in wanted:
            raise ValueError(
                f"expected {wanted[0]}D or {wanted[1]}D input (got {input.dim()}D "
                "input)"
            )
        return super().forward(input)


class ConstantPad1d(_ConstantPadNd):
    """Pad one dimension with ``value``."""

    dims = 1


class ConstantPad2d(_ConstantPadNd):
    """Pad two dimensions with ``value``."""

    dims = 2


class ConstantPad3d(_ConstantPadNd):
    """Pad three dimensions with ``value``."""

    dims = 3


class _ZeroPadNd:
    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class ZeroPad1d(_ZeroPadNd, ConstantPad1d):
    """Pad one dimension with zeros."""


class ZeroPad2d(_ZeroPadNd, ConstantPad2d):
    """Pad two dimensions with zeros."""


class ZeroPad3d(_ZeroPadNd, ConstantPad3d):
    """Pad three dimensions with zeros."""


class ReflectionPad1d(_PadNd):
    """Pad one dimension with the mirror image, the edge not repeated."""

    dims, mode = 1, "reflect"


class ReflectionPad2d(_PadNd):
    """Pad two dimensions with the mirror image, the edge not repeated."""

    dims, mode = 2, "reflect"


class ReflectionPad3d(_PadNd):
    """Pad three dimensions with the mirror image, the edge not repeated."""

    dims, mode = 3, "reflect"


class ReplicationPad1d(_PadNd):
    """Pad one dimension with the edge."""

    dims, mode = 1, "replicate"


class ReplicationPad2d(_PadNd):
    """Pad two dimensions with the edge."""

    dims, mode = 2, "replicate"


class ReplicationPad3d(_PadNd):
    """Pad three dimensions with the edge."""

    dims, mode = 3, "replicate"


class CircularPad1d(_CircularPadNd):
    """Pad one dimension with the other end."""

    dims = 1


class CircularPad2d(_CircularPadNd):
    """Pad two dimensions with the other ends."""

    dims = 2


class CircularPad3d(_CircularPadNd):
    """Pad three dimensions with the other ends."""

    dims = 3
