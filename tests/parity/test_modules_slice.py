"""A slice of the sweeps over modules and optimizers."""

from __future__ import annotations

import pytest

import torchlike

from . import modules, optimizers
from .results import Options

MODULES = [
    ("nn.Linear", "float64"),
    ("nn.BatchNorm1d", "float32"),
    ("nn.LazyConv1d", "float32"),
    ("nn.FractionalMaxPool2d", "float64"),
    ("nn.LinearCrossEntropyLoss", "float32"),
    ("nn.MultiheadAttention", "float32"),
    ("nn.ConvTranspose1d", "complex64"),
]


@pytest.mark.parametrize(("entry", "dtype"), MODULES)
def test_module(entry, dtype):
    """Construction, state, outputs, gradients and copies are PyTorch's."""
    rows = list(modules.run(entry, Options(dtypes=(dtype,), samples=2)))
    assert {r.check for r in rows} == set(modules.CHECKS)
    assert not [str(row) for row in rows if not row.good]


@pytest.mark.parametrize("entry", ["SGD", "Adafactor"])
def test_optimizer(entry):
    """Steps and the exchange of states; PyTorch's errors."""
    checks = ("steps", "to_torch", "from_torch", "errors")
    options = Options(dtypes=("float64",), checks=checks)
    rows = list(optimizers.run(entry, options))
    assert {r.check for r in rows} == set(checks)
    assert not [str(row) for row in rows if not row.good]


def test_a_difference_is_found(monkeypatch):
    """The sweep itself can fail."""

    real = torchlike.nn.Linear.forward
    monkeypatch.setattr(
        torchlike.nn.Linear, "forward", lambda self, x: real(self, x) * 2
    )
    rows = list(modules.run("nn.Linear", Options(dtypes=("float64",), samples=1)))
    (bad,) = [row for row in rows if not row.good]
    assert bad.check == "forward" and "differ" in bad.text
