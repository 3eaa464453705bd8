"""A slice of the sweep: entries of each kind, one dtype of each, all checks."""

from __future__ import annotations

import pytest

from . import ops
from .results import Options

# Entry, dtype: elementwise, comparison, reduction, shape, creation, random.
CASES = [
    ("add", "float32"),
    ("add", "int64"),
    ("sin", "bfloat16"),
    ("mul", "complex64"),
    ("logical_and", "bool"),
    ("sum", "float16"),
    ("prod", "uint8"),
    ("cumsum", "int32"),
    ("transpose", "float32"),
    ("full_like", "int16"),
    ("bernoulli", "float32"),
    ("mv", "complex128"),
    ("flip", "int8"),
    ("nn.functional.relu", "float32"),
]
CHECKS = ("values", "forms", "grads", "second")


@pytest.mark.parametrize(("entry", "dtype"), CASES)
def test_entry(entry, dtype):
    """Values, forms and gradients are PyTorch's."""
    options = Options(dtypes=(dtype,), samples=2, checks=CHECKS)
    rows = list(ops.run(entry, options))
    assert rows, "nothing was compared"
    assert not [str(row) for row in rows if not row.good]


def test_a_difference_is_found(monkeypatch):
    """The sweep itself can fail: in values and in dtypes."""
    options = Options(dtypes=("float32",), checks=("values",), samples=2)
    real = ops.function
    monkeypatch.setattr(ops, "function", lambda f: lambda *a, **k: real(f)(*a, **k) * 2)
    assert [row.status for row in ops.run("sin", options)] == ["fail"]
    monkeypatch.setattr(
        ops, "function", lambda f: lambda *a, **k: real(f)(*a, **k).double()
    )
    (row,) = ops.run("sin", options)
    assert "dtype torch.float64, not torch.float32" in row.text
