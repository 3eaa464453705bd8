"""Ask both packages the same and compare: numbers, dtypes, shapes and errors."""

from __future__ import annotations

import warnings

import numpy as np
import torch
import torch.distributions

import torchlike
import torchlike.distributions

BOTH = (
    (torch, torch.distributions),
    (torchlike, torchlike.distributions),
)
# float32: XLA's logarithms and gamma functions differ in the last two digits.
RTOL, ATOL = 2e-5, 2e-6


def answer(ask, t, d):
    """The result, or the exception with its first line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return plain(ask(t, d))
        except Exception as error:
            return type(error), str(error).replace("torchlike.", "torch.")


def plain(x):
    """Tensors as arrays with their dtypes, containers of them."""
    if isinstance(x, (torch.Tensor, torchlike.Tensor)):
        name = str(x.dtype)
        return x.detach().numpy(), name
    if isinstance(x, (list, tuple)) and not hasattr(x, "numel"):
        return [plain(v) for v in x]
    if isinstance(x, (bool, int, float, type(None))):
        return x
    return str(x).replace("torchlike.", "torch.")


def agree(ask, rtol=RTOL, atol=ATOL):
    """``ask(t, d)`` gives the same on both; returns PyTorch's answer."""
    expected, got = (answer(ask, t, d) for t, d in BOTH)
    compare(expected, got, rtol, atol)
    return expected


def compare(expected, got, rtol=RTOL, atol=ATOL):
    if isinstance(expected, list):
        assert isinstance(got, list) and len(got) == len(expected), got
        for a, b in zip(expected, got, strict=True):
            compare(a, b, rtol, atol)
    elif isinstance(expected, tuple) and isinstance(expected[0], np.ndarray):
        assert isinstance(got[0], np.ndarray), (expected, got)
        assert expected[1] == got[1]
        assert expected[0].shape == got[0].shape
        np.testing.assert_allclose(got[0], expected[0], rtol=rtol, atol=atol)
    else:
        assert got == expected
