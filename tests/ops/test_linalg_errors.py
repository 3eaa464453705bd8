"""Errors that depend on values are LinAlgErrors with PyTorch's words."""

import numpy as np
import pytest
import torch

import torchlike

_ZERO = np.zeros((3, 3))
_SECOND = np.stack([np.eye(3), _ZERO])
_THIRD = np.diag([1.0, 2.0, -1.0])
_NAN = np.full((2, 2), np.nan)

CASES = [
    ("linalg.inv", (_ZERO,), {}),
    ("linalg.inv", (_SECOND,), {}),
    ("linalg.inv_ex", (_ZERO,), {"check_errors": True}),
    ("linalg.matrix_power", (_ZERO, -1), {}),
    ("linalg.solve", (_ZERO, np.eye(3)), {}),
    ("linalg.cholesky", (_THIRD,), {}),
    ("linalg.cholesky", (np.stack([np.eye(3), _THIRD]),), {}),
    ("linalg.cholesky_ex", (_THIRD,), {"check_errors": True}),
    ("cholesky", (_THIRD,), {}),
    ("cholesky_inverse", (_ZERO,), {}),
    ("linalg.svd", (_NAN,), {}),
    ("linalg.svdvals", (_NAN,), {}),
]


def _message(module, name, args, kwargs) -> str:
    function = module
    for part in name.split("."):
        function = getattr(function, part)
    args = [module.from_numpy(a) if isinstance(a, np.ndarray) else a for a in args]
    with pytest.raises(module.linalg.LinAlgError) as caught:
        function(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize("name, args, kwargs", CASES)
def test_same_words(name, args, kwargs):
    wanted = _message(torch, name, args, kwargs)
    assert _message(torchlike, name, args, kwargs) == wanted


def test_info_names_the_minor():
    got = torchlike.linalg.cholesky_ex(torchlike.from_numpy(_THIRD)).info
    assert got.item() == 3


def test_caught_and_repaired():
    """The usual loop: add to the diagonal until there is a factor."""
    matrix = torchlike.from_numpy(np.diag([1.0, 0.0]))
    for jitter in (0.0, 1e-6):
        try:
            factor = torchlike.linalg.cholesky(matrix + jitter * torchlike.eye(2))
        except torchlike.linalg.LinAlgError:
            assert jitter == 0
    assert factor.isfinite().all()
