"""Sums, extremes, moments over dimensions."""

import numpy as np

from ..table import Dtype, array, bools, complexes, error, ints, normal, row

_X = normal(2, 3, 4)
_NAN, _INF = float("nan"), float("inf")
_TIES = array([[1.0, 3.0, 3.0], [2.0, 2.0, -1.0]])
_HOLES = array([[1.0, _NAN, 3.0], [_NAN, 2.0, -1.0]])
_EMPTY = array(np.zeros((0, 2)))
_DTYPES = "float32 bfloat16 float16 int32 bool complex64"

ROWS = [
    *[row(name, _X, dtypes=_DTYPES) for name in ("sum", "mean", "prod", "all", "any")],
    *[
        row(name, _X, *dims)
        for name in ("sum", "mean", "nansum", "nanmean", "std", "var", "amax", "amin")
        for dims in [(1,), ((0, 2), True), ((-1,),)]
    ],
    row("sum", _X, ()),
    row("sum", _X, dtype=Dtype("float32"), loose=100),
    row("sum", ints(3), dtype=Dtype("float32")),
    row("sum", array(2.0), 0),
    row("sum", _EMPTY, 0),
    row("mean", ints(3), dtype=Dtype("float32")),
    error("sum", _X, 5),
    error("sum", _X, (0, 0)),
    error("mean", ints(3)),
    *[
        error(name, normal(2, 4, grad=False), 0, out=ints(4))
        for name in ("amax", "amin")
    ],
    row("prod", array([[0.0, 2.0, 3.0], [0.0, 0.0, 2.0]]), 1),
    row("prod", _X, -1, True),
    row("nansum", _HOLES, 1),
    row("nanmean", _HOLES, 1),
    row("all", bools(2, 3), 1),
    row("any", ints(2, 3), 0, True),
    row("all", ints(3, dtype=np.uint8)),
    row("any", bools(2, 3), (0, 1)),
    row("count_nonzero", ints(2, 3), 1),
    row("count_nonzero", ints(2, 3)),
    row("logsumexp", _X, 1, dtypes="float32 bfloat16 int64"),
    row("logsumexp", _X, (0, 2), True),
    row("logsumexp", array([-_INF, -_INF]), 0, second=False, grad=False),
    # ----- extremes
    row("max", _X, dtypes="float32 bfloat16 int64 bool"),
    row("max", _TIES, second=False),
    row("min", _TIES, second=False),
    row("max", _TIES, 1),
    row("min", _TIES, 1, True),
    row("max", _HOLES, 1, grad=False),
    row("max", _TIES, normal(3)),
    row("amax", _TIES, 1),
    row("amin", _TIES, (0, 1), True),
    row("aminmax", _TIES),
    row("aminmax", _TIES, dim=1, keepdim=True),
    row("argmax", _TIES, 1),
    row("argmax", _TIES),
    row("argmin", _TIES, 0, True),
    row("argmax", _HOLES, 1),
    error("max", _EMPTY),
    error("max", _EMPTY, 0),
    error("argmax", _EMPTY),
    error("amax", _EMPTY),
    error("max", complexes(2)),
    error("argmax", bools(2)),
    # ----- moments
    *[
        row(name, _X, *args, dtypes="float32 bfloat16")
        for name in ("std", "var", "std_mean", "var_mean")
        for args in [(), (1,), (False,), ((0, 1), True, True)]
    ],
    row("std", _X, dim=1, correction=0),
    row("var", _X, correction=2),
    row("var", complexes(3)),
    row("std", array([1.0]), grad=False),
    row("std", array([2.0, 2.0]), second=False),
    error("std", ints(3)),
]
