"""Activations: a function and its settings."""

from __future__ import annotations

import warnings

from .. import _torch as torch
from .. import functional as F
from .. import init
from ..module import Module
from ..parameter import Parameter
from .attention import MultiheadAttention as MultiheadAttention
from .utils import REQUIRED, Settings


class _InPlace(Settings):
    settings = {"inplace": False}


# ---- piecewise linear ----------------------------------------------------------------
class Threshold(Settings):
    """``input`` where it is above ``threshold``, else ``value``."""

    settings = {"threshold": REQUIRED, "value": REQUIRED, "inplace": False}

    def forward(self, input):
        return F.threshold(input, self.threshold, self.value, self.inplace)


class ReLU(_InPlace):
    """max(0, x)."""

    def forward(self, input):
        return F.relu(input, inplace=self.inplace)


class LeakyReLU(Settings):
    """x, times ``negative_slope`` below zero."""

    settings = {"negative_slope": 1e-2, "inplace": False}

    def forward(self, input):
        return F.leaky_relu(input, self.negative_slope, self.inplace)


class RReLU(Settings):
    """Leaky ReLU; in training the slope is drawn from ``lower`` to ``upper``."""

    settings = {"lower": 1.0 / 8, "upper": 1.0 / 3, "inplace": False}

    def forward(self, input):
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)


class PReLU(Module):
    """Leaky ReLU whose slope is learned, one or one per channel."""

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device=None, dtype=None
    ):
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(torch.empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set every slope to ``init``."""
        init.constant_(self.weight, self.init)

    def forward(self, input):
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


class Hardtanh(Settings):
    """x, cut at ``min_val`` and ``max_val``."""

    settings = {
        "min_val": -1.0,
        "max_val": 1.0,
        "inplace": False,
        "min_value": None,
        "max_value": None,
    }
    shown = ("min_val", "max_val", "inplace")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for old, new in (("min_value", "min_val"), ("max_value", "max_val")):
            if getattr(self, old) is not None:
                warnings.warn(
                    f"keyword argument `{old}` is deprecated and renamed to `{new}`",
                    FutureWarning,
                    stacklevel=2,
                )
                setattr(self, new, getattr(self, old))
            delattr(self, old)
        if self.max_val <= self.min_val:
            raise AssertionError(
                f"max_val ({self.max_val}) must be greater than min_val "
                f"({self.min_val})"
            )

    def forward(self, input):
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)


class ReLU6(Hardtanh):
    """x, cut at 0 and 6."""

    shown = ("inplace",)

    def __init__(self, inplace: bool = False):
        super().__init__(0.0, 6.0, inplace)


class Hardsigmoid(_InPlace):
    """relu6(x + 3) / 6."""

    shown = ()

    def forward(self, input):
        return F.hardsigmoid(input, self.inplace)


class Hardswish(_InPlace):
    """x times hardsigmoid(x)."""

    shown = ()

    def forward(self, input):
        return F.hardswish(input, self.inplace)


class Hardshrink(Settings):
    """x where |x| is above ``lambd``, else 0."""

    settings = {"lambd": 0.5}

    def forward(self, input):
        return F.hardshrink(input, self.lambd)

    def extra_repr(self) -> str:
        return str(self.lambd)


class Softshrink(Hardshrink):
    """x moved towards 0 by ``lambd``."""

    def forward(self, input):
        return F.softshrink(input, self.lambd)


# ---- smooth --------------------------------------------------------------------------
class Sigmoid(Module):
    """1 / (1 + exp(-x))."""

    def forward(self, input):
        return input.sigmoid()


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, input):
        return input.tanh()


class LogSigmoid(Module):
    """log(sigmoid(x))."""

    def forward(self, input):
        return F.logsigmoid(input)


class Tanhshrink(Module):
    """x - tanh(x)."""

    def forward(self, input):
        return F.tanhshrink(input)


class Softsign(Module):
    """x / (1 + |x|)."""

    def forward(self, input):
        return F.softsign(input)


class Softplus(Settings):
    """log(1 + exp(beta x)) / beta; x itself where beta x is above ``threshold``."""

    settings = {"beta": 1.0, "threshold": 20.0}

    def forward(self, input):
        return F.softplus(input, self.beta, self.threshold)


class SiLU(_InPlace):
    """x sigmoid(x)."""

    def forward(self, input):
        return F.silu(input, inplace=self.inplace)


class Mish(_InPlace):
    """x tanh(softplus(x))."""

    def forward(self, input):
        return F.mish(input, inplace=self.inplace)


class ELU(Settings):
    """x, and alpha (exp(x) - 1) below zero."""

    settings = {"alpha": 1.0, "inplace": False}

    def forward(self, input):
        return F.elu(input, self.alpha, self.inplace)


class CELU(ELU):
    """x, and alpha (exp(x / alpha) - 1) below zero."""

    def forward(self, input):
        return F.celu(input, self.alpha, self.inplace)


class SELU(_InPlace):
    """The self-normalising ELU of Klambauer et al. (2017)."""

    def forward(self, input):
        return F.selu(input, self.inplace)


class GELU(Settings):
    """x Phi(x), with ``approximate="tanh"`` for the usual approximation."""

    settings = {"approximate": "none"}

    def forward(self, input):
        return F.gelu(input, approximate=self.approximate)


# ---- along a dimension ---------------------------------------------------------------
class GLU(Settings):
    """The first half along ``dim`` times the sigmoid of the second."""

    settings = {"dim": -1}

    def forward(self, input):
        return F.glu(input, self.dim)


class Softmin(Settings):
    """softmax(-x)."""

    settings = {"dim": None}

    def forward(self, input):
        return F.softmin(input, self.dim, _stacklevel=5)


class Softmax(Softmin):
    """exp(x) over its sum along ``dim``."""

    def forward(self, input):
        return F.softmax(input, self.dim, _stacklevel=5)


class LogSoftmax(Softmin):
    """log(softmax(x))."""

    def forward(self, input):
        return F.log_softmax(input, self.dim, _stacklevel=5)


class Softmax2d(Module):
    """Softmax over the channels of images (N, C, H, W) or (C, H, W)."""

    def forward(self, input):
        if input.dim() not in (3, 4):
            raise ValueError(
                f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead"
            )
        return F.softmax(input, -3, _stacklevel=5)
