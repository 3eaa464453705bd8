"""`make_grid`, `save_image`, drawing, and files of pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

import torchlike
from tests.vision import on_torch
from torchlike._torchvision import io, utils

theirs = on_torch.load()
X = np.random.default_rng(0).uniform(-1, 2, (5, 3, 4, 6)).astype(np.float32)

GRIDS = {
    "plain": {},
    "two_a_row": {"nrow": 2, "padding": 3, "pad_value": 0.5},
    "normalized": {"normalize": True},
    "each": {"normalize": True, "scale_each": True},
    "range": {"normalize": True, "value_range": (0, 1)},
}


@pytest.mark.parametrize("name", GRIDS)
def test_grid_is_pytorchs(name):
    found = utils.make_grid(torchlike.from_numpy(X), **GRIDS[name]).numpy()
    wanted = theirs.utils.make_grid(torch.from_numpy(X), **GRIDS[name]).numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_grid_by_hand():
    images = torchlike.stack([torchlike.full((1, 1, 1), float(v)) for v in (1, 2, 3)])
    grid = utils.make_grid(images, nrow=2, padding=1)
    assert grid.shape == (3, 5, 5)
    assert grid[2].tolist() == [
        [0, 0, 0, 0, 0],
        [0, 1, 0, 2, 0],
        [0, 0, 0, 0, 0],
        [0, 3, 0, 0, 0],
        [0, 0, 0, 0, 0],
    ]
    with pytest.raises(TypeError, match="tensor or list of tensors expected"):
        utils.make_grid("x")


def test_saved_pictures_round_to_the_nearest(tmp_path):
    values = torchlike.tensor([0.0, 0.2, 0.5, 1.0, 1.5, -1]).reshape(1, 1, 6)
    utils.save_image(values, tmp_path / "x.png")
    found = np.asarray(Image.open(tmp_path / "x.png"))
    assert found.shape == (1, 6, 3)
    assert found[0, :, 0].tolist() == [0, 51, 128, 255, 255, 0]


def test_drawn_boxes_and_masks():
    image = torchlike.zeros(3, 10, 12, dtype=torchlike.uint8)
    boxes = torchlike.tensor([[2, 3, 7, 8]])
    drawn = utils.draw_bounding_boxes(image, boxes, colors="red", labels=None)
    assert drawn[0, 3, 2:8].tolist() == [255] * 6 and drawn[0, 5, 4] == 0
    assert drawn[1:].sum() == 0
    masks = torchlike.zeros(1, 10, 12, dtype=torchlike.bool)
    masks[0, 2, 3] = True
    covered = utils.draw_segmentation_masks(image, masks, 0.5, colors=[(0, 200, 100)])
    assert covered[:, 2, 3].tolist() == [0, 100, 50] and covered.sum() == 150


@pytest.mark.parametrize(
    "mode, channels", [("RGB", 3), ("L", 1), ("RGBA", 4), ("P", 3)]
)
def test_read_image(mode, channels, tmp_path):
    values = np.random.default_rng(1).integers(0, 255, (5, 7, 3), np.uint8)
    picture = Image.fromarray(values).convert(mode)
    picture.save(tmp_path / "x.png")
    found = io.read_image(str(tmp_path / "x.png"))
    assert found.dtype is torchlike.uint8 and found.shape == (channels, 5, 7)
    back = np.asarray(picture.convert("RGB") if mode == "P" else picture)
    back = back[:, :, None] if back.ndim == 2 else back
    np.testing.assert_array_equal(found.numpy(), back.transpose(2, 0, 1))
    gray = io.read_image(str(tmp_path / "x.png"), io.ImageReadMode.GRAY)
    assert gray.shape == (1, 5, 7)


def test_png_there_and_back(tmp_path):
    values = torchlike.arange(60, dtype=torchlike.uint8).reshape(3, 4, 5)
    io.write_png(values, str(tmp_path / "x.png"))
    assert (io.decode_image(io.read_file(str(tmp_path / "x.png"))) == values).all()
    assert io.decode_image(io.encode_jpeg(values)).shape == (3, 4, 5)
    with pytest.raises(RuntimeError, match="dtype should be uint8"):
        io.encode_png(values.float())
