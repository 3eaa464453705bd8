"""Resizing images of bytes: the same bytes as PyTorch."""

import numpy as np
import pytest
import torch

import torchlike

IMAGE = np.random.default_rng(0).integers(0, 256, (2, 3, 11, 16)).astype(np.uint8)
CASES = [
    {"size": (5, 7), "mode": "bilinear", "antialias": True},
    {"size": (5, 7), "mode": "bicubic", "antialias": True},
    {"size": (20, 7), "mode": "lanczos", "antialias": True},
    {"size": (5, 30), "mode": "bilinear"},
    {"size": (11, 9), "mode": "bicubic", "align_corners": True},
    {"scale_factor": (1.7, 0.6), "mode": "bilinear"},
]


@pytest.mark.parametrize("options", CASES, ids=lambda o: "-".join(map(str, o.values())))
def test_bytes(options):
    wanted = torch.nn.functional.interpolate(torch.tensor(IMAGE), **options)
    got = torchlike.nn.functional.interpolate(torchlike.tensor(IMAGE), **options)
    np.testing.assert_array_equal(got.numpy(), wanted.numpy(), strict=True)


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "lanczos"},
        {"mode": "lanczos", "antialias": True, "align_corners": True},
    ],
)
def test_errors(options):
    found = []
    for library in (torch, torchlike):
        image = library.ones(1, 1, 4, 4)
        with pytest.raises(ValueError) as caught:
            library.nn.functional.interpolate(image, 2, **options)
        found.append(str(caught.value))
    assert found[0] == found[1]
