"""Functions of nn.functional beside PyTorch's; the rows are in cases/nn_*.py."""

import importlib
import pkgutil

import pytest

from . import cases, nn_runner

MODULES = [
    importlib.import_module(f"{cases.__name__}.{m.name}")
    for m in pkgutil.iter_modules(cases.__path__)
    if m.name.startswith("nn_")
]


def _rows(kind):
    return [
        pytest.param(row, id=f"{m.__name__.rpartition('.')[2]}-{i}-{row}")
        for m in MODULES
        for i, row in enumerate(getattr(m, kind, ()))
    ]


@pytest.mark.parametrize("row", _rows("ROWS"))
def test_same(row):
    nn_runner.check(row)


@pytest.mark.parametrize("row", _rows("ERRORS"))
def test_error(row):
    nn_runner.check_error(row)
