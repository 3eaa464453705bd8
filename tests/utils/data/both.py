"""The same data-loading code run with torchlike and with PyTorch."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import numpy as np
import torch
import torch.utils.data as reference

import torchlike.utils.data as ours
from torchlike.utils.data import _tensors


def plain(data):
    """Tensors as (dtype, nested lists), containers as they are: comparable."""
    if hasattr(data, "tolist") and hasattr(data, "dtype"):
        return str(data.dtype).rpartition(".")[2], data.tolist()
    if isinstance(data, Mapping):
        return type(data), {k: plain(v) for k, v in data.items()}
    if isinstance(data, (list, tuple, deque)):
        return type(data), [plain(v) for v in data]
    return data


def seed(module, value: int) -> None:
    """Seed the default generator of the library ``module`` belongs to."""
    (torch.manual_seed if module is reference else _tensors.manual_seed)(value)


def generator(module, value: int):
    """A generator of the library ``module`` belongs to."""
    made = (torch.Generator if module is reference else _tensors.Generator)()
    made.manual_seed(value)
    return made


def tensor(module, array):
    """A tensor of the library ``module`` belongs to."""
    array = np.asarray(array)
    return (torch.as_tensor if module is reference else _tensors.as_tensor)(array)


def error(call) -> tuple[type, str]:
    """The type and text of what ``call`` raises."""
    try:
        call()
    except Exception as e:
        return type(e), str(e)
    raise AssertionError("nothing was raised")


def same(run) -> None:
    """Assert that ``run(module)`` gives the same with both, or raises the same."""
    results = []
    for module in (ours, reference):
        try:
            results.append(plain(run(module)))
        except Exception as e:
            results.append((type(e), str(e)))
    assert results[0] == results[1]


__all__ = ["error", "generator", "ours", "plain", "reference", "same", "seed", "tensor"]
