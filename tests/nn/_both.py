"""Run one function with PyTorch and with torchlike, and compare what comes out."""

from __future__ import annotations

import warnings

import numpy as np
import torch

import torchlike

# Relative and absolute tolerance by dtype: the order of sums differs.
TOLERANCE = {"float32": (2e-5, 2e-6), "float64": (1e-10, 1e-12)}


def plain(item):
    """Something both libraries' results can be turned into."""
    if isinstance(item, (torch.Tensor, torchlike.Tensor)):
        array = item.detach().cpu().numpy()
        return ("tensor", str(item.dtype), item.requires_grad, array)
    if isinstance(item, dict):
        return {key: plain(value) for key, value in item.items()}
    if isinstance(item, (list, tuple)):
        return [plain(value) for value in item]
    if isinstance(item, (torch.nn.Module, torchlike.nn.Module)):
        return repr(item).replace("torchlike.", "torch.")
    if isinstance(item, (int, float, bool, type(None))):
        return item
    return str(item).replace("torchlike.", "torch.")


def outcome(function, library):
    """The result, or the type and text of the exception, and the warnings."""
    library.manual_seed(0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = plain(function(library))
        except Exception as error:
            text = str(error).replace("torchlike.", "torch.")
            result = ("error", type(error).__name__, text)
    texts = [str(w.message) for w in caught if w.category is not ImportWarning]
    # Nested tensors are an optimisation of PyTorch's that torchlike does not need.
    return result, [text for text in texts if "nested_tensor" not in text]


def same(ours, theirs, path="") -> None:
    """Fail where the two results differ, and say where."""
    if isinstance(theirs, (list, tuple)) and theirs and theirs[0] == "tensor":
        assert list(ours[:3]) == list(theirs[:3]), (path, ours[:3], theirs[:3])
        same_arrays(ours[3], theirs[3], path)
    elif isinstance(theirs, dict):
        assert list(ours) == list(theirs), path
        for key in theirs:
            same(ours[key], theirs[key], f"{path}.{key}")
    elif isinstance(theirs, (list, tuple)):
        assert len(ours) == len(theirs), (path, ours, theirs)
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            same(a, b, f"{path}[{i}]")
    elif isinstance(theirs, float):
        assert np.isclose(ours, theirs, rtol=1e-5, atol=1e-6, equal_nan=True), path
    else:
        assert ours == theirs, f"{path}: {ours!r} is not {theirs!r}"


def same_arrays(ours, theirs, path="") -> None:
    assert ours.shape == theirs.shape, path
    assert ours.dtype == theirs.dtype, path
    rtol, atol = TOLERANCE.get(str(theirs.dtype), (0, 0))
    # An element whose terms cancel is as exact as the others, not as itself: PyTorch's
    # float32 differs from its own float64 by 3e-7 of the largest element.
    atol *= max(1.0, np.abs(theirs).max(initial=0) / 10) if rtol else 1
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol, err_msg=path)


def check(function, *, with_warnings=True) -> None:
    """The function gives the same with both libraries."""
    theirs, their_warnings = outcome(function, torch)
    ours, our_warnings = outcome(function, torchlike)
    same(ours, theirs)
    if with_warnings:
        assert our_warnings == their_warnings
