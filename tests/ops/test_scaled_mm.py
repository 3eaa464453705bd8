"""Products of float8 matrices, beside PyTorch's."""

from __future__ import annotations

import pytest

from tests.programs_beside import compare

PROGRAMS = []


def program(function):
    """Register a program: a function of the torch module."""
    PROGRAMS.append(function)
    return function


def _matrices(m):
    kind = m.float8_e4m3fn
    a = m.arange(64.0).reshape(4, 16).sin().to(kind)
    return a, m.arange(128.0).reshape(8, 16).cos().to(kind).t()


@program
def one_scale(m):
    f = m.nn.functional
    a, b = _matrices(m)
    whole = f.ScalingType.TensorWise
    scales = m.tensor(2.0), m.tensor(0.5)
    return (
        f.scaled_mm(a, b, scales[0], whole, scales[1], whole, output_dtype=m.float32),
        f.scaled_mm(a, b, scales[0], whole, scales[1], whole).float(),
        m._scaled_mm(a, b, *scales, out_dtype=m.float32),
    )


@program
def scales_of_rows(m):
    f = m.nn.functional
    a, b = _matrices(m)
    rows, columns = m.arange(1.0, 5.0).reshape(4, 1), m.arange(1.0, 9.0).reshape(1, 8)
    kind = f.ScalingType.RowWise
    return f.scaled_mm(a, b, [rows], [kind], [columns], [kind], output_dtype=m.float32)


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_beside_pytorch(function):
    compare(function)
