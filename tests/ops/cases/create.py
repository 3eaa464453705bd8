"""New tensors, triangles and diagonals, and tensors joined together."""

import numpy as np

from ..table import Dtype, array, error, ints, normal, row, uniform

_X, _Y = normal(2, 3), normal(2, 3, seed=7)
_S = normal(3, 3)
_F64, _I64 = Dtype("float64"), Dtype("int64")

ROWS = [
    row("zeros", 2, 3),
    row("ones", (2, 3), dtype=_I64),
    row("zeros", ()),
    error("zeros", -1),
    row("full", (2,), 1),
    row("full", (2,), True),
    row("full", (2, 2), 1.5, dtype=_I64),
    row("zeros_like", ints(2, 2)),
    row("ones_like", _X, dtype=_I64),
    row("full_like", _X, 2.5),
    row("Tensor.new_zeros", _X, 2, 2),
    row("Tensor.new_full", ints(2), (2,), 3),
    row("Tensor.new_ones", _X, (2,), dtype=_I64),
    *[row("arange", *a) for a in [(3,), (3.0,), (1, 7, 2), (0, 1, 0.3), (5, 0, -2)]],
    row("arange", 3, dtype=_F64),
    error("arange", 5, 0),
    error("arange", 0, 5, 0),
    row("range", 1, 3),
    *[row("linspace", *a) for a in [(0, 1, 5), (3, -2, 4), (1, 2, 1), (0, 1, 0)]],
    row("linspace", 1, 5, 5, dtype=_I64),
    row("logspace", 0, 2, 3, base=2),
    error("linspace", 0, 1, -1),
    row("eye", 2, 3),
    row("eye", 3, dtype=_I64),
    error("eye", -1),
    *[row(name, _X, k) for name in ("tril", "triu") for k in (-1, 0, 1)],
    error("tril", normal(3)),
    row("tril_indices", 3, 4, 1),
    row("triu_indices", 3, 2, -1),
    row("diag", normal(3), 1),
    row("diag", _X, -1),
    error("diag", normal(2, 2, 2)),
    row("diag_embed", _X),
    row("diagflat", _X),
    row("meshgrid", normal(2), normal(3, seed=2), indexing="ij"),
    row("meshgrid", normal(2), normal(3, seed=2), indexing="xy"),
    row("vander", array([1, 2, 3])),
    row("complex", _X, _Y),
    row("polar", uniform(2, 3), _Y),
    error("complex", normal(2), array([1.0, 2.0], np.float32)),
    # ----- joined
    row("cat", [_X, _Y], dtypes="float32 int64"),
    row("cat", [_X, _Y, _X], 1),
    row("cat", [_X, ints(2, 3)], -1),
    row("cat", [array([]), normal(2)]),
    row("concat", [_X, _Y]),
    error("cat", []),
    error("cat", [_X, normal(2, 2)]),
    error("cat", [_X, _Y], 2),
    error("cat", [_X, normal(3)]),
    row("stack", [_X, _Y], 1),
    row("stack", [_X, ints(2, 3)], -1),
    error("stack", [_X, _S]),
    *[row(n, [_X, _Y]) for n in "hstack vstack dstack column_stack row_stack".split()],
    *[row(n, [normal(3), normal(3, seed=2)]) for n in "hstack vstack dstack".split()],
    row("column_stack", [normal(3), _S]),
    row("block_diag", _X, normal(2), array(3.0)),
]
