"""Norms, decompositions, solvers."""

import numpy as np

from ..table import array, complexes, error, ints, normal, row

_X = normal(3, 4)
_S = normal(3, 3)
_SPD = array(
    (lambda a: a @ a.T + 3 * np.eye(3))(np.random.default_rng(0).normal(size=(3, 3)))
)
_ZERO = array(np.zeros(3))
_INF = float("inf")

ROWS = [
    *[
        row("linalg.vector_norm", _X, p, second=p != 3)
        for p in (2, 1, 3, 0.5, 0, _INF, -_INF)
    ],
    row("linalg.vector_norm", _X, dim=1, keepdim=True, dtypes="float32 bfloat16"),
    row("linalg.vector_norm", complexes(3)),
    *[row("linalg.vector_norm", _ZERO, p, second=False) for p in (2, 1, 3, _INF)],
    row("linalg.vector_norm", array([1.0, -1.0, 1.0]), _INF, second=False),
    error("linalg.vector_norm", ints(3)),
    error("linalg.vector_norm", array([]), _INF),
    *[
        row("linalg.matrix_norm", _X, o)
        for o in ("fro", "nuc", 1, -1, 2, -2, _INF, -_INF)
    ],
    row("linalg.matrix_norm", normal(2, 3, 4), 2, (0, 2), True),
    error("linalg.matrix_norm", normal(3)),
    error("linalg.matrix_norm", _X, 3),
    error("linalg.matrix_norm", _X, "foo"),
    row("linalg.norm", normal(2, 3, 4)),
    row("linalg.norm", _X, 2),
    row("linalg.norm", normal(4), 3),
    row("linalg.norm", _X, 1, 0),
    error("linalg.norm", normal(2, 2, 2), 2),
    row("norm", _X),
    row("norm", _X, 1, 1),
    row("norm", _X, 2, (0, 1), True),
    row("norm", _X, "nuc"),
    row("norm", _X, "fro", dim=0, dtypes="float32 bfloat16 int64"),
    row("norm", _ZERO, second=False),
    row("dist", _X, normal(4), 3),
    row("renorm", _X, 2, 0, 1.0),
    row("trace", _X, dtypes="int32"),
    error("trace", normal(2)),
    row("linalg.vecdot", _X, normal(4)),
]
