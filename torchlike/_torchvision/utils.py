"""``torchvision.utils``: many pictures in one, files of pictures, boxes drawn."""

from __future__ import annotations

import math

import torchlike as torch
from torchlike import Tensor

__all__ = [
    "draw_bounding_boxes",
    "draw_keypoints",
    "draw_segmentation_masks",
    "make_grid",
    "save_image",
]


def make_grid(
    tensor,
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[int, int] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:
    """Pictures (N, C, H, W), or a list of them, ``nrow`` a row, in one (C, H', W')."""
    images = _batch(tensor)
    if normalize:
        images = _normalized(images, value_range, scale_each)
    elif value_range is not None and not isinstance(value_range, tuple):
        raise TypeError("value_range has to be a tuple (min, max) if specified.")
    if images.size(0) == 1:
        return images.squeeze(0)
    return _laid_out(images, nrow, padding, pad_value)


def _batch(tensor) -> Tensor:
    if isinstance(tensor, list):
        for one in tensor:
            if not isinstance(one, Tensor):
                raise TypeError(
                    "tensor or list of tensors expected, got a list containing "
                    f"{type(one)}"
                )
        tensor = torch.stack(tensor, dim=0)
    if not isinstance(tensor, Tensor):
        raise TypeError(f"tensor or list of tensors expected, got {type(tensor)}")
    if tensor.dim() == 2:
        tensor = tensor.unsqueeze(0)
    if tensor.dim() == 3:
        tensor = torch.cat([tensor] * 3, 0) if tensor.size(0) == 1 else tensor
        tensor = tensor.unsqueeze(0)
    if tensor.dim() == 4 and tensor.size(1) == 1:
        tensor = torch.cat([tensor] * 3, 1)
    return tensor


def _normalized(images: Tensor, value_range, scale_each: bool) -> Tensor:
    if value_range is not None and not isinstance(value_range, tuple):
        raise TypeError("value_range has to be a tuple (min, max) if specified.")
    if not scale_each:
        return _scaled(images, value_range)
    return torch.stack([_scaled(image, value_range) for image in images])


def _scaled(image: Tensor, value_range) -> Tensor:
    low, high = value_range or (float(image.min()), float(image.max()))
    return (image.clamp(low, high) - low) / max(high - low, 1e-5)


def _laid_out(images: Tensor, nrow: int, padding: int, pad_value: float) -> Tensor:
    count, channels = images.size(0), images.size(1)
    across = min(nrow, count)
    down = math.ceil(count / across)
    height, width = images.size(2) + padding, images.size(3) + padding
    grid = images.new_full(
        (channels, height * down + padding, width * across + padding), pad_value
    )
    for index in range(count):
        y, x = divmod(index, across)
        top, left = y * height + padding, x * width + padding
        grid[:, top : top + height - padding, left : left + width - padding] = images[
            index
        ]
    return grid


@torch.no_grad()
def save_image(tensor, fp, format: str | None = None, **kwargs) -> None:
    """Write :func:`make_grid` of ``tensor``, floats in [0, 1], as a picture."""
    from ._pillow import Image  # optional: the rest of this file works without it

    grid = make_grid(tensor, **kwargs)
    pixels = grid.mul(255).add_(0.5).clamp_(0, 255).permute(1, 2, 0)
    Image.fromarray(pixels.to("cpu", torch.uint8).numpy()).save(fp, format=format)


def _colors(colors, count: int) -> list:
    """One colour each: given, repeated, or taken from a palette."""
    if colors is None:
        steps = (2**25 - 1, 2**15 - 1, 2**21 - 1)
        return [tuple(i * step % 255 for step in steps) for i in range(count)]
    if isinstance(colors, list):
        if len(colors) < count:
            raise ValueError(
                f"Number of colors must be equal or larger than the number of objects, "
                f"but got {len(colors)} < {count}."
            )
        return colors[:count]
    return [colors] * count


def _drawn_on(image: Tensor, draw) -> Tensor:
    """``draw(canvas)`` on a Pillow picture of ``image``; a tensor of its type again."""
    from ._pillow import ImageDraw
    from .transforms import functional as F

    floating = image.is_floating_point()
    picture = F.to_pil_image(F.convert_image_dtype(image, torch.uint8))
    draw(ImageDraw.Draw(picture))
    out = F.pil_to_tensor(picture)
    return F.convert_image_dtype(out, image.dtype) if floating else out


def _rgb(image: Tensor) -> Tensor:
    if not isinstance(image, Tensor):
        raise TypeError(f"Tensor expected, got {type(image)}")
    if not (image.dtype == torch.uint8 or image.is_floating_point()):
        raise ValueError("The image dtype must be uint8 or float")
    if image.dim() != 3:
        raise ValueError("Pass individual images, not batches")
    if image.size(0) not in (1, 3):
        raise ValueError("Only grayscale and RGB images are supported")
    return torch.tile(image, (3, 1, 1)) if image.size(0) == 1 else image


@torch.no_grad()
def draw_bounding_boxes(
    image: Tensor,
    boxes: Tensor,
    labels: list[str | None] | None = None,
    colors=None,
    fill: bool | None = False,
    width: int = 1,
    font: str | None = None,
    font_size: int | None = None,
) -> Tensor:
    """Boxes (x1, y1, x2, y2) in pixels drawn on an image (C, H, W)."""
    count = boxes.shape[0]
    if labels is not None and len(labels) != count:
        raise ValueError(
            f"Number of boxes ({count}) and labels ({len(labels)}) mismatch. "
            "Please specify labels for each box."
        )
    if count == 0:
        return image
    rows = boxes.to(torch.int64).tolist()
    chosen, texts = _colors(colors, count), labels or [None] * count

    def draw(canvas) -> None:
        for box, color, text in zip(rows, chosen, texts, strict=True):
            if fill:
                canvas.rectangle(box, outline=color, width=width, fill=color)
            else:
                canvas.rectangle(box, outline=color, width=width)
            if text is not None:
                place = (box[0] + width + 1, box[1] + width + 1)
                canvas.text(place, text, fill=color, font=_font(font, font_size))

    return _drawn_on(_rgb(image), draw)


def _font(name: str | None, size: int | None):
    from ._pillow import ImageFont

    if name is None:
        return ImageFont.load_default()
    return ImageFont.truetype(font=name, size=size or 10)


@torch.no_grad()
def draw_segmentation_masks(
    image: Tensor, masks: Tensor, alpha: float = 0.8, colors=None
) -> Tensor:
    """Boolean masks (N, H, W) or (H, W) laid over an image with opacity ``alpha``."""
    masks = masks[None] if masks.ndim == 2 else masks
    if masks.dtype != torch.bool:
        raise ValueError(f"The masks must be of dtype bool. Got {masks.dtype}")
    if masks.shape[-2:] != image.shape[-2:]:
        raise ValueError("The image and the masks must have the same height and width")
    white = 1.0 if image.is_floating_point() else 255
    colored = image.clone()
    for mask, color in zip(masks, _colors(colors, masks.shape[0]), strict=True):
        rgb = torch.tensor(_as_rgb(color), dtype=torch.float32)[:, None, None]
        rgb = rgb / 255 if white == 1.0 else rgb
        colored = torch.where(mask, rgb.to(image.dtype), colored)
    mixed = image * (1 - alpha) + colored * alpha
    covered = masks.any(dim=0)
    return torch.where(covered, mixed.clamp(0, white).to(image.dtype), image)


def _as_rgb(color) -> tuple[int, ...]:
    from PIL import ImageColor

    return ImageColor.getrgb(color) if isinstance(color, str) else tuple(color)


@torch.no_grad()
def draw_keypoints(
    image: Tensor,
    keypoints: Tensor,
    connectivity=None,
    colors=None,
    radius: int = 2,
    width: int = 3,
) -> Tensor:
    """Points (instances, K, 2), in pixels, and lines between those connected."""
    rows = keypoints.to(torch.int64).tolist()

    def draw(canvas) -> None:
        for points in rows:
            for x, y in points:
                box = [x - radius, y - radius, x + radius, y + radius]
                canvas.ellipse(box, fill=colors, outline=None, width=0)
            for a, b in connectivity or ():
                canvas.line((*points[a], *points[b]), width=width)

    return _drawn_on(_rgb(image), draw)
