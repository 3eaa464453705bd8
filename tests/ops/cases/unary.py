"""Functions of one number: rounding, signs, elementary and special functions."""

import numpy as np

from ..table import Dtype, array, bools, complexes, error, ints, normal, row, uniform

_X = normal(2, 3)
_INSIDE = uniform(2, 3, low=-0.9, high=0.9)
_POSITIVE = uniform(2, 3, low=0.2, high=4.0)
_NAN, _INF = float("nan"), float("inf")
_ODD = array([_NAN, _INF, -_INF, 0.0, -0.0, 2.5, -2.5, 1.5], grad=False)
_KINKS = array([-1.5, 0.0, 0.5, 2.0])
_DTYPES = "float32 bfloat16 float16 int64 bool complex64"

_ANYWHERE = (
    "exp exp2 expm1 sin cos tan sinh cosh tanh asinh atan sigmoid erf erfc sinc "
    "deg2rad rad2deg"
).split()
_ABOVE_ZERO = "log log2 log10 log1p sqrt rsqrt reciprocal lgamma digamma i0".split()
_BELOW_ONE = "asin acos atanh erfinv".split()
_STEPS = "floor ceil trunc round frac abs sign sgn neg".split()
_PREDICATES = (
    "isnan isfinite isinf isposinf isneginf isreal signbit logical_not".split()
)

ROWS = [
    *[row(name, _X, dtypes=_DTYPES) for name in _ANYWHERE],
    *[row(name, _POSITIVE, dtypes=_DTYPES) for name in _ABOVE_ZERO],
    *[row(name, _INSIDE, dtypes="float32 bfloat16") for name in _BELOW_ONE],
    row("acosh", uniform(3, low=1.2, high=4.0)),
    *[row(name, _KINKS, dtypes=_DTYPES) for name in _STEPS],
    *[row(name, _ODD) for name in _STEPS + _PREDICATES],
    *[row(name, complexes(3), second=False) for name in ("exp", "sgn", "angle")],
    *[row(name, complexes(3)) for name in ("log", "sqrt", "sin", "tanh", "reciprocal")],
    row("abs", complexes(2, 2), inplace=False),
    row("sqrt", array([0.0, 4.0]), second=False),
    row("sinc", array([0.0, 0.5, 1.0]), second=False),
    row("digamma", array([0.0, -0.5, 2.0], grad=False)),
    row("round", normal(5), decimals=2),
    row("round", array([123.0, 155.0, -250.0]), decimals=-1),
    error("round", ints(3), decimals=1),
    error("neg", bools(3)),
    error("abs", bools(3)),
    error("sign", complexes(3)),
    error("floor", complexes(3)),
    row("positive", _X),
    error("positive", bools(2)),
    row("nan_to_num", array([1.0, _NAN, _INF, -_INF])),
    row("nan_to_num", array([1.0, _NAN, _INF, -_INF]), 2.0, 3.0, -4.0),
    row("logit", _INSIDE, 0.1),
    row("logit", uniform(4)),
    row("angle", array([1.0, -1.0, 0.0, _NAN])),
    row("conj", complexes(3)),
    row("real", complexes(3)),
    row("imag", complexes(3)),
    error("imag", normal(3)),
    row("conj_physical", complexes(3)),
    row("mvlgamma", uniform(3, low=2.0, high=4.0), 2),
    row("polygamma", 1, _POSITIVE),
    row("polygamma", 1, array([-3.0, -2.0, -9.0, 0.0], grad=False), dtypes="float32"),
    row(
        "nn.functional.softmin",
        ints(5, low=0, high=4, dtype=np.uint8),
        0,
        dtype=Dtype("float64"),
    ),
    row("polygamma", 2, _POSITIVE, second=False),
    row("special.entr", _POSITIVE),
    row("special.ndtr", _X),
    row("special.ndtri", uniform(3)),
    row("special.log_ndtr", _X),
    row("special.erfcx", array([-1.0, 0.5, 3.0, 20.0]), loose=100, second=False),
    row("special.i0e", _X),
    row("special.i1", _X),
    row("special.i1e", _X),
    row("special.xlog1py", _POSITIVE, _POSITIVE),
    row("special.zeta", array([2.0, 3.0], grad=False), array([1.0, 2.0], grad=False)),
    row("special.gammainc", array([2.0, 3.0], grad=False), array([1.0, 2.0])),
    row("special.gammaincc", array([2.0, 3.0], grad=False), array([1.0, 2.0])),
    row("special.expit", _X),
]
