"""Pooling in one, two and three dimensions."""

from __future__ import annotations

from .. import functional as F
from ..module import Module
from .utils import REQUIRED, Settings, ntuple


# ---- maximum -------------------------------------------------------------------------
class _MaxPoolNd(Settings):
    settings = {
        "kernel_size": REQUIRED,
        "stride": None,
        "padding": 0,
        "dilation": 1,
        "return_indices": False,
        "ceil_mode": False,
    }
    shown = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
    pool = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.stride is None:
            self.stride = self.kernel_size

    def forward(self, input):
        return getattr(F, self.pool)(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            ceil_mode=self.ceil_mode,
            return_indices=self.return_indices,
        )


class MaxPool1d(_MaxPoolNd):
    """Maximum over windows of (N, C, L)."""

    pool = "max_pool1d"


class MaxPool2d(_MaxPoolNd):
    """Maximum over windows of (N, C, H, W)."""

    pool = "max_pool2d"


class MaxPool3d(_MaxPoolNd):
    """Maximum over windows of (N, C, D, H, W)."""

    pool = "max_pool3d"


class _FractionalMaxPoolNd(Module):
    dims = 0

    def __init__(
        self,
        kernel_size,
        output_size=None,
        output_ratio=None,
        return_indices: bool = False,
        _random_samples=None,
    ):
        super().__init__()
        n, name = self.dims, type(self).__name__
        self.kernel_size = ntuple(kernel_size, n)
        if n == 3 and any(k <= 0 for k in self.kernel_size):
            raise ValueError(
                f"kernel_size must be greater than 0, but got {kernel_size}"
            )
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size = None if output_size is None else ntuple(output_size, n)
        self.output_ratio = None if output_ratio is None else ntuple(output_ratio, n)
        if output_size is None and output_ratio is None:
            raise ValueError(
                f"{name} requires specifying either an output size, or a pooling ratio"
            )
        if output_size is not None and output_ratio is not None:
            raise ValueError(
                "only one of output_size and output_ratio may be specified"
            )
        if not all(0 < ratio < 1 for ratio in self.output_ratio or ()):
            raise ValueError(
                f"output_ratio must be between 0 and 1 (got {output_ratio})"
            )

    def forward(self, input):
        return getattr(F, f"fractional_max_pool{self.dims}d")(
            input,
            self.kernel_size,
            self.output_size,
            self.output_ratio,
            self.return_indices,
            _random_samples=self._random_samples,
        )


class FractionalMaxPool2d(_FractionalMaxPoolNd):
    """Maximum over windows at random places of (N, C, H, W) (Graham 2014)."""

    dims = 2


class FractionalMaxPool3d(_FractionalMaxPoolNd):
    """Maximum over windows at random places of (N, C, T, H, W)."""

    dims = 3


class _MaxUnpoolNd(Module):
    dims = 0
    unpool = ""

    def __init__(self, kernel_size, stride=None, padding=0):
        super().__init__()
        self.kernel_size = ntuple(kernel_size, self.dims)
        self.stride = ntuple(kernel_size if stride is None else stride, self.dims)
        self.padding = ntuple(padding, self.dims)

    def forward(self, input, indices, output_size=None):
        return getattr(F, self.unpool)(
            input, indices, self.kernel_size, self.stride, self.padding, output_size
        )

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding}"
        )


class MaxUnpool1d(_MaxUnpoolNd):
    """Put the maxima of MaxPool1d back in their places, zeros elsewhere."""

    dims, unpool = 1, "max_unpool1d"


class MaxUnpool2d(_MaxUnpoolNd):
    """Put the maxima of MaxPool2d back in their places, zeros elsewhere."""

    dims, unpool = 2, "max_unpool2d"


class MaxUnpool3d(_MaxUnpoolNd):
    """Put the maxima of MaxPool3d back in their places, zeros elsewhere."""

    dims, unpool = 3, "max_unpool3d"


# ---- mean ----------------------------------------------------------------------------
class AvgPool1d(Settings):
    """Mean over windows of (N, C, L)."""

    settings = {
        "kernel_size": REQUIRED,
        "stride": None,
        "padding": 0,
        "ceil_mode": False,
        "count_include_pad": True,
    }
    shown = ("kernel_size", "stride", "padding")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.stride is None:
            self.stride = self.kernel_size
        for name in self.shown:
            setattr(self, name, ntuple(getattr(self, name), 1))

    def forward(self, input):
        return F.avg_pool1d(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )


class _AvgPoolNd(Settings):
    settings = {**AvgPool1d.settings, "divisor_override": None}
    shown = AvgPool1d.shown
    pool = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.stride is None:
            self.stride = self.kernel_size

    def forward(self, input):
        return getattr(F, self.pool)(
            input,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AvgPool2d(_AvgPoolNd):
    """Mean over windows of (N, C, H, W)."""

    pool = "avg_pool2d"


class AvgPool3d(_AvgPoolNd):
    """Mean over windows of (N, C, D, H, W)."""

    pool = "avg_pool3d"


# ---- p-norm --------------------------------------------------------------------------
class _LPPoolNd(Settings):
    settings = {
        "norm_type": REQUIRED,
        "kernel_size": REQUIRED,
        "stride": None,
        "ceil_mode": False,
    }
    pool = ""

    def forward(self, input):
        norm = float(self.norm_type)
        return getattr(F, self.pool)(
            input, norm, self.kernel_size, self.stride, self.ceil_mode
        )


class LPPool1d(_LPPoolNd):
    """The p-norm over windows of (N, C, L)."""

    pool = "lp_pool1d"


class LPPool2d(_LPPoolNd):
    """The p-norm over windows of (N, C, H, W)."""

    pool = "lp_pool2d"


class LPPool3d(_LPPoolNd):
    """The p-norm over windows of (N, C, D, H, W)."""

    pool = "lp_pool3d"


# ---- to a given output size ----------------------------------------------------------
class _AdaptiveMaxPoolNd(Settings):
    settings = {"output_size": REQUIRED, "return_indices": False}
    shown = ("output_size",)
    pool = ""

    def forward(self, input):
        return getattr(F, self.pool)(input, self.output_size, self.return_indices)


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """Maxima over as many windows of (N, C, L) as asked for."""

    pool = "adaptive_max_pool1d"


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """Maxima over as many windows of (N, C, H, W) as asked for."""

    pool = "adaptive_max_pool2d"


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """Maxima over as many windows of (N, C, D, H, W) as asked for."""

    pool = "adaptive_max_pool3d"


class _AdaptiveAvgPoolNd(Settings):
    settings = {"output_size": REQUIRED}
    pool = ""

    def forward(self, input):
        return getattr(F, self.pool)(input, self.output_size)


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """Means over as many windows of (N, C, L) as asked for."""

    pool = "adaptive_avg_pool1d"


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """Means over as many windows of (N, C, H, W) as asked for."""

    pool = "adaptive_avg_pool2d"


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """Means over as many windows of (N, C, D, H, W) as asked for."""

    pool = "adaptive_avg_pool3d"
