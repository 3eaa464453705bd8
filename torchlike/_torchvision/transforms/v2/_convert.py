"""Types, kinds and colours of the parts of a sample, without chance."""

from __future__ import annotations

import torchlike as torch

from ...ops.boxes import box_area
from ...tv_tensors import BoundingBoxes, BoundingBoxFormat, Image, Mask, TVTensor, Video
from .. import _fixed
from . import _boxes
from . import functional as F
from ._transform import Simple, Transform, is_pil, is_pure_tensor


class ToImage(Transform):
    """Pictures as ``tv_tensors.Image``; values stay as they are."""

    def _takes(self, inpt) -> bool:
        return is_pil(inpt) or type(inpt).__name__ == "ndarray"

    def transform(self, inpt, params: dict):
        return F.to_image(inpt)


class PILToTensor(Transform):
    """Pillow images as plain tensors."""

    def _needs_transform_list(self, flat: list) -> list[bool]:
        return [is_pil(inpt) for inpt in flat]

    def transform(self, inpt, params: dict):
        return F.pil_to_tensor(inpt)


class ToTensor(PILToTensor):
    """The first version's, kept for old scripts: floats in [0, 1]."""

    def _needs_transform_list(self, flat: list) -> list[bool]:
        return [is_pil(inpt) or type(inpt).__name__ == "ndarray" for inpt in flat]

    def transform(self, inpt, params: dict):
        return F.to_tensor(inpt)


class ToPILImage(Transform):
    """Pictures as Pillow images."""

    _transformed_types = (Image,)

    def __init__(self, mode: str | None = None) -> None:
        super().__init__()
        self.mode = mode

    def transform(self, inpt, params: dict):
        return inpt if is_pil(inpt) else F.to_pil_image(inpt, mode=self.mode)


class ToPureTensor(Transform):
    """Tensors that no longer say what they are."""

    def _needs_transform_list(self, flat: list) -> list[bool]:
        return [isinstance(inpt, TVTensor) for inpt in flat]

    def transform(self, inpt, params: dict):
        return inpt.as_subclass(torch.Tensor)


class ToDtype(Transform):
    """Another type, for pictures or, by a dictionary, for each kind.

    With ``scale`` white stays white.
    """

    def __init__(self, dtype, scale: bool = False) -> None:
        super().__init__()
        self.dtype = dtype
        self.scale = scale

    def _takes(self, inpt) -> bool:
        return isinstance(inpt, TVTensor)

    def transform(self, inpt, params: dict):
        dtype = self._wanted(inpt)
        return inpt if dtype is None else F.to_dtype(inpt, dtype, scale=self.scale)

    def _wanted(self, inpt):
        if not isinstance(self.dtype, dict):
            picture = is_pure_tensor(inpt) or isinstance(inpt, (Image, Video))
            return self.dtype if picture else None
        if type(inpt) in self.dtype:
            return self.dtype[type(inpt)]
        return self.dtype.get("others")


class ConvertImageDtype(ToDtype):
    """:class:`ToDtype` with ``scale``."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        super().__init__(dtype, scale=True)


class Normalize(Simple):
    """(picture - mean) / std, channel by channel."""

    _transformed_types = (Image, Video)
    _function = staticmethod(F.normalize)
    _options = ("mean", "std", "inplace")

    def __init__(self, mean, std, inplace: bool = False) -> None:
        super().__init__()
        self.mean = list(mean)
        self.std = list(std)
        self.inplace = inplace

    def check_inputs(self, flat_inputs: list) -> None:
        if any(is_pil(inpt) for inpt in flat_inputs):
            raise TypeError("Normalize() does not support PIL images.")


class Resize(Simple):
    """:func:`functional.resize`."""

    _function = staticmethod(F.resize)
    _options = ("size", "interpolation", "max_size", "antialias")

    def __init__(
        self,
        size,
        interpolation=F.InterpolationMode.BILINEAR,
        max_size=None,
        antialias=True,
    ) -> None:
        super().__init__()
        checked = _fixed.Resize(size, interpolation, max_size, antialias)
        self.size = [size] if isinstance(size, int) else list(size)
        self.interpolation = checked.interpolation
        self.max_size = max_size
        self.antialias = antialias


class CenterCrop(Simple):
    """:func:`functional.center_crop`."""

    _function = staticmethod(F.center_crop)
    _options = ("output_size",)

    def __init__(self, size) -> None:
        super().__init__()
        self.size = self.output_size = _fixed.CenterCrop(size).size


class Pad(Simple):
    """:func:`functional.pad`."""

    _function = staticmethod(F.pad)
    _options = ("padding", "fill", "padding_mode")

    def __init__(self, padding, fill=0, padding_mode: str = "constant") -> None:
        super().__init__()
        _fixed.Pad(padding, fill, padding_mode)
        self.padding = padding
        self.fill = fill
        self.padding_mode = padding_mode


class Grayscale(Simple):
    """Black and white in one channel or three."""

    _function = staticmethod(F.rgb_to_grayscale)
    _options = ("num_output_channels",)

    def __init__(self, num_output_channels: int = 1) -> None:
        super().__init__()
        self.num_output_channels = num_output_channels


class RGB(Simple):
    """Three channels."""

    _function = staticmethod(F.grayscale_to_rgb)


class ConvertBoundingBoxFormat(Transform):
    """Boxes with other numbers."""

    _transformed_types = (BoundingBoxes,)

    def __init__(self, format: str | BoundingBoxFormat) -> None:
        super().__init__()
        self.format = (
            BoundingBoxFormat[format.upper()] if isinstance(format, str) else format
        )

    def _needs_transform_list(self, flat: list) -> list[bool]:
        return [isinstance(inpt, BoundingBoxes) for inpt in flat]

    def transform(self, inpt, params: dict):
        return F.convert_bounding_box_format(inpt, new_format=self.format)


class ClampBoundingBoxes(ConvertBoundingBoxFormat):
    """Boxes cut at the borders of their canvas."""

    def __init__(self) -> None:
        Transform.__init__(self)

    def transform(self, inpt, params: dict):
        return F.clamp_bounding_boxes(inpt)


class SanitizeBoundingBoxes(Transform):
    """Boxes that are too small or outside go, with their labels and masks.

    ``labels_getter`` finds the labels: a function, a key, None, or ``"default"``, which
    looks for a key ``labels``.
    """

    def __init__(
        self, min_size: float = 1.0, min_area: float = 1.0, labels_getter="default"
    ) -> None:
        super().__init__()
        self.min_size = min_size
        self.min_area = min_area
        self.labels_getter = labels_getter

    def forward(self, *inputs):
        sample = inputs if len(inputs) > 1 else inputs[0]
        flat, _ = torch.utils._pytree.tree_flatten(sample)
        boxes = [inpt for inpt in flat if isinstance(inpt, BoundingBoxes)]
        if len(boxes) != 1:
            raise ValueError("The sample must hold exactly one BoundingBoxes")
        labels = self._labels(sample)
        kept = self._kept(boxes[0])

        def pick(inpt):
            own = isinstance(inpt, (BoundingBoxes, Mask)) and len(inpt) == len(kept)
            if inpt is labels:
                return inpt[kept]
            if not own:
                return inpt
            plain = inpt.as_subclass(torch.Tensor)[kept]
            return F._rewrapped(plain, inpt)

        return torch.utils._pytree.tree_map(pick, sample)

    def _kept(self, boxes: BoundingBoxes):
        ends = _boxes.corners(boxes)
        height, width = boxes.canvas_size
        sides = ends[:, 2:] - ends[:, :2]
        limit = torch.tensor([width, height], device=ends.device)
        inside = (ends[:, :2] >= 0).all(1) & (ends[:, 2:] <= limit).all(1)
        large = (sides >= self.min_size).all(1) & (box_area(ends) >= self.min_area)
        return inside & large

    def _labels(self, sample):
        getter = self.labels_getter
        if getter is None:
            return None
        if callable(getter):
            return getter(sample)
        parts = sample if isinstance(sample, tuple) else (sample,)
        key = "labels" if getter == "default" else getter
        for part in parts:
            if isinstance(part, dict) and key in part:
                return part[key]
        raise ValueError(
            f"Could not infer where the labels are in the sample: no {key}"
        )
