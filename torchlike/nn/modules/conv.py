"""Convolutions and transposed convolutions of one, two and three dimensions."""

from __future__ import annotations

import math

from .. import _torch as torch
from .. import functional as F
from .. import init
from ..module import Module
from ..parameter import Parameter
from .linear import init_bias
from .utils import ntuple

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _ConvNd(Module):
    """What all convolutions share; ``dims`` is the number of spatial dimensions."""

    dims = 0
    transposed = False

    def _setup(self, channels, sizes, groups, bias, padding_mode, factory) -> None:
        self.in_channels, self.out_channels = channels
        self.kernel_size, self.stride, self.padding, self.dilation = sizes[:4]
        self.output_padding = sizes[4]
        self.transposed = type(self).transposed
        self.groups = groups
        self.padding_mode = padding_mode
        self._check()
        self._reversed_padding_repeated_twice = self._sides()
        self.weight = Parameter(torch.empty(self._weight_shape(), **factory))
        if bias:
            self.bias = Parameter(torch.empty(self.out_channels, **factory))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _size(self, size):
        return size if isinstance(size, str) else ntuple(size, self.dims)

    def _weight_shape(self):
        first, second = self.out_channels, self.in_channels
        if self.transposed:
            first, second = second, first
        return (first, second // self.groups, *self.kernel_size)

    def _check(self) -> None:
        if self.groups <= 0:
            raise ValueError("groups must be a positive integer")
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) % self.groups:
                raise ValueError(f"{name} must be divisible by groups")
        if isinstance(self.padding, str):
            if self.padding not in ("same", "valid"):
                raise ValueError(
                    f"Invalid padding string {self.padding!r}, should be one of "
                    f"{ {'same', 'valid'} }"
                )
            if self.padding == "same" and any(s != 1 for s in self.stride):
                raise ValueError(
                    "padding='same' is not supported for strided convolutions"
                )
        if self.padding_mode not in _PADDING_MODES:
            raise ValueError(
                f"padding_mode must be one of {set(_PADDING_MODES)}, but got "
                f"padding_mode='{self.padding_mode}'"
            )

    def _sides(self):
        """Padding as ``F.pad`` takes it: last dimension first, both its sides."""
        if not isinstance(self.padding, str):
            return tuple(p for p in reversed(self.padding) for _ in range(2))
        sides = []
        for dilation, kernel in zip(self.dilation, self.kernel_size, strict=True):
            total = dilation * (kernel - 1) if self.padding == "same" else 0
            sides = [total // 2, total - total // 2, *sides]
        return sides

    def reset_parameters(self) -> None:
        """Draw weight and bias uniformly within 1 / sqrt(fan in)."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None and self.weight.numel():
            init_bias(self)

    def extra_repr(self) -> str:
        text = (
            f"{self.in_channels}, {self.out_channels}, "
            f"kernel_size={self.kernel_size}, stride={self.stride}"
        )
        for name, usual in (("padding", 0), ("dilation", 1), ("output_padding", 0)):
            size = getattr(self, name)
            if size != (usual,) * len(size):
                text += f", {name}={size}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text

    def __setstate__(self, state) -> None:
        super().__setstate__(state)
        self.__dict__.setdefault("padding_mode", "zeros")


class _Conv(_ConvNd):
    convolve = ""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size,
        stride=1,
        padding=0,
        dilation=1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device=None,
        dtype=None,
    ):
        super().__init__()
        sizes = [self._size(s) for s in (kernel_size, stride, padding, dilation, 0)]
        factory = {"device": device, "dtype": dtype}
        channels = (in_channels, out_channels)
        self._setup(channels, sizes, groups, bias, padding_mode, factory)

    def _conv_forward(self, input, weight, bias):
        padding = self.padding
        if self.padding_mode != "zeros":
            sides = self._reversed_padding_repeated_twice
            input = F.pad(input, sides, mode=self.padding_mode)
            padding = (0,) * self.dims
        return getattr(F, self.convolve)(
            input, weight, bias, self.stride, padding, self.dilation, self.groups
        )

    def forward(self, input):
        return self._conv_forward(input, self.weight, self.bias)


class Conv1d(_Conv):
    """Cross-correlation with learned kernels.

    Shape: input (N, C_in, L) or (C_in, L), output (N, C_out, L_out).
    """

    dims, convolve = 1, "conv1d"


class Conv2d(_Conv):
    """Cross-correlation with learned kernels.

    Shape: input (N, C_in, H, W) or (C_in, H, W), output (N, C_out, H_out, W_out).
    """

    dims, convolve = 2, "conv2d"


class Conv3d(_Conv):
    """Cross-correlation with learned kernels.

    Shape: input (N, C_in, D, H, W), output (N, C_out, D_out, H_out, W_out).
    """

    dims, convolve = 3, "conv3d"


# ---- transposed ----------------------------------------------------------------------
class _ConvTransposeNd(_ConvNd):
    transposed = True
    convolve = ""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size,
        stride=1,
        padding=0,
        output_padding=0,
        groups: int = 1,
        bias: bool = True,
        dilation=1,
        padding_mode: str = "zeros",
        device=None,
        dtype=None,
    ):
        if padding_mode != "zeros":
            raise ValueError(
                f'Only "zeros" padding mode is supported for {type(self).__name__}'
            )
        super().__init__()
        given = (kernel_size, stride, padding, dilation, output_padding)
        sizes = [self._size(s) for s in given]
        factory = {"device": device, "dtype": dtype}
        channels = (in_channels, out_channels)
        self._setup(channels, sizes, groups, bias, padding_mode, factory)

    def forward(self, input, output_size=None):
        output_padding = self.output_padding
        if output_size is not None:
            output_padding = self._padding_for(input, list(output_size))
        return getattr(F, self.convolve)(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            output_padding,
            self.groups,
            self.dilation,
        )

    def _padding_for(self, input, wanted: list[int]) -> list[int]:
        """The ``output_padding`` that gives the wanted spatial size."""
        dims = self.dims
        lead = 2 if input.dim() == dims + 2 else 1
        if len(wanted) == lead + dims:
            wanted = wanted[lead:]
        if len(wanted) != dims:
            raise ValueError(
                f"ConvTranspose{dims}D: for {input.dim()}D input, output_size must "
                f"have {dims} or {lead + dims} elements (got {len(wanted)})"
            )
        least = [
            (input.size(i + lead) - 1) * self.stride[i]
            - 2 * self.padding[i]
            + self.dilation[i] * (self.kernel_size[i] - 1)
            + 1
            for i in range(dims)
        ]
        most = [n + s - 1 for n, s in zip(least, self.stride, strict=True)]
        for size, low, high in zip(wanted, least, most, strict=True):
            if not low <= size <= high:
                raise ValueError(
                    f"requested an output size of {wanted}, but valid sizes range from "
                    f"{least} to {most} (for an input of {input.size()[2:]})"
                )
        return [size - low for size, low in zip(wanted, least, strict=True)]


class ConvTranspose1d(_ConvTransposeNd):
    """The gradient of Conv1d with respect to its input."""

    dims, convolve = 1, "conv_transpose1d"


class ConvTranspose2d(_ConvTransposeNd):
    """The gradient of Conv2d with respect to its input."""

    dims, convolve = 2, "conv_transpose2d"


class ConvTranspose3d(_ConvTransposeNd):
    """The gradient of Conv3d with respect to its input."""

    dims, convolve = 3, "conv_transpose3d"
