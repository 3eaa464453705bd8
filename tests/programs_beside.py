"""Run a program on PyTorch and on torchlike and compare all it returns."""

from __future__ import annotations

import warnings

import numpy as np
import torch

import torchlike


def compare(program, tolerance: float = 1e-9, words: int = 40) -> None:
    """``program(module)`` returns tensors, numbers and containers, or raises.

    Errors are compared by type and by their first ``words`` characters.
    """
    wanted, got = _run(program, torch), _run(program, torchlike)
    if isinstance(wanted, Exception):
        assert type(got) is type(wanted), repr(got)
        assert str(got)[:words] == str(wanted)[:words]
        return
    if isinstance(got, Exception):
        raise got
    wanted, got = _flat(wanted), _flat(got)
    assert len(wanted) == len(got)
    for w, g in zip(wanted, got, strict=True):
        _compare(w, g, tolerance)


def _run(program, module):
    module.manual_seed(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return program(module)
    except Exception as error:
        return error


def _flat(x) -> list:
    if isinstance(x, dict):
        return [z for k in sorted(x) for z in (k, *_flat(x[k]))]
    if isinstance(x, (tuple, list)):
        return [z for y in x for z in _flat(y)]
    return [x]


def _compare(wanted, got, tolerance: float) -> None:
    if not isinstance(wanted, torch.Tensor):
        assert got == wanted
        return
    assert tuple(got.shape) == tuple(wanted.shape)
    assert str(got.dtype) == str(wanted.dtype)
    assert str(got.layout) == str(wanted.layout)
    assert got.requires_grad == wanted.requires_grad
    if wanted.layout is not torch.strided:
        wanted, got = wanted.to_dense(), got.to_dense()
    loose = 1e-5 if wanted.dtype in (torch.float32, torch.complex64) else tolerance
    np.testing.assert_allclose(
        got.detach().numpy(), wanted.detach().numpy(), loose, loose
    )
