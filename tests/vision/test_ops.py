"""Boxes, losses and layers of `torchvision.ops`, by hand and as on PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import torchlike
from tests.vision import on_torch
from torchlike._torchvision import ops

theirs = on_torch.load().ops
rng = np.random.default_rng(0)
CORNERS = rng.uniform(0, 50, (6, 2))
BOXES = np.hstack([CORNERS, CORNERS + rng.uniform(5, 30, (6, 2))]).astype(np.float32)
OTHERS = (BOXES[::-1] + rng.uniform(-4, 4, (6, 4))).astype(np.float32)
MAPS = rng.standard_normal((2, 3, 12, 14)).astype(np.float32)
REGIONS = np.array(
    [[0, 1.2, 2.3, 9.7, 8.1], [1, 0, 0, 13, 11], [1, -2, 3, 5.5, 14.2]], np.float32
)

BOTH = {
    "area": lambda t, o: o.box_area(t(BOXES)),
    "iou": lambda t, o: o.box_iou(t(BOXES), t(OTHERS)),
    "giou": lambda t, o: o.generalized_box_iou(t(BOXES), t(OTHERS)),
    "diou": lambda t, o: o.distance_box_iou(t(BOXES), t(OTHERS)),
    "ciou": lambda t, o: o.complete_box_iou(t(BOXES), t(OTHERS)),
    "giou_loss": lambda t, o: o.generalized_box_iou_loss(t(BOXES), t(OTHERS), "mean"),
    "diou_loss": lambda t, o: o.distance_box_iou_loss(t(BOXES), t(OTHERS), "sum"),
    "ciou_loss": lambda t, o: o.complete_box_iou_loss(t(BOXES), t(OTHERS)),
    "clip": lambda t, o: o.clip_boxes_to_image(t(BOXES), (30, 40)),
    "small": lambda t, o: o.remove_small_boxes(t(BOXES), 12),
    "masks": lambda t, o: o.masks_to_boxes(t((MAPS[0] > 1.5).astype(np.float32))),
    "focal": lambda t, o: o.sigmoid_focal_loss(
        t(MAPS), t((MAPS > 0).astype(np.float32)), reduction="mean"
    ),
    "align": lambda t, o: o.roi_align(t(MAPS), t(REGIONS), 3, 0.5, 2, True),
    "align_adaptive": lambda t, o: o.roi_align(t(MAPS), t(REGIONS), (2, 3)),
    "pool": lambda t, o: o.roi_pool(t(MAPS), t(REGIONS), (2, 3)),
    "frozen": lambda t, o: o.FrozenBatchNorm2d(3)(t(MAPS)),
}


@pytest.mark.parametrize("name", BOTH)
def test_is_what_it_is_on_pytorch(name):
    found = BOTH[name](torchlike.from_numpy, ops).numpy()
    wanted = BOTH[name](torch.from_numpy, theirs).numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert found.size


class TestByHand:
    def test_overlaps(self):
        a = torchlike.tensor([[0.0, 0, 2, 2]])
        b = torchlike.tensor([[1.0, 1, 3, 3], [5, 5, 6, 6]])
        assert ops.box_iou(a, b).tolist()[0] == pytest.approx([1 / 7, 0])
        assert ops.generalized_box_iou(a, b).tolist()[0] == pytest.approx(
            [1 / 7 - 2 / 9, -31 / 36]
        )

    @pytest.mark.parametrize(
        "fmt, values",
        [("xyxy", [1, 2, 5, 10]), ("xywh", [1, 2, 4, 8]), ("cxcywh", [3, 6, 4, 8])],
    )
    def test_conversions(self, fmt, values):
        box = torchlike.tensor([[1.0, 2, 5, 10]])
        there = ops.box_convert(box, "xyxy", fmt)
        assert there.tolist() == [values]
        assert ops.box_convert(there, fmt, "xyxy").tolist() == box.tolist()
        with pytest.raises(ValueError, match="Unsupported Bounding Box"):
            ops.box_convert(box, "xyxy", "yx")

    def test_suppression(self):
        boxes = torchlike.tensor([[0.0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30]])
        scores = torchlike.tensor([0.5, 0.9, 0.1])
        assert ops.nms(boxes, scores, 0.5).tolist() == [1, 2]
        assert ops.nms(boxes, scores, 0.7).tolist() == [1, 0, 2]
        kinds = torchlike.tensor([0, 1, 0])
        assert ops.batched_nms(boxes, scores, kinds, 0.5).tolist() == [1, 0, 2]
        assert ops.nms(boxes[:0], scores[:0], 0.5).shape == (0,)
        with pytest.raises(RuntimeError, match="4 elements in dimension 1"):
            ops.nms(boxes[:, :3], scores, 0.5)

    def test_align_of_a_ramp_is_the_ramp(self):
        ramp = torchlike.arange(16.0).expand(1, 1, 16, 16)
        box = torchlike.tensor([[0, 2.0, 2, 10, 10]])
        found = ops.roi_align(ramp, box, (1, 4), sampling_ratio=2, aligned=True)
        assert found[0, 0, 0].tolist() == pytest.approx([2.5, 4.5, 6.5, 8.5])

    def test_pool_takes_the_largest(self):
        ramp = torchlike.arange(16.0).reshape(1, 1, 4, 4)
        found = ops.roi_pool(ramp, torchlike.tensor([[0, 0.0, 0, 3, 3]]), 2)
        assert found[0, 0].tolist() == [[5, 7], [13, 15]]


class TestLayers:
    def test_stochastic_depth_draws_as_pytorch(self):
        drawn = []
        for side, family in ((torchlike, ops), (torch, theirs)):
            side.manual_seed(0)
            layer = family.StochasticDepth(0.4, "row")
            drawn.append(layer(side.ones(8, 2)).numpy())
            assert (layer.eval()(side.ones(8, 2)) == 1).all()
        np.testing.assert_allclose(*drawn)
        assert set(np.round(drawn[0].ravel(), 4)) == {0.0, np.float32(1.6667)}

    def test_names_of_weights(self):
        conv = ops.Conv2dNormActivation(3, 8, stride=2)
        assert list(conv.state_dict())[:3] == ["0.weight", "1.weight", "1.bias"]
        assert [type(m).__name__ for m in conv] == ["Conv2d", "BatchNorm2d", "ReLU"]
        assert conv[0].padding == (1, 1) and conv.out_channels == 8
        mlp = ops.MLP(4, [8, 2], dropout=0.1)
        assert list(mlp.state_dict()) == ["0.weight", "0.bias", "3.weight", "3.bias"]
        squeeze = ops.SqueezeExcitation(8, 2)
        assert squeeze(torchlike.ones(1, 8, 3, 3)).shape == (1, 8, 3, 3)
        assert list(squeeze.state_dict())[0] == "fc1.weight"

    def test_pyramid(self):
        pyramid = ops.FeaturePyramidNetwork([4, 8], 5)
        maps = {"a": torchlike.ones(1, 4, 8, 8), "b": torchlike.ones(1, 8, 4, 4)}
        out = pyramid(maps)
        assert {k: tuple(v.shape) for k, v in out.items()} == {
            "a": (1, 5, 8, 8),
            "b": (1, 5, 4, 4),
        }
        assert "layer_blocks.1.0.bias" in pyramid.state_dict()
