"""Pictures between files, bytes and uint8 tensors (channels, height, width)."""

from __future__ import annotations

import io
from enum import Enum

import numpy as np

import torchlike as torch
from torchlike import Tensor

from .._pillow import Image, ImageOps


class ImageReadMode(Enum):
    """What colours a picture is read into."""

    UNCHANGED = 0
    GRAY = 1
    GRAY_ALPHA = 2
    RGB = 3
    RGB_ALPHA = 4


_MODES = {
    ImageReadMode.GRAY: "L",
    ImageReadMode.GRAY_ALPHA: "LA",
    ImageReadMode.RGB: "RGB",
    ImageReadMode.RGB_ALPHA: "RGBA",
}


def read_file(path: str) -> Tensor:
    """The bytes of a file, uint8, (n,)."""
    with open(path, "rb") as file:
        return torch.from_numpy(np.frombuffer(file.read(), dtype=np.uint8).copy())


def write_file(filename: str, data: Tensor) -> None:
    """Write the bytes ``data``."""
    with open(filename, "wb") as file:
        file.write(data.cpu().numpy().tobytes())


def _decoded(picture, mode, apply_exif_orientation: bool) -> Tensor:
    mode = ImageReadMode[mode.upper()] if isinstance(mode, str) else mode
    if apply_exif_orientation:
        picture = ImageOps.exif_transpose(picture)
    if mode in _MODES:
        picture = picture.convert(_MODES[mode])
    elif picture.mode == "P":
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    elif picture.mode == "1":
        picture = picture.convert("L")
    values = np.array(picture)
    values = values[:, :, None] if values.ndim == 2 else values
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)))


def decode_image(
    input,
    mode: ImageReadMode | str = ImageReadMode.UNCHANGED,
    apply_exif_orientation: bool = False,
) -> Tensor:
    """The picture in a file, or in bytes of one (uint8, (n,))."""
    source = io.BytesIO(input.cpu().numpy().tobytes()) if _is_bytes(input) else input
    with Image.open(source) as picture:
        return _decoded(picture, mode, apply_exif_orientation)


def _is_bytes(input) -> bool:
    return isinstance(input, Tensor)


def read_image(
    path: str,
    mode: ImageReadMode | str = ImageReadMode.UNCHANGED,
    apply_exif_orientation: bool = False,
) -> Tensor:
    """The picture in a file."""
    return decode_image(str(path), mode, apply_exif_orientation)


def decode_png(
    input: Tensor, mode=ImageReadMode.UNCHANGED, apply_exif_orientation=False
):
    """:func:`decode_image` of a PNG file's bytes."""
    return decode_image(input, mode, apply_exif_orientation)


def decode_jpeg(
    input: Tensor,
    mode=ImageReadMode.UNCHANGED,
    device="cpu",
    apply_exif_orientation=False,
):
    """:func:`decode_image` of a JPEG file's bytes."""
    if torch.device(device).type != "cpu":
        raise NotImplementedError("torchvision.io.decode_jpeg: on the GPU")
    return decode_image(input, mode, apply_exif_orientation)


def _encoded(input: Tensor, format: str, **options) -> Tensor:
    if input.dtype != torch.uint8:
        raise RuntimeError("Input tensor dtype should be uint8")
    if input.dim() != 3 or input.size(0) not in (1, 3):
        raise RuntimeError(
            "The number of channels should be 1 or 3, got: "
            f"{input.size(0) if input.dim() == 3 else tuple(input.shape)}"
        )
    values = input.cpu().permute(1, 2, 0).contiguous().numpy()
    values = values[:, :, 0] if values.shape[2] == 1 else values
    held = io.BytesIO()
    Image.fromarray(values).save(held, format=format, **options)
    return torch.from_numpy(np.frombuffer(held.getvalue(), dtype=np.uint8).copy())


def encode_png(input: Tensor, compression_level: int = 6) -> Tensor:
    """The bytes of a PNG file of a picture."""
    return _encoded(input, "PNG", compress_level=compression_level)


def encode_jpeg(input: Tensor, quality: int = 75) -> Tensor:
    """The bytes of a JPEG file of a picture."""
    if quality < 1 or quality > 100:
        raise ValueError("Image quality should be a positive number between 1 and 100")
    return _encoded(input, "JPEG", quality=quality)


def write_png(input: Tensor, filename: str, compression_level: int = 6) -> None:
    """Write a PNG file."""
    write_file(filename, encode_png(input, compression_level))


def write_jpeg(input: Tensor, filename: str, quality: int = 75) -> None:
    """Write a JPEG file."""
    write_file(filename, encode_jpeg(input, quality))
