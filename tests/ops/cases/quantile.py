"""Median, quantile, mode, covariances."""

from ..table import array, error, ints, normal, row

_X = normal(3, 5)
_WEIGHTS = array([0.5, 1.0, 2.0, 0.1, 1.0], grad=False)
_NAN = float("nan")
_HOLES = array([[1.0, _NAN, 3.0, 2.0], [4.0, 2.0, 2.0, 1.0]])

ROWS = [
    row("median", _X, dtypes="float32 int64"),
    row("median", array([1.0, 2.0, 2.0, 2.0, 5.0])),
    row("median", _X, 1),
    row("median", normal(3, 4), 0, True),
    row("median", _HOLES, 1, second=False),
    row("median", array([1.0, _NAN], grad=False)),
    row("nanmedian", _HOLES),
    row("nanmedian", _HOLES, 1),
    row("mode", array([[1, 2, 2, 1], [3, 1, 3, 3]])),
    row("mode", array([[1, 2, 2, 1], [3, 1, 3, 3]]), 0, True),
    row("mode", array([1.0, 2.0, 2.0])),
    row("quantile", _X, 0.3, dtypes="float32"),
    row("quantile", _X, 0.5, 1, True),
    row("quantile", _X, array([0.1, 0.9], grad=False), 0),
    row("quantile", _HOLES, 0.3, 1, second=False, grad=False),
    row("nanquantile", _HOLES, array([0.1, 0.9], grad=False), 1),
    row("nanquantile", _HOLES, 0.25, grad=True, second=False),
    *[
        row("quantile", _X, 0.3, 1, interpolation=mode)
        for mode in ("lower", "higher", "midpoint", "nearest")
    ],
    error("quantile", _X, 1.5),
    error("quantile", ints(3), 0.5),
    row("cov", _X),
    row("cov", normal(4)),
    row("cov", _X, correction=0),
    row("cov", _X, fweights=array([1, 2, 1, 3, 1]), aweights=_WEIGHTS),
    row("corrcoef", _X),
]
