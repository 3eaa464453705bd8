"""Rows for pad.py."""

import numpy as np

from ..nn_runner import case, real

X = {n: real(*(2, 3, 4, 5, 3)[:n]) for n in (1, 2, 3, 4, 5)}
MODES = ("reflect", "replicate", "circular")

ROWS = [
    case("pad", X[1], (1, 2)),
    case("pad", X[3], (1, 2, 0, 1), value=2.5),
    case("pad", X[3], [1, -2]),
    case("pad", X[3], (0, 0, -1, 3, 2, 1), "constant", 1),
    case("pad", np.arange(4), (1, 1), value=7),
    case("pad", X[2].astype(np.float64), (1, 1), value=0.1),
    case("pad", X[2], (1, 1), value=0.1).with_(half="bfloat16"),
    *(case("pad", X[n], (1, 2), m) for m in MODES for n in (2, 3)),
    *(case("pad", X[n], (2, 1, 0, 2), m) for m in MODES for n in (3, 4)),
    *(case("pad", X[n], (2, 1, 0, 2, 1, 1), m) for m in MODES for n in (4, 5)),
    *(case("pad", X[3], (-1, 2), m) for m in ("reflect", "replicate")),
]
ERRORS = [
    case("pad", X[3], (1,)),
    case("pad", X[1], (1, 1, 1, 1)),
    case("pad", X[3], (4, 4), "reflect"),
    case("pad", X[3], (5, 4), "circular"),
    case("pad", X[3], (-3, -2), "reflect"),
    case("pad", X[3], (1, 1), "other"),
    case("pad", X[3], (1, 1), "reflect", 1.0),
    case("pad", X[1], (1, 1), "reflect"),
    case("pad", X[5], (1, 1), "replicate"),
]
