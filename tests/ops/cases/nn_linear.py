"""Rows for linear.py."""

import numpy as np

from ..nn_runner import case, real

W, B = real(5, 4), real(5)
X2 = real(2, 4)

ROWS = [
    case("linear", real(*shape, 4), W, *bias)
    for shape in [(), (2,), (2, 3), (2, 2, 3), (0,)]
    for bias in [(), (B,)]
]
ROWS += [
    case("linear", X2, real(4)),
    case("linear", X2, W, real(1)),
    case("linear", X2.astype(np.float64), W.astype(np.float64)),
    case("linear", X2, W, B).with_(half="bfloat16"),
    case("bilinear", real(2, 3), X2, real(5, 3, 4), B),
    case("bilinear", real(2, 6, 3), real(2, 6, 4), real(5, 3, 4), None).with_(
        tolerance=1e-4, same_name=False
    ),
]
ERRORS = [
    case("linear", real(2, 3), W),
    case("linear", real(2, 3, 3), W, B),
    case("linear", real(3), W),
    case("linear", X2, W, real(4)),
    case("linear", X2.astype(np.float64), W, B),
    case("linear", X2.astype(np.float64), W),
    case("linear", np.ones((2, 4), np.int64), W),
    case("linear", X2, W, B.astype(np.float64)),
    case("linear", X2, real(4), real(1)),
    case("bilinear", real(2, 3), real(2, 5), real(5, 3, 4)),
    case("bilinear", real(2, 3), real(3, 4), real(5, 3, 4)),
]
