"""Comparisons, logic, choice, bits."""

import numpy as np

from ..table import array, bools, complexes, error, ints, normal, row

_A, _B = ints(2, 4), ints(4, seed=3)
_NAN, _INF = float("nan"), float("inf")
_X = array([1.0, _NAN, _INF, 0.0])
_Y = array([1.0 + 1e-9, _NAN, _INF, 1e-9])
_COMPARE = "eq ne lt le gt ge".split()

ROWS = [
    *[row(name, _A, _B) for name in _COMPARE],
    *[row(name, _X, 1) for name in _COMPARE],
    row("lt", ints(3), 0.5),
    row("eq", bools(3), 1),
    row("eq", complexes(3), complexes(3)),
    row("gt", array([1, 300]), array(5, np.uint8)),
    error("lt", complexes(2), complexes(2)),
    error("eq", normal(2), normal(3)),
    row("isclose", _X, _Y),
    row("isclose", _X, _Y, 0.0, 1e-6, True),
    row("isclose", ints(3), ints(3)),
    error("isclose", _X, ints(4)),
    row("allclose", _X, _Y),
    row("allclose", _X, _Y, equal_nan=True),
    row("equal", _A, _A),
    row("equal", _A, _B),
    row("equal", _A, ints(2, 4, seed=9)),
    error("equal", _A, 1),
    *[row("logical_" + name, _A, _B) for name in ("and", "or", "xor")],
    row("logical_and", normal(2, grad=False), bools(2)),
    row("where", bools(2, 3), normal(2, 3), normal(3, seed=3), dtypes="float32 int64"),
    row("where", bools(2, 3), normal(2, 3), 2),
    row("where", bools(2), 1.5, ints(2)),
    row("where", bools(2), 1, 2),
    row("where", bools(3), array([0.0, 1.0, 2.0]), array(3.0)),
    error("where", ints(2), normal(2), 1.0),
    error("where", bools(2), normal(3), 1.0),
    row("isin", _A, array([1, 2, -3])),
    row("isin", _A, array([1, 2, -3]), invert=True),
    row("isin", array([1.0, 2.0], grad=False), 2),
    *[row("bitwise_" + name, _A, _B) for name in ("and", "or", "xor")],
    row("bitwise_and", bools(3), bools(3, seed=4)),
    row("bitwise_and", _A, 3),
    row("bitwise_not", _A),
    row("bitwise_not", bools(3)),
    row("bitwise_left_shift", _A, array([0, 1, 2, 3])),
    row("bitwise_right_shift", _A, array([0, 1, 2, 3])),
    error("bitwise_and", normal(2), normal(2)),
    error("bitwise_not", normal(2)),
]
