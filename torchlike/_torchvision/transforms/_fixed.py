"""Transforms without chance."""

from __future__ import annotations

from collections.abc import Sequence

import torchlike as torch
from torchlike import Tensor, nn

from . import functional as F
from ._base import ModuleRepr, Repr, size_pair
from ._modes import InterpolationMode, as_mode

_BILINEAR = InterpolationMode.BILINEAR


class ToTensor(Repr):
    """:func:`functional.to_tensor`."""

    def __call__(self, pic) -> Tensor:
        return F.to_tensor(pic)


class PILToTensor(Repr):
    """:func:`functional.pil_to_tensor`."""

    def __call__(self, pic) -> Tensor:
        return F.pil_to_tensor(pic)


class ToPILImage:
    """:func:`functional.to_pil_image`."""

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def __call__(self, pic):
        return F.to_pil_image(pic, self.mode)

    def __repr__(self) -> str:
        shown = "" if self.mode is None else f"mode={self.mode}"
        return f"{self.__class__.__name__}({shown})"


class ConvertImageDtype(nn.Module):
    """:func:`functional.convert_image_dtype`."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype

    def forward(self, image: Tensor) -> Tensor:
        return F.convert_image_dtype(image, self.dtype)


class Normalize(ModuleRepr):
    """(tensor - mean) / std, channel by channel."""

    _shown = ("mean", "std")

    def __init__(self, mean, std, inplace: bool = False) -> None:
        super().__init__()
        self.mean = mean
        self.std = std
        self.inplace = inplace

    def forward(self, tensor: Tensor) -> Tensor:
        return F.normalize(tensor, self.mean, self.std, self.inplace)


class Resize(nn.Module):
    """:func:`functional.resize`."""

    def __init__(
        self, size, interpolation=_BILINEAR, max_size=None, antialias=True
    ) -> None:
        super().__init__()
        if not isinstance(size, (int, Sequence)):
            raise TypeError(f"Size should be int or sequence. Got {type(size)}")
        if isinstance(size, Sequence) and len(size) not in (1, 2):
            raise ValueError("If size is a sequence, it should have 1 or 2 values")
        self.size = size
        self.max_size = max_size
        self.interpolation = as_mode(interpolation)
        self.antialias = antialias

    def forward(self, img):
        return F.resize(
            img, self.size, self.interpolation, self.max_size, self.antialias
        )

    def __repr__(self) -> str:
        detail = (
            f"(size={self.size}, interpolation={self.interpolation.value}, "
            f"max_size={self.max_size}, antialias={self.antialias})"
        )
        return f"{self.__class__.__name__}{detail}"


class CenterCrop(ModuleRepr):
    """:func:`functional.center_crop`."""

    _shown = ("size",)

    def __init__(self, size) -> None:
        super().__init__()
        self.size = size_pair(size)

    def forward(self, img):
        return F.center_crop(img, self.size)


class Pad(ModuleRepr):
    """:func:`functional.pad`."""

    _shown = ("padding", "fill", "padding_mode")

    def __init__(self, padding, fill=0, padding_mode: str = "constant") -> None:
        super().__init__()
        if not isinstance(padding, (int, float, tuple, list)):
            raise TypeError("Got inappropriate padding arg")
        if not isinstance(fill, (int, float, tuple, list)):
            raise TypeError("Got inappropriate fill arg")
        if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
            raise ValueError(
                "Padding mode should be either constant, edge, reflect or symmetric"
            )
        if isinstance(padding, Sequence) and len(padding) not in (1, 2, 4):
            raise ValueError(
                "Padding must be an int or a 1, 2, or 4 element tuple, not a "
                f"{len(padding)} element tuple"
            )
        self.padding = padding
        self.fill = fill
        self.padding_mode = padding_mode

    def forward(self, img):
        return F.pad(img, self.padding, self.fill, self.padding_mode)


class Grayscale(ModuleRepr):
    """:func:`functional.rgb_to_grayscale`."""

    _shown = ("num_output_channels",)

    def __init__(self, num_output_channels: int = 1) -> None:
        super().__init__()
        self.num_output_channels = num_output_channels

    def forward(self, img):
        return F.rgb_to_grayscale(img, self.num_output_channels)


class FiveCrop(ModuleRepr):
    """:func:`functional.five_crop`: a tuple of images."""

    _shown = ("size",)

    def __init__(self, size) -> None:
        super().__init__()
        self.size = size_pair(size)

    def forward(self, img) -> tuple:
        return F.five_crop(img, self.size)


class TenCrop(ModuleRepr):
    """:func:`functional.ten_crop`: a tuple of images."""

    _shown = ("size", "vertical_flip")

    def __init__(self, size, vertical_flip: bool = False) -> None:
        super().__init__()
        self.size = size_pair(size)
        self.vertical_flip = vertical_flip

    def forward(self, img) -> tuple:
        return F.ten_crop(img, self.size, self.vertical_flip)


class LinearTransformation(nn.Module):
    """(flattened image - mean) @ matrix: whitening."""

    def __init__(self, transformation_matrix: Tensor, mean_vector: Tensor) -> None:
        super().__init__()
        rows, columns = transformation_matrix.shape
        if rows != columns:
            raise ValueError(
                "transformation_matrix should be square. Got "
                f"{tuple(transformation_matrix.size())} rectangular matrix."
            )
        if mean_vector.size(0) != rows:
            raise ValueError(
                f"mean_vector should have the same length {mean_vector.size(0)} as any "
                f"one of the dimensions of the transformation_matrix [{rows}]"
            )
        self.transformation_matrix = transformation_matrix
        self.mean_vector = mean_vector

    def forward(self, tensor: Tensor) -> Tensor:
        shape = tensor.size()
        numel = tensor.shape[-3] * tensor.shape[-2] * tensor.shape[-1]
        if numel != self.transformation_matrix.size(0):
            raise ValueError(
                "Input tensor and transformation matrix have incompatible shape."
                f"[{shape[-3]} x {shape[-2]} x {shape[-1]}] != "
                f"{self.transformation_matrix.size(0)}"
            )
        flat = tensor.reshape(-1, numel) - self.mean_vector
        return torch.mm(flat, self.transformation_matrix).reshape(shape)
