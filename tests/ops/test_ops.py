"""Every row of the tables in ``cases`` against PyTorch."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from . import cases, runner
from .table import Error


def _rows():
    for module in pkgutil.iter_modules(cases.__path__):
        if module.name.startswith("nn_"):  # the tables of test_nn
            continue
        table = importlib.import_module(f"{cases.__name__}.{module.name}")
        for i, case in enumerate(table.ROWS):
            marks = ()
            if case.gap:
                marks = pytest.mark.xfail(strict=True, reason=case.gap)
            name = f"{module.name}-{i}-{str(case)[:70]}"
            yield pytest.param(case, id=name, marks=marks)


@pytest.mark.parametrize("case", list(_rows()))
@pytest.mark.filterwarnings("ignore")
def test_like_pytorch(case):
    if isinstance(case, Error):
        runner.check_error(case)
    else:
        runner.check(case)
