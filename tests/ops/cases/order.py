"""Scans, sorting, places, counting."""

import numpy as np

from ..table import Dtype, array, bools, complexes, error, ints, normal, row

_X = normal(3, 4)
_NAN = float("nan")
_TIES = array([3.0, 1.0, 2.0, _NAN, 2.0])
_RISING = array([1.0, 3.0, 5.0], grad=False)
_ROWS = array([[1.0, 3.0, 5.0], [0.0, 2.0, 4.0]], grad=False)
_ZEROS = array([2.0, 0.0, 3.0, 0.0, 1.5])
_FEW = array([3, 1, 3, 3, 2])

ROWS = [
    row("cumsum", _X, 1, dtypes="float32 bfloat16 float16 int32 bool complex64"),
    # The gradient passes through float32.
    row("cumsum", _X, 0, dtype=Dtype("float32"), inplace=False, loose=100),
    row("cumsum", array(2.0), 0),
    error("cumsum", _X, 2),
    row("cumprod", _X, 1, dtypes="float32 int64"),
    row("cumprod", _ZEROS, 0),
    row("logcumsumexp", _X, 1, dtypes="float32"),
    row("logcumsumexp", array([-np.inf, 0.0, 1.0]), 0, grad=False),
    row("logcumsumexp", complexes(9, scale=5), 0),
    row("logcumsumexp", complexes(2, 9, seed=3, scale=5), -1),
    error("logcumsumexp", ints(3), 0),
    row("cummax", _X, 1, dtypes="float32 int64"),
    row("cummax", array([1, 3, 3, 2, 3]), 0),
    row("cummax", _TIES, 0),
    row("cummin", _TIES, 0),
    row("cummin", array([3, 1, 1, 2]), 0),
    row("cummax", bools(4), 0),
    row("diff", _X),
    row("diff", _X, 2, 0),
    row("diff", _X, n=9),
    row("diff", bools(5)),
    row("diff", normal(4), prepend=normal(1), append=normal(2)),
    error("diff", array(1)),
    error("diff", _X, -1),
    row("trapezoid", _X, dx=2.0),
    row("trapz", normal(4), normal(4, seed=3)),
    row("cumulative_trapezoid", _X, dim=0),
    *(
        row(name, ints(3, 4, low=0, high=255, dtype=np.uint8), *more)
        for name in ("trapezoid", "cumulative_trapezoid")
        for more in ((), (ints(4, low=0, high=255, seed=1, dtype=np.uint8),))
    ),
    # ----- order
    row("sort", _X, dtypes="float32 bfloat16 int64 bool"),
    row("sort", _X, 0, True),
    row("sort", _TIES, stable=True),
    row("sort", _TIES, stable=True, dim=0, descending=True),
    row("sort", array(2.0)),
    error("sort", _X, 5),
    error("sort", complexes(2)),
    row("argsort", _X, dim=0, descending=True),
    row("msort", _X),
    row("topk", _X, 2, dtypes="float32 bfloat16"),
    row("topk", _X, 2, 0, largest=False),
    row("topk", array([1.0, _NAN, 3.0, -np.inf]), 3),
    error("topk", _X, 9),
    row("kthvalue", _X, 2),
    row("kthvalue", _X, 1, 0, True),
    error("kthvalue", _X, 0),
    row("searchsorted", _RISING, array([3.0, 6.0, -1.0], grad=False)),
    row("searchsorted", _RISING, 3),
    row("searchsorted", _RISING, array([3, 6]), right=True),
    row("searchsorted", _ROWS, array([[3.0], [2.0]], grad=False), side="right"),
    error("searchsorted", _ROWS, normal(3, 1)),
    row("bucketize", array([3.0, 6.0], grad=False), _RISING, right=True),
    row("bucketize", 3, _RISING, out_int32=True),
    error("bucketize", normal(2), normal(2, 2)),
    # ----- counts
    row("nonzero", array([[1, 0], [0, 1]])),
    row("nonzero", array([[1, 0], [0, 1]]), as_tuple=True),
    row("nonzero", array(1)),
    row("nonzero", array([0.0, 2.0])),
    row("argwhere", array([[1, 0], [0, 1]])),
    row("where", array([[True, False], [True, True]])),
    row("masked_select", _X, bools(3, 4), dtypes="float32 int64"),
    row("masked_select", _X, bools(4)),
    error("masked_select", _X, _X),
    row("unique", _FEW),
    row("unique", _FEW, return_inverse=True, return_counts=True),
    row("unique", array([[3, 1], [3, 1], [0, 1]]), dim=0, return_counts=True),
    row("unique", array([[3, 1], [3, 1]]), return_inverse=True),
    row("unique", array([1.0, _NAN, _NAN], grad=False)),
    row("unique_consecutive", _FEW, return_inverse=True, return_counts=True),
    row("unique_consecutive", array([[3, 1], [3, 1], [0, 1]]), dim=0),
    row("bincount", array([1, 2, 2])),
    row("bincount", array([1, 2, 2]), array([0.5, 1.0, 2.0], grad=False), 5),
    error("bincount", array([-1])),
    error("bincount", normal(2)),
    row("histc", normal(20, grad=False), 5),
    row("histc", array([0.0, 1.0, 4.0, 5.0, -1.0], grad=False), 4, 0, 4),
    error("histc", ints(4)),
    row("histogram", normal(20, grad=False), 5),
    row("histogram", normal(20, grad=False), _RISING, density=True),
    row(
        "histogram",
        array([0.0, 1.0, 4.0, 5.0], grad=False),
        4,
        range=(0.0, 4.0),
        weight=array([1.0, 2.0, 3.0, 4.0], grad=False),
    ),
]
