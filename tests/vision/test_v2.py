"""`transforms.v2`: whole samples, masks and boxes, the second version's draws."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

import torchlike
from tests.vision import on_torch
from torchlike._torchvision import tv_tensors
from torchlike._torchvision.transforms import v2

package = on_torch.load()
theirs = package.transforms.v2
VALUES = np.random.default_rng(0).integers(0, 256, (3, 16, 20), dtype=np.uint8)
BOXES = np.array([[2, 3, 8, 9], [5, 1, 19, 12]], np.float32)
MASK = (VALUES[0] > 128).astype(np.uint8)

SIDES = ((torchlike, v2, tv_tensors), (torch, theirs, package.tv_tensors))


def sample(side, kinds):
    """A picture, boxes, a mask and what is none of these."""
    boxes = side.from_numpy(BOXES)
    return {
        "image": kinds.Image(side.from_numpy(VALUES)),
        "boxes": kinds.BoundingBoxes(boxes, format="XYXY", canvas_size=(16, 20)),
        "mask": kinds.Mask(side.from_numpy(MASK)),
        "label": 7,
        "name": "x",
    }


TRANSFORMS = {
    "hflip": lambda v2: v2.RandomHorizontalFlip(0.7),
    "vflip": lambda v2: v2.RandomVerticalFlip(0.7),
    "resize": lambda v2: v2.Resize((8, 12)),
    "center": lambda v2: v2.CenterCrop(10),
    "crop": lambda v2: v2.RandomCrop((9, 11), padding=2),
    "crop_pad": lambda v2: v2.RandomCrop((18, 25), pad_if_needed=True),
    "resized_crop": lambda v2: v2.RandomResizedCrop((8, 8)),
    "pad": lambda v2: v2.Pad([1, 2, 3, 4]),
    "rotation": lambda v2: v2.RandomRotation(40),
    "rotation_expand": lambda v2: v2.RandomRotation((30, 31), expand=True),
    "affine": lambda v2: v2.RandomAffine(10, (0.1, 0.1), (0.8, 1.1), 5),
    "perspective": lambda v2: v2.RandomPerspective(p=0.9),
    "jitter": lambda v2: v2.ColorJitter(0.3, 0.3, 0.3, 0.1),
    "blur": lambda v2: v2.GaussianBlur(3),
    "erasing": lambda v2: v2.RandomErasing(p=0.9, value=3),
    "autoaugment": lambda v2: v2.AutoAugment(),
    "randaugment": lambda v2: v2.RandAugment(),
    "trivial": lambda v2: v2.TrivialAugmentWide(),
    "choice": lambda v2: v2.RandomChoice([v2.Pad(1), v2.CenterCrop(8)], p=[1, 2]),
    "order": lambda v2: v2.RandomOrder([v2.Pad(1), v2.CenterCrop(8)]),
    "apply": lambda v2: v2.RandomApply([v2.RandomInvert(1.0)], p=0.5),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_sample_is_what_it_is_on_pytorch(name):
    results = []
    for side, transforms, kinds in SIDES:
        side.manual_seed(4)
        transform = TRANSFORMS[name](transforms)
        results.append([transform(sample(side, kinds)) for _ in range(3)])
    for mine, reference in zip(*results, strict=True):
        assert mine["label"] == 7 and mine["name"] == "x"
        for key in ("image", "boxes", "mask"):
            assert type(mine[key]).__name__ == type(reference[key]).__name__
            a, b = (np.asarray(r[key]).astype(float) for r in (mine, reference))
            assert a.shape == b.shape
            # A level of rounding; policies change a picture twice.
            levels = 2 if name in ("autoaugment", "randaugment") else 1
            assert abs(a - b).max() <= (levels if key == "image" else 1e-3)
        assert mine["boxes"].canvas_size == mine["image"].shape[-2:]


class TestBoxesByHand:
    def boxes(self, format="XYXY"):
        held = torchlike.from_numpy(BOXES[:1])
        return tv_tensors.BoundingBoxes(held, format=format, canvas_size=(16, 20))

    @pytest.mark.parametrize(
        "call, box, size",
        [
            (lambda F, b: F.horizontal_flip(b), [12, 3, 18, 9], (16, 20)),
            (lambda F, b: F.vertical_flip(b), [2, 7, 8, 13], (16, 20)),
            (lambda F, b: F.resize(b, [8, 40]), [4, 1.5, 16, 4.5], (8, 40)),
            (lambda F, b: F.crop(b, 4, 5, 6, 10), [0, 0, 3, 5], (6, 10)),
            (lambda F, b: F.pad(b, [1, 2, 3, 4]), [3, 5, 9, 11], (22, 24)),
            # A quarter turn about the middle (10, 8): (x, y) goes to (y + 2, 18 - x).
            (lambda F, b: F.rotate(b, 90), [5, 10, 11, 16], (16, 20)),
            (lambda F, b: F.affine(b, 0, [3, -1], 1, [0, 0]), [5, 2, 11, 8], (16, 20)),
            (lambda F, b: F.adjust_hue(b, 0.2), [2, 3, 8, 9], (16, 20)),
        ],
    )
    def test_geometry(self, call, box, size):
        out = call(v2.functional, self.boxes())
        assert out[0].tolist() == pytest.approx(box, abs=1e-4)
        assert out.canvas_size == size and out.format.value == "XYXY"

    def test_formats(self):
        there = v2.ConvertBoundingBoxFormat("CXCYWH")(self.boxes())
        assert there.format is tv_tensors.BoundingBoxFormat.CXCYWH
        assert there.tolist() == [[5, 6, 6, 6]]
        flipped = v2.functional.hflip(there)
        assert flipped.tolist() == [[15, 6, 6, 6]]

    def test_bad_boxes_go_with_their_labels(self):
        rows = torchlike.tensor([[1.0, 1, 5, 5], [3, 3, 3.5, 9], [-1, 0, 4, 4]])
        data = {
            "boxes": tv_tensors.BoundingBoxes(rows, format="XYXY", canvas_size=(9, 9)),
            "labels": torchlike.tensor([10, 20, 30]),
        }
        out = v2.SanitizeBoundingBoxes()(data)
        assert out["labels"].tolist() == [10]
        assert out["boxes"].tolist() == [[1, 1, 5, 5]]
        assert isinstance(out["boxes"], tv_tensors.BoundingBoxes)


class TestKinds:
    def test_what_keeps_the_kind(self):
        image = tv_tensors.Image(VALUES)
        assert type(image + 1) is torchlike.Tensor
        for kept in (image.clone(), image.to(torchlike.float32), image.detach()):
            assert type(kept) is tv_tensors.Image
        with tv_tensors.set_return_type("TVTensor"):
            assert type(image + 1) is tv_tensors.Image
        assert type(image + 1) is torchlike.Tensor

    def test_boxes_keep_their_canvas(self):
        boxes = tv_tensors.BoundingBoxes(BOXES, format="XYXY", canvas_size=(16, 20))
        assert boxes.to(torchlike.int64).canvas_size == (16, 20)
        assert "canvas_size=(16, 20)" in repr(boxes)

    def test_a_pipeline_from_pillow(self):
        picture = Image.fromarray(VALUES.transpose(1, 2, 0))
        pipeline = v2.Compose(
            [
                v2.ToImage(),
                v2.ToDtype(torchlike.float32, scale=True),
                v2.Normalize([0.5] * 3, [0.25] * 3),
                v2.ToPureTensor(),
            ]
        )
        found, label = pipeline(picture, 3)
        assert label == 3 and type(found) is torchlike.Tensor
        wanted = (VALUES / np.float32(255) - 0.5) / 0.25
        np.testing.assert_allclose(found.numpy(), wanted, atol=1e-6)
        with pytest.raises(TypeError, match="does not support PIL"):
            v2.Normalize([0.5] * 3, [0.25] * 3)(picture)

    def test_plain_tensors(self):
        first, second = torchlike.zeros(3, 8, 8), torchlike.ones(2)
        out = v2.Resize(4)((first, second))
        assert out[0].shape == (3, 4, 4) and out[1] is second
        image = tv_tensors.Image(first)
        assert v2.Resize(4)({"a": second, "b": image})["b"].shape == (3, 4, 4)


@pytest.mark.parametrize("name", ["MixUp", "CutMix"])
def test_mixing_is_pytorchs(name):
    results = []
    for side, transforms, _ in SIDES:
        side.manual_seed(2)
        x = side.arange(4.0).reshape(4, 1, 1, 1).expand(4, 1, 6, 6).clone()
        mix = getattr(transforms, name)(num_classes=4)
        results.append([t.numpy() for t in mix(x, side.arange(4))])
    for mine, reference in zip(*results, strict=True):
        np.testing.assert_allclose(mine, reference, atol=1e-6)
    x, y = results[0]
    # Label shares are picture shares: pictures hold their own number.
    np.testing.assert_allclose(x.mean((1, 2, 3)), y @ np.arange(4), atol=1e-5)
