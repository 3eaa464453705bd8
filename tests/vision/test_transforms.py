"""Transforms: pictures as Pillow makes them, tensors and draws as PyTorch does."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from PIL import Image, ImageEnhance, ImageOps

import torchlike
from tests.vision import on_torch
from torchlike._torchvision import transforms as T
from torchlike._torchvision.transforms import functional as F

theirs = on_torch.load()
PT = theirs.transforms
PF = PT.functional

BYTES = np.random.default_rng(0).integers(0, 256, (3, 20, 26), dtype=np.uint8)
PICTURE = Image.fromarray(BYTES.transpose(1, 2, 0))
CROP, BICUBIC = (3, 4, 16, 15), Image.Resampling.BICUBIC

# Function, arguments, what Pillow does.
PICTURES = {
    "resize": (
        lambda F, i: F.resize(i, [10, 12]),
        lambda i: i.resize((12, 10), Image.Resampling.BILINEAR),
    ),
    "resize_short_side": (
        lambda F, i: F.resize(i, 10),
        lambda i: i.resize((13, 10), Image.Resampling.BILINEAR),
    ),
    "resize_max_size": (
        lambda F, i: F.resize(i, 10, F.InterpolationMode.BICUBIC, max_size=11),
        lambda i: i.resize((11, 8), BICUBIC),
    ),
    "crop": (lambda F, i: F.crop(i, 4, 3, 11, 13), lambda i: i.crop(CROP)),
    "center_crop": (
        lambda F, i: F.center_crop(i, [10, 11]),
        lambda i: i.crop((8, 5, 19, 15)),  # round(7.5) is 8
    ),
    "hflip": (lambda F, i: F.hflip(i), ImageOps.mirror),
    "vflip": (lambda F, i: F.vflip(i), ImageOps.flip),
    "pad": (
        lambda F, i: F.pad(i, [1, 2, 3, 4], fill=7),
        lambda i: ImageOps.expand(i, (1, 2, 3, 4), fill=(7, 7, 7)),
    ),
    "rotate": (
        lambda F, i: F.rotate(i, 30, F.InterpolationMode.BILINEAR, expand=True),
        lambda i: i.rotate(30, Image.Resampling.BILINEAR, True),
    ),
    "translate": (
        lambda F, i: F.affine(i, 0, [3, -2], 1.0, [0.0, 0.0]),
        lambda i: i.transform(i.size, Image.Transform.AFFINE, (1, 0, -3, 0, 1, 2)),
    ),
    "brightness": (
        lambda F, i: F.adjust_brightness(i, 1.4),
        lambda i: ImageEnhance.Brightness(i).enhance(1.4),
    ),
    "contrast": (
        lambda F, i: F.adjust_contrast(i, 0.6),
        lambda i: ImageEnhance.Contrast(i).enhance(0.6),
    ),
    "saturation": (
        lambda F, i: F.adjust_saturation(i, 1.7),
        lambda i: ImageEnhance.Color(i).enhance(1.7),
    ),
    "sharpness": (
        lambda F, i: F.adjust_sharpness(i, 1.7),
        lambda i: ImageEnhance.Sharpness(i).enhance(1.7),
    ),
    "grayscale": (lambda F, i: F.rgb_to_grayscale(i), lambda i: i.convert("L")),
    "invert": (lambda F, i: F.invert(i), ImageOps.invert),
    "posterize": (lambda F, i: F.posterize(i, 3), lambda i: ImageOps.posterize(i, 3)),
    "solarize": (lambda F, i: F.solarize(i, 90), lambda i: ImageOps.solarize(i, 90)),
    "autocontrast": (lambda F, i: F.autocontrast(i), ImageOps.autocontrast),
    "equalize": (lambda F, i: F.equalize(i), ImageOps.equalize),
}
# Of these, tensors of bytes may differ from Pillow by rounding: by how much at most.
ROUNDED = {
    "resize": 1,
    "resize_short_side": 1,
    "resize_max_size": 1,
    "brightness": 1,
    "contrast": 1,
    "saturation": 1,
    "sharpness": 1,
    "grayscale": 1,
    "autocontrast": 1,
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_pillows(name):
    ours, pillows = PICTURES[name]
    found, wanted = np.asarray(ours(F, PICTURE)), np.asarray(pillows(PICTURE))
    np.testing.assert_array_equal(found, wanted)
    same = wanted.shape == BYTES.shape[1:] + (3,) and (wanted == PICTURE).all()
    assert not same or name in ("equalize", "autocontrast")


# `rotate` of tensors turns about the pixels' centres; Pillow's differs by design.
@pytest.mark.parametrize("name", [n for n in PICTURES if n != "rotate"])
def test_tensors_of_bytes_agree_with_pillow(name):
    ours, pillows = PICTURES[name]
    found = ours(F, torchlike.from_numpy(BYTES)).numpy().astype(int)
    wanted = np.asarray(pillows(PICTURE)).astype(int)
    wanted = wanted[None] if wanted.ndim == 2 else wanted.transpose(2, 0, 1)
    assert found.shape == wanted.shape
    assert abs(found - wanted).max() <= ROUNDED.get(name, 0)


TENSORS = {
    "normalize": lambda F, x: F.normalize(x, [0.1, 0.2, 0.3], [0.5, 0.6, 0.7]),
    "resize": lambda F, x: F.resize(x, [9, 31]),
    "resize_plain": lambda F, x: F.resize(x, [9, 31], antialias=False),
    "resize_bicubic": lambda F, x: F.resize(x, 12, F.InterpolationMode.BICUBIC),
    "resize_nearest": lambda F, x: F.resize(x, 12, F.InterpolationMode.NEAREST),
    "crop_outside": lambda F, x: F.crop(x, -3, -2, 30, 40),
    "center_crop_large": lambda F, x: F.center_crop(x, [30, 21]),
    "pad_reflect": lambda F, x: F.pad(x, [1, 2], padding_mode="reflect"),
    "pad_edge": lambda F, x: F.pad(x, 2, padding_mode="edge"),
    "pad_symmetric": lambda F, x: F.pad(x, [1, 2, 3, 4], padding_mode="symmetric"),
    "pad_colors": lambda F, x: F.pad(x, 2, fill=[0.1, 0.2, 0.3]),
    "rotate": lambda F, x: F.rotate(x, 37.0, fill=[0.5, 0.1, 0.2]),
    "rotate_expand": lambda F, x: F.rotate(
        x, 37.0, F.InterpolationMode.BILINEAR, expand=True
    ),
    "rotate_center": lambda F, x: F.rotate(x, 37.0, center=[2, 3]),
    "affine": lambda F, x: F.affine(
        x, 20.0, [2, -1], 1.2, [5.0, 3.0], F.InterpolationMode.BILINEAR, [0.4, 0, 0]
    ),
    "perspective": lambda F, x: F.perspective(
        x, [[0, 0], [25, 0], [25, 19], [0, 19]], [[2, 1], [22, 3], [24, 17], [1, 18]]
    ),
    "hue": lambda F, x: F.adjust_hue(x, 0.2),
    "gamma": lambda F, x: F.adjust_gamma(x, 1.7, 1.1),
    "saturation": lambda F, x: F.adjust_saturation(x, 0.3),
    "contrast": lambda F, x: F.adjust_contrast(x, 1.3),
    "sharpness": lambda F, x: F.adjust_sharpness(x, 0.3),
    "blur": lambda F, x: F.gaussian_blur(x, [5, 3], [1.3, 0.7]),
    "blur_default": lambda F, x: F.gaussian_blur(x, 5),
    "autocontrast": lambda F, x: F.autocontrast(x),
    "solarize": lambda F, x: F.solarize(x, 0.4),
    "five_crop": lambda F, x: F.five_crop(x, 8)[3],
    "ten_crop": lambda F, x: F.ten_crop(x, 8, vertical_flip=True)[7],
}


@pytest.mark.parametrize("name", TENSORS)
def test_tensors_of_floats_are_pytorchs(name):
    values = (BYTES / 255).astype(np.float32)
    found = TENSORS[name](F, torchlike.from_numpy(values)).numpy()
    wanted = TENSORS[name](PF, torch.from_numpy(values)).numpy()
    np.testing.assert_allclose(found, wanted, atol=2e-5)


def test_rotation_by_quarters_moves_pixels():
    square = torchlike.arange(16.0).reshape(1, 4, 4)
    turned = F.rotate(square, 90.0)
    np.testing.assert_array_equal(turned.numpy(), np.rot90(square.numpy(), 1, (1, 2)))
    moved = F.affine(square, 0.0, [1, 0], 1.0, [0.0])
    assert moved[0, 0].tolist() == [0, 0, 1, 2]


# Transforms with draws. The seed makes torchlike and PyTorch draw the same numbers.
RANDOM = {
    "crop": lambda T: T.RandomCrop(12, padding=3),
    "crop_pad": lambda T: T.RandomCrop(24, pad_if_needed=True, padding_mode="edge"),
    "resized_crop": lambda T: T.RandomResizedCrop(14),
    "flips": lambda T: T.Compose([T.RandomHorizontalFlip(), T.RandomVerticalFlip()]),
    "rotation": lambda T: T.RandomRotation(40, expand=True),
    "affine": lambda T: T.RandomAffine(20, (0.2, 0.1), (0.8, 1.3), (-5, 5, -3, 3)),
    "perspective": lambda T: T.RandomPerspective(p=0.8),
    "jitter": lambda T: T.ColorJitter(0.4, 0.4, 0.4, 0.2),
    "gray": lambda T: T.RandomGrayscale(0.5),
    "blur": lambda T: T.GaussianBlur(5),
    "invert": lambda T: T.RandomInvert(0.5),
    "posterize": lambda T: T.RandomPosterize(3),
    "solarize": lambda T: T.RandomSolarize(100),
    "sharpness": lambda T: T.RandomAdjustSharpness(1.8),
    "autocontrast": lambda T: T.RandomAutocontrast(),
    "equalize": lambda T: T.RandomEqualize(),
    "apply": lambda T: T.RandomApply([T.Pad(2), T.CenterCrop(9)], p=0.6),
    "choice": lambda T: T.RandomChoice([T.Pad(2), T.CenterCrop(9), T.Grayscale(3)]),
    "order": lambda T: T.RandomOrder([T.Pad(2), T.CenterCrop(9), T.RandomCrop(7)]),
    "autoaugment": lambda T: T.AutoAugment(),
    "autoaugment_cifar": lambda T: T.AutoAugment(T.AutoAugmentPolicy.CIFAR10),
    "randaugment": lambda T: T.RandAugment(),
    "trivial": lambda T: T.TrivialAugmentWide(),
    "elastic": lambda T: T.ElasticTransform(alpha=30.0, sigma=2.0),
}


def pictures(side, transforms, name: str) -> list[np.ndarray]:
    """Six pictures of a transform, drawn one after another from one seed."""
    side.manual_seed(5)
    random.seed(5)
    transform = RANDOM[name](transforms)
    return [np.asarray(transform(PICTURE)) for _ in range(6)]


@pytest.mark.parametrize("name", RANDOM)
def test_draws_what_pytorch_draws(name):
    found, wanted = pictures(torchlike, T, name), pictures(torch, PT, name)
    for mine, reference in zip(found, wanted, strict=True):
        assert mine.shape == reference.shape
        assert abs(mine.astype(int) - reference.astype(int)).max() <= 1
    first = found[0]
    assert any(p.shape != first.shape or (p != first).any() for p in found)


def test_the_order_of_the_draws():
    """By hand, from PyTorch's generator."""
    torch.manual_seed(0)
    top, left = torch.randint(0, 11, (1,)).item(), torch.randint(0, 17, (1,)).item()
    flipped = torch.rand(1) < 0.5
    torchlike.manual_seed(0)
    found = T.RandomHorizontalFlip()(T.RandomCrop(10)(PICTURE))
    wanted = PICTURE.crop((left, top, left + 10, top + 10))
    wanted = ImageOps.mirror(wanted) if flipped else wanted
    np.testing.assert_array_equal(np.asarray(found), np.asarray(wanted))


@pytest.mark.parametrize("value", [0, "random", (0.1, 0.2, 0.3)])
def test_erasing(value):
    found = []
    for side, transforms in ((torchlike, T), (torch, PT)):
        side.manual_seed(1)
        erase = transforms.RandomErasing(p=0.9, value=value)
        x = side.ones(3, 16, 16)
        found.append([erase(x).numpy() for _ in range(4)])
    for mine, reference in zip(*found, strict=True):
        np.testing.assert_allclose(mine, reference, atol=1e-6)
    assert any((mine != 1).any() for mine in found[0])


class TestConversions:
    def test_to_tensor(self):
        found = T.ToTensor()(PICTURE)
        assert found.dtype is torchlike.float32 and found.shape == (3, 20, 26)
        np.testing.assert_array_equal(
            found.numpy(), torch.from_numpy(BYTES).div(255).numpy()
        )

    @pytest.mark.parametrize(
        "mode, dtype",
        [("L", "float32"), ("1", "float32"), ("I", "int32"), ("F", "float32")],
    )
    def test_modes(self, mode, dtype):
        found = T.ToTensor()(PICTURE.convert(mode))
        assert found.shape == (1, 20, 26) and str(found.dtype) == f"torch.{dtype}"
        if mode == "1":
            assert set(found.unique().tolist()) == {0.0, 1.0}

    def test_there_and_back(self):
        back = T.ToPILImage()(T.ToTensor()(PICTURE))
        assert back.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(back), np.asarray(PICTURE))

    @pytest.mark.parametrize(
        "shape, dtype, mode",
        [
            ((1, 4, 5), "uint8", "L"),
            ((4, 5), "float32", "L"),
            ((1, 4, 5), "int32", "I"),
            ((2, 4, 5), "uint8", "LA"),
            ((4, 4, 5), "uint8", "RGBA"),
        ],
    )
    def test_modes_of_tensors(self, shape, dtype, mode):
        x = torchlike.ones(shape, dtype=getattr(torchlike, dtype))
        assert F.to_pil_image(x).mode == mode

    @pytest.mark.parametrize("given", ["uint8", "int16", "float32"])
    @pytest.mark.parametrize("wanted", ["uint8", "int16", "float32", "float64"])
    def test_dtypes(self, given, wanted):
        values = (
            (BYTES / 255).astype(given) if given == "float32" else BYTES.astype(given)
        )
        results = [
            fn.convert_image_dtype(
                side.from_numpy(values), getattr(side, wanted)
            ).numpy()
            for side, fn in ((torchlike, F), (torch, PF))
        ]
        # XLA divides by 255 as it multiplies by 1/255: one unit in the last place.
        np.testing.assert_allclose(*results, rtol=2e-7)
        assert str(results[0].dtype) == wanted

    def test_white_stays_white(self):
        white = torchlike.ones(3, 2, 2)
        assert F.convert_image_dtype(white, torchlike.uint8).unique().tolist() == [255]
        with pytest.raises(RuntimeError, match="cannot be performed safely"):
            F.convert_image_dtype(white, torchlike.int32)


ERRORS = [
    (lambda: T.RandomCrop(50)(PICTURE), ValueError, "Required crop size"),
    (lambda: F.to_tensor("x"), TypeError, "PIL Image or ndarray"),
    (lambda: F.adjust_hue(PICTURE, 0.7), ValueError, "is not in"),
    (lambda: F.gaussian_blur(PICTURE, 4), ValueError, "odd and positive"),
    (lambda: F.hflip("x"), TypeError, "img should be PIL Image"),
    (lambda: T.Resize(1.5), TypeError, "int or sequence"),
    (lambda: T.Resize((10, 20, 30)), ValueError, "1 or 2 values"),
    (lambda: T.ColorJitter(hue=0.7), ValueError, "hue values should be between"),
    (
        lambda: F.normalize(torchlike.ones(3, 2, 2), [0.0] * 3, [0.0] * 3),
        ValueError,
        "std evaluated to zero",
    ),
]


@pytest.mark.parametrize("call, error, words", ERRORS)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_repr():
    transform = T.Compose(
        [T.Normalize([0.5], [0.2]), T.RandomResizedCrop(8), T.ToTensor()]
    )
    assert str(transform).splitlines() == [
        "Compose(",
        "    Normalize(mean=[0.5], std=[0.2])",
        "    RandomResizedCrop(size=(8, 8), scale=(0.08, 1.0), ratio=(0.75, 1.3333), "
        "interpolation=bilinear, antialias=True)",
        "    ToTensor()",
        ")",
    ]
