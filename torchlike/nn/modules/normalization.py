"""Normalisation over the features of each sample."""

from __future__ import annotations

import numbers

from ..._ops.cross_map import cross_map_lrn2d
from .. import _torch as torch
from .. import functional as F
from .. import init
from ..module import Module
from ..parameter import Parameter
from .utils import REQUIRED, Settings


class LocalResponseNorm(Settings):
    """Divide by the energy of ``size`` neighbouring channels (Krizhevsky 2012)."""

    settings = {"size": REQUIRED, "alpha": 1e-4, "beta": 0.75, "k": 1.0}

    def forward(self, input):
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(Settings):
    """The older form of LocalResponseNorm, for (N, C, H, W).

    As in PyTorch, the first channel counts for all the later ones, and the window of
    the gradient lies one channel lower than that of the output.
    """

    settings = {"size": REQUIRED, "alpha": 1e-4, "beta": 0.75, "k": 1}

    def forward(self, input):
        settings = float(self.alpha), float(self.beta), float(self.k)
        return cross_map_lrn2d(input, self.size, *settings)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class _Affine(Module):
    """A learned scale and shift, both optional; they start as 1 and 0."""

    def _add_affine(self, shape, weight: bool, bias: bool | None, factory) -> None:
        param = Parameter(torch.empty(shape, **factory)) if weight else None
        self.register_parameter("weight", param)
        if bias is not None:
            param = (
                Parameter(torch.empty(shape, **factory)) if weight and bias else None
            )
            self.register_parameter("bias", param)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Scale 1, shift 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self._parameters.get("bias") is not None:
            init.zeros_(self.bias)


def _shape(normalized_shape) -> tuple[int, ...]:
    if isinstance(normalized_shape, numbers.Integral):
        return (normalized_shape,)
    return tuple(normalized_shape)


class LayerNorm(_Affine):
    """Mean 0 and variance 1 over the last dimensions, given by ``normalized_shape``."""

    def __init__(
        self,
        normalized_shape,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device=None,
        dtype=None,
    ):
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        factory = {"device": device, "dtype": dtype}
        self._add_affine(self.normalized_shape, elementwise_affine, bias, factory)

    def forward(self, input):
        return F.layer_norm(
            input, self.normalized_shape, self.weight, self.bias, self.eps
        )

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(_Affine):
    """Root mean square 1 over the last dimensions."""

    def __init__(
        self,
        normalized_shape,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device=None,
        dtype=None,
    ):
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        factory = {"device": device, "dtype": dtype}
        self._add_affine(self.normalized_shape, elementwise_affine, None, factory)

    def forward(self, x):
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(_Affine):
    """Mean 0 and variance 1 over each group of channels. Shape: (N, C, *)."""

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device=None,
        dtype=None,
        *,
        bias: bool = True,
    ):
        super().__init__()
        if num_channels % num_groups != 0:
            raise ValueError(
                f"num_channels ({num_channels}) must be divisible by num_groups "
                f"({num_groups})"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        factory = {"device": device, "dtype": dtype}
        self._add_affine(num_channels, affine, bias, factory)

    def forward(self, input):
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, "
            f"affine={self.affine}, bias={self.bias is not None}"
        )
