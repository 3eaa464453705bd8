"""Norms, decompositions, solvers."""

import numpy as np

from ..table import Dtype, array, complexes, error, ints, normal, row

_X = normal(3, 4)
_S = normal(3, 3)
_SPD = array(
    (lambda a: a @ a.T + 3 * np.eye(3))(np.random.default_rng(0).normal(size=(3, 3)))
)
_PACKED = array([[3.0, 1, 2], [0.5, -2, 1], [0.1, 0.3, 4]])
_SWAPS = array([3, 3, 3], np.int32)
_SYMMETRIC = array([[1.0, 2, 3], [2, 1, 5], [3, 5, 0]], grad=False)
_LD = array([[1.0, 0, 0], [3, 0, 0], [1.7, 0.1, -2.9]], grad=False)
_BLOCKS = array([-3, -3, 3], np.int32)
_FACTOR = array(np.tril(_SPD.array))
_ZERO = array(np.zeros(3))
_INF = float("inf")


def _first(result):
    return result[0]


def _without_signs(result):
    """Eigenvectors up to the sign, which depends on the LAPACK at hand."""
    return result[0], result[1].abs()


def _values_only(result):
    """Singular values: the vectors beyond them are free."""
    return result[1]


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
    # ----- decompositions
    row("linalg.svd", _S, full_matrices=False, dtypes="float32 int64", second=False),
    row("linalg.svd", _X, full_matrices=False, grad=False),
    row("linalg.svdvals", _X),
    row("linalg.svd", _X, after=_values_only),
    row("svd", _X, grad=False),
    error("linalg.svd", normal(3)),
    row("linalg.qr", normal(4, 3), dtypes="float32 float16"),
    row("linalg.qr", _X),
    row("linalg.qr", normal(4, 3), "complete", grad=False),
    row("linalg.qr", _S, "r", grad=False),  # PyTorch has none
    row("qr", normal(4, 3)),
    error("linalg.qr", _S, "foo"),
    row("linalg.eigh", _SPD, second=False, after=_without_signs),
    row("linalg.eigvalsh", _SPD, "U"),
    row("linalg.eigh", _S, grad=False, after=_without_signs),
    error("linalg.eigh", _X),
    row("linalg.eig", normal(3, 3), after=_without_signs, second=False),
    row("linalg.eigvals", normal(3, 3), second=False),
    row("linalg.cholesky", _SPD, dtypes="float32"),
    row("linalg.cholesky", _SPD, upper=True),
    row("linalg.cholesky_ex", _SPD),
    row("cholesky", _SPD, True),
    error("linalg.cholesky", _X),
    row("linalg.lu", _S),
    row("linalg.lu", _X, grad=False),
    row("linalg.lu_factor", _S),
    error("linalg.lu", normal(3)),
    # ----- equations
    row("linalg.inv", _S, dtypes="float32 int64 float16"),
    row("inverse", normal(2, 3, 3)),
    error("linalg.inv", _X),
    row("linalg.inv_ex", _S),
    row("linalg.det", _S),
    row("det", normal(2, 3, 3)),
    row("linalg.slogdet", _S),
    row("slogdet", _S),
    row("logdet", _SPD),
    row("linalg.solve", _S, normal(3)),
    row("linalg.solve", normal(2, 3, 3), normal(2, 3)),
    row("linalg.solve", _S, normal(3, 2)),
    row("linalg.solve", _S, normal(2, 3), left=False),
    error("linalg.solve", _S, normal(2)),
    error("linalg.solve", _S, array(np.eye(3), np.float32)),
    row("linalg.solve_triangular", _SPD, normal(3, 2), upper=False),
    row("linalg.solve_triangular", _SPD, normal(2, 3), upper=True, left=False),
    row("linalg.solve_triangular", _S, normal(3, 2), upper=True, unitriangular=True),
    row("triangular_solve", normal(3, 2), _SPD),
    # Second derivatives in the triangle that is not read differ: it is no input.
    row("cholesky_solve", normal(3, 2), _FACTOR, second=False),
    row("cholesky_inverse", _FACTOR),
    row("linalg.lstsq", normal(4, 3), normal(4, 2), grad=False, after=_first),
    error("linalg.lstsq", normal(4, 3), normal(3, 2)),
    row("linalg.pinv", _X, loose=10),
    row("pinverse", _X, loose=10),
    error("linalg.pinv", normal(3)),
    row("linalg.matrix_rank", _X),
    error("linalg.matrix_rank", normal(3)),
    *[row("linalg.cond", _S, p) for p in (None, 2, -2)],
    # PyTorch's own backward fails here.
    *[row("linalg.cond", _S, p, grad=False) for p in ("fro", 1, _INF)],
    row("linalg.matrix_power", _S, 3),
    row("linalg.matrix_power", _S, -2),
    row("linalg.matrix_power", _S, 0, second=False),
    row("linalg.matrix_exp", _S, dtypes="float32"),
    row("linalg.multi_dot", [normal(2, 3), normal(3, 4), normal(4)]),
    error("linalg.multi_dot", [normal(2, 3), normal(2, 3)]),
    error("linalg.multi_dot", [_S]),
    row("linalg.tensorinv", array(np.random.default_rng(0).normal(size=(4, 2, 2))), 1),
    row("linalg.vander", normal(3)),
    row("linalg.diagonal", normal(2, 3, 3)),
    row("linalg.cross", _S, normal(3, 3, seed=4)),
    # ----- factors
    row("linalg.solve_ex", _S, normal(3, 2)),
    row("linalg.lu_factor_ex", _S),
    row("lu", _S),
    row("lu_unpack", _PACKED, _SWAPS),
    row("lu_unpack", _PACKED, _SWAPS, unpack_data=False, grad=False),
    row("linalg.lu_solve", _PACKED, _SWAPS, normal(3, 2)),
    row("linalg.lu_solve", _PACKED, _SWAPS, normal(3, 2), adjoint=True, second=False),
    row("linalg.lu_solve", _PACKED, _SWAPS, normal(2, 3), left=False, second=False),
    row("linalg.ldl_factor", _SYMMETRIC),
    row("linalg.ldl_factor_ex", array([[0.0, 1], [1, 0]], grad=False)),
    row("linalg.ldl_solve", _LD, _BLOCKS, normal(3, 2, grad=False)),
    row("geqrf", normal(4, 3, grad=False)),
    row("orgqr", normal(4, 3), normal(2), second=False),
    row("linalg.householder_product", normal(4, 3), normal(3)),
    row("ormqr", normal(4, 2), normal(2), normal(4, 3), second=False),
    row("ormqr", normal(4, 2), normal(2), normal(3, 4), False, True, second=False),
    *[
        row("linalg.lstsq", normal(4, 3), normal(4, 2), driver=d, grad=False)
        for d in ("gels", "gelsy", "gelsd", "gelss")
    ],
    row("linalg.lstsq", normal(2, 4, 3), normal(2, 4), grad=False),
    row("linalg.pinv", _SPD, hermitian=True, loose=10, second=False),
    row("linalg.pinv", _X, atol=0.5, rtol=0.1, second=False),
    row("linalg.matrix_rank", _SPD, hermitian=True, atol=2.0),
    row("linalg.cond", array(np.zeros((0, 0)))),
    row("linalg.matrix_power", ints(3, 3), 3),
    row("linalg.vander", ints(3), N=4),
    row("nuclear_norm", _S),
    row("frobenius_norm", _X, 1),
    row("norm_except_dim", _X, 2, 0, second=False),
    error("linalg.ldl_factor", _X),
    error("linalg.ldl_solve", _LD, _BLOCKS, normal(2, 3)),
    error("lu_unpack", _PACKED, ints(3)),
    error("linalg.lu_solve", _PACKED, ints(3), normal(3, 2)),
    error("linalg.lu_factor", _S, pivot=False),
    error("linalg.lu_factor", array(np.zeros((2, 2)))),
    error("geqrf", normal(3)),
    error("orgqr", normal(2, 3), normal(2)),
    error("ormqr", normal(4, 2), normal(2), normal(3, 4)),
    error("linalg.svd", _S, driver="gesvd"),
    error("linalg.lstsq", _S, _S, driver="foo"),
    error("linalg.eigh", _S, "a"),
    error("linalg.eigvals", array([[np.nan, 1], [1, 0]])),
    error("linalg.cond", _S, 3),
    error("linalg.cond", _X, 1),
    error("linalg.vander", normal(3), N=1),
    error("linalg.vecdot", normal(3), normal(4)),
    error("linalg.tensorinv", normal(2, 3, 6), 0),
    error("linalg.tensorsolve", normal(2, 3, 5), normal(2, 3)),
    error("linalg.multi_dot", [normal(3, 3, 3), _S]),
    error("linalg.cross", _S, normal(3, 1)),
    error("cholesky_solve", normal(2, 3), _S),
    error("triangular_solve", normal(2, 3), _S),
    error("linalg.matrix_norm", _S, "fro", dtype=Dtype("complex64")),
    error("linalg.vector_norm", _S, 2, dtype=Dtype("float32")),
    error("symeig", _S),
    error("eig", _S),
    error("solve", _S, _S),
]
