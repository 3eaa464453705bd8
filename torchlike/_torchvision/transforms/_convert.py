"""Between Pillow's images, NumPy arrays and tensors."""

from __future__ import annotations

import numpy as np

import torchlike as torch
from torchlike import Tensor

from .._pillow import Image

_NUMPY_OF_MODE = {"I": np.int32, "I;16": np.uint16, "F": np.float32}


def _pixels(pic) -> np.ndarray:
    """(channels, height, width), contiguous."""
    if isinstance(pic, Image.Image):
        values = np.array(pic, _NUMPY_OF_MODE.get(pic.mode), copy=True)
        if pic.mode == "1":
            values = 255 * values.astype(np.uint8)
    else:
        values = pic
    values = values[:, :, None] if values.ndim == 2 else values
    return np.ascontiguousarray(values.transpose(2, 0, 1))


def to_tensor(pic) -> Tensor:
    """(channels, height, width) of an image or an array (H, W, C); bytes to [0, 1]."""
    if not isinstance(pic, (Image.Image, np.ndarray)):
        raise TypeError(f"pic should be PIL Image or ndarray. Got {type(pic)}")
    if isinstance(pic, np.ndarray) and pic.ndim not in (2, 3):
        raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
    values = _pixels(pic)
    if values.dtype != np.uint8:
        return torch.from_numpy(values)
    # In NumPy, so that images of many sizes make no programs.
    scaled = values.astype(np.float32) / np.float32(255)
    return torch.from_numpy(scaled).to(torch.get_default_dtype())


def pil_to_tensor(pic) -> Tensor:
    """(channels, height, width) with the values as they are."""
    if not isinstance(pic, Image.Image):
        raise TypeError(f"pic should be PIL Image. Got {type(pic)}")
    return torch.from_numpy(_pixels(pic))


def to_pil_image(pic, mode: str | None = None):
    """An image from a tensor (C, H, W) or an array (H, W, C); floats from [0, 1]."""
    if isinstance(pic, Tensor):
        array = _array_of(pic, mode)
    elif isinstance(pic, np.ndarray):
        array = pic[:, :, None] if pic.ndim == 2 else pic
        if array.ndim != 3:
            raise ValueError(
                f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions."
            )
    else:
        raise TypeError(f"pic should be Tensor or ndarray. Got {type(pic)}.")
    channels = array.shape[2]
    if channels > 4:
        raise ValueError(f"pic should not have > 4 channels. Got {channels} channels.")
    return _image(array, mode)


def _array_of(pic: Tensor, mode: str | None) -> np.ndarray:
    if pic.ndim not in (2, 3):
        raise ValueError(f"pic should be 2/3 dimensional. Got {pic.ndim} dimensions.")
    array = pic.detach().cpu().numpy()
    array = array[None] if array.ndim == 2 else array
    if array.shape[0] > 4:
        raise ValueError(
            f"pic should not have > 4 channels. Got {array.shape[0]} channels."
        )
    if np.issubdtype(array.dtype, np.floating) and mode != "F":
        array = (array * array.dtype.type(255)).astype(np.uint8)
    return array.transpose(1, 2, 0)


_OF_ONE = {
    np.dtype(np.uint8): "L",
    np.dtype(np.int16): "I;16",
    np.dtype(np.uint16): "I;16",
    np.dtype(np.int32): "I",
    np.dtype(np.float32): "F",
}
_PERMITTED = {2: ("LA",), 3: ("RGB", "YCbCr", "HSV"), 4: ("RGBA", "CMYK", "RGBX")}


def _image(array: np.ndarray, mode: str | None):
    channels = array.shape[2]
    if channels == 1:
        expected = _OF_ONE.get(array.dtype)
        if mode is not None and mode != expected:
            raise ValueError(
                f"Incorrect mode ({mode}) supplied for input type {array.dtype}. "
                f"Should be {expected}"
            )
        permitted, array = (expected,), array[:, :, 0]
    else:
        permitted = _PERMITTED[channels]
        if mode is not None and mode not in permitted:
            raise ValueError(
                f"Only modes {list(permitted)} are supported for {channels}D inputs"
            )
        if array.dtype != np.uint8:
            permitted = (None,)
    mode = mode or permitted[0]
    if mode is None:
        raise TypeError(f"Input type {array.dtype} is not supported")
    if array.dtype == np.int16:
        array = array.astype(np.uint16)
    plain = Image.fromarray(np.ascontiguousarray(array))
    return plain if plain.mode == mode else _relabelled(plain, mode)


def _relabelled(img, mode: str):
    """The same bytes read as another mode: no colours are converted."""
    return Image.frombytes(mode, img.size, img.tobytes())
