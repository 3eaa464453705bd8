"""``torchvision.tv_tensors``: tensors that say what they are, for ``transforms.v2``.

What is computed from them is a plain tensor; only ``clone``, ``to``, ``detach`` and
``requires_grad_`` keep the kind.
"""

from __future__ import annotations

import contextlib
from enum import Enum

import numpy as np

import torchlike as torch
from torchlike import Tensor

__all__ = [
    "BoundingBoxFormat",
    "BoundingBoxes",
    "Image",
    "Mask",
    "TVTensor",
    "Video",
    "set_return_type",
    "wrap",
]

_KEEPING = ("clone", "to", "detach", "requires_grad_")
_keep_all = False


class TVTensor(Tensor):
    """The base of all kinds."""

    @classmethod
    def _tensor(cls, data, dtype, device, requires_grad) -> Tensor:
        if requires_grad is None:
            requires_grad = isinstance(data, Tensor) and data.requires_grad
        made = torch.as_tensor(data, dtype=dtype, device=device)
        return made.requires_grad_() if requires_grad else made.detach()

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        with torch._C.DisableTorchFunctionSubclass():
            out = func(*args, **(kwargs or {}))
        if not isinstance(out, Tensor) or not args:
            return out
        keeps = _keep_all or getattr(func, "__name__", "") in _KEEPING
        if keeps and isinstance(args[0], cls):
            return wrap(_plain(out), like=args[0])
        return _plain(out)

    def __repr__(self, *, tensor_contents=None) -> str:
        return f"{self.__class__.__name__}({_plain(self)!r}{self._more()})"

    def _more(self) -> str:
        return ""


def _plain(x: Tensor) -> Tensor:
    return x.as_subclass(Tensor) if isinstance(x, TVTensor) else x


class Image(TVTensor):
    """A picture (…, channels, height, width), from a tensor, array or Pillow image."""

    def __new__(cls, data, *, dtype=None, device=None, requires_grad=None):
        if hasattr(data, "getbands"):
            data = np.array(data)
            data = data[:, :, None] if data.ndim == 2 else data
            data = torch.from_numpy(np.ascontiguousarray(data.transpose(2, 0, 1)))
        made = cls._tensor(data, dtype, device, requires_grad)
        if made.ndim < 2:
            raise ValueError
        made = made[None] if made.ndim == 2 else made
        return made.as_subclass(cls)


class Video(TVTensor):
    """Frames (…, time, channels, height, width)."""

    def __new__(cls, data, *, dtype=None, device=None, requires_grad=None):
        made = cls._tensor(data, dtype, device, requires_grad)
        if made.ndim < 4:
            raise ValueError
        return made.as_subclass(cls)


class Mask(TVTensor):
    """Labels of pixels, (…, height, width)."""

    def __new__(cls, data, *, dtype=None, device=None, requires_grad=None):
        if hasattr(data, "getbands"):
            data = torch.from_numpy(np.array(data))
        return cls._tensor(data, dtype, device, requires_grad).as_subclass(cls)


class BoundingBoxFormat(Enum):
    """What the four numbers of a box are: corners, sizes, centres."""

    XYXY = "XYXY"
    XYWH = "XYWH"
    CXCYWH = "CXCYWH"


class BoundingBoxes(TVTensor):
    """Boxes (N, 4) in a picture of ``canvas_size`` (height, width)."""

    format: BoundingBoxFormat
    canvas_size: tuple[int, int]

    def __new__(
        cls, data, *, format, canvas_size, dtype=None, device=None, requires_grad=None
    ):
        made = cls._tensor(data, dtype, device, requires_grad)
        made = made[None] if made.ndim == 1 else made
        if made.ndim != 2:
            raise ValueError(f"Expected a 1D or 2D tensor, got {made.ndim}D")
        return _boxes(cls, made, format, canvas_size)

    def _more(self) -> str:
        return f", format={self.format}, canvas_size={self.canvas_size}"


def _boxes(cls, data: Tensor, format, canvas_size):
    boxes = data.as_subclass(cls)
    if isinstance(format, str):
        format = BoundingBoxFormat[format.upper()]
    boxes.format = format
    boxes.canvas_size = tuple(canvas_size)
    return boxes


def wrap(wrappee: Tensor, *, like: TVTensor, **kwargs):
    """A plain tensor as the kind of ``like``, with its format and size, if any."""
    if isinstance(like, BoundingBoxes):
        format = kwargs.get("format", like.format)
        size = kwargs.get("canvas_size", like.canvas_size)
        return _boxes(type(like), wrappee, format, size)
    return wrappee.as_subclass(type(like))


@contextlib.contextmanager
def _restored(before: bool):
    global _keep_all
    try:
        yield
    finally:
        _keep_all = before


def set_return_type(return_type: str):
    """``"TVTensor"``: what is computed keeps its kind; ``"Tensor"``: it does not.

    It holds from the call on; as a context manager, until the block ends.
    """
    global _keep_all
    before = _keep_all
    _keep_all = {"tensor": False, "tvtensor": True}[return_type.lower()]
    return _restored(before)
