"""Wrong arguments of layers: the same exceptions with both libraries."""

from __future__ import annotations

import pytest

from ._both import check

ACTIONS = (
    lambda t: t.nn.Linear(2),
    lambda t: t.nn.Linear(2, 3)(t.ones(4, 5)),
    lambda t: t.nn.Bilinear(0, 2, 3),
    lambda t: t.nn.Unflatten(1, 3),
    lambda t: t.nn.Unflatten(1, (2, "a")),
    lambda t: t.nn.Dropout(1.5),
    lambda t: t.nn.Dropout(-0.1),
    lambda t: t.nn.Hardtanh(1, -1),
    lambda t: t.nn.Hardtanh(min_value=-2, max_value=2),
    lambda t: t.nn.ReLU(True),
    lambda t: t.nn.Softmax2d()(t.ones(2, 3)),
    lambda t: t.nn.Conv2d(3, 4, 2, groups=2),
    lambda t: t.nn.Conv2d(4, 3, 2, groups=2),
    lambda t: t.nn.Conv2d(4, 4, 2, groups=0),
    lambda t: t.nn.Conv2d(4, 4, 3, stride=2, padding="same"),
    lambda t: t.nn.ConvTranspose1d(4, 4, 3, padding_mode="circular"),
    lambda t: t.nn.ConvTranspose1d(2, 2, 3, stride=2)(t.ones(1, 2, 4), [3]),
    lambda t: t.nn.ConvTranspose1d(2, 2, 3, stride=2)(t.ones(1, 2, 4), [1, 2]),
    lambda t: t.nn.ConvTranspose1d(2, 2, 3, stride=2)(t.ones(1, 2, 4), [10]).shape,
    lambda t: t.nn.BatchNorm1d(2)(t.ones(1, 2, 3, 4)),
    lambda t: t.nn.BatchNorm2d(2)(t.ones(2, 3)),
    lambda t: t.nn.BatchNorm3d(2)(t.ones(2, 3)),
    lambda t: t.nn.InstanceNorm2d(2, affine=True)(t.ones(1, 3, 4, 4)),
    lambda t: t.nn.InstanceNorm2d(2)(t.ones(1, 3, 4, 4)),
    lambda t: t.nn.InstanceNorm1d(2)(t.ones(1, 3, 4, 4)),
    lambda t: t.nn.GroupNorm(2, 3),
    lambda t: t.nn.Embedding(3, 2, padding_idx=3),
    lambda t: t.nn.Embedding(3, 2, padding_idx=-4),
    lambda t: t.nn.Embedding(3, 2, _weight=t.ones(2, 2)),
    lambda t: t.nn.Embedding.from_pretrained(t.ones(3)),
    lambda t: t.nn.EmbeddingBag(3, 2, padding_idx=3),
    lambda t: t.nn.CircularPad1d(1)(t.ones(1, 2, 3, 4)),
    lambda t: t.nn.HuberLoss(delta="a"),
    lambda t: t.nn.MultiMarginLoss(p=3),
    lambda t: t.nn.MultiMarginLoss(weight=t.ones(2, 2)),
    lambda t: t.nn.TripletMarginLoss(margin=0),
    lambda t: t.nn.TripletMarginWithDistanceLoss(margin=-1),
    lambda t: t.nn.MultiheadAttention(5, 2),
    lambda t: t.nn.MultiheadAttention(0, 2),
    lambda t: t.nn.Transformer(8, 2)(t.ones(2, 3, 8), t.ones(2, 4, 8)),
    lambda t: t.nn.Transformer(8, 2)(t.ones(2, 3, 7), t.ones(2, 3, 8)),
    lambda t: t.nn.TransformerEncoderLayer(8, 2, activation="tanh"),
    lambda t: [e.requires_grad for e in emb(t).parameters()],
)


def emb(t):
    return t.nn.Embedding.from_pretrained(t.ones(3, 2))


@pytest.mark.parametrize("index", range(len(ACTIONS)))
def test_same_as_pytorch(index):
    check(ACTIONS[index])
