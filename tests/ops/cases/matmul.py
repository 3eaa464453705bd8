"""Products of matrices and contractions."""

import numpy as np

from ..table import array, bools, complexes, error, ints, normal, row

_A, _B = normal(2, 3), normal(3, 4, seed=2)
_S, _T = normal(2, 2, 3), normal(2, 3, 4)
_V = normal(3)
_HALVES = "float32 bfloat16"
_SINGLE = array(np.ones((3, 2)), np.float32)


def _pair(*shapes):
    return [normal(*s, seed=i) for i, s in enumerate(shapes)]


ROWS = [
    row("matmul", _A, _B, dtypes=_HALVES + " int64 bool complex64"),
    *[
        row("matmul", *_pair(a, b))
        for a, b in [
            ((3,), (3,)),
            ((2, 3), (3,)),
            ((3,), (3, 2)),
            ((5, 2, 3), (3,)),
            ((3,), (5, 3, 2)),
            ((5, 2, 3), (3, 4)),
            ((2, 3), (5, 3, 4)),
            ((5, 1, 2, 3), (2, 3, 4)),
            ((0, 3), (3, 2)),
        ]
    ],
    *[
        error("matmul", *_pair(a, b))
        for a, b in [
            ((2, 3), (2, 3)),
            ((3,), (4,)),
            ((2, 3), (4,)),
            ((3,), (4, 2)),
            ((5, 2, 3), (5, 2, 3)),
            ((5, 2, 3), (4, 3, 2)),
            ((), (3,)),
            ((5, 2, 3), (4,)),
            ((5, 2, 3), (4, 2)),
        ]
    ],
    error("matmul", normal(3, grad=False), normal(5, 4, 2, grad=False)),
    error("matmul", _A, _SINGLE),
    error("matmul", _V, array(np.ones(3), np.float32)),
    error("matmul", bools(2, 2), bools(2, 2)),
    error("matmul", _A, 2),
    row("matmul", complexes(2, 2), complexes(2, 2)),
    row("mm", _A, _B),
    error("mm", _A, _A),
    error("mm", _V, _B),
    error("mm", _A, _V),
    row("bmm", _S, _T),
    error("bmm", _A, _B),
    error("bmm", _S, normal(3, 3, 2)),
    row("mv", _A, _V),
    error("mv", _A, normal(2)),
    row("dot", _V, normal(3, seed=3)),
    error("dot", _V, normal(2)),
    error("dot", _A, normal(2)),
    row("vdot", complexes(3), complexes(3, seed=4)),
    row("addmm", normal(4), _A, _B, beta=0.5, alpha=2, dtypes=_HALVES),
    row("addmm", normal(2, 4), _A, _B),
    row("addmm", array([np.nan]), _A, _B, beta=0, grad=False),
    row("addmm", ints(2, 2), ints(2, 2), ints(2, 2), alpha=3),
    error("addmm", normal(2), _A, _B),
    error("addmm", normal(2, 2, 2), _A, _B, words=1),
    row("addmm", ints(2, 2), ints(2, 2), ints(2, 2), alpha=2.5),
    row("addmv", normal(2), _A, _V, alpha=2.5),
    error("addmv", normal(5), _A, _V),
    row("addr", normal(3, 2), _V, normal(2), beta=2),
    row("addbmm", normal(2, 4), _S, _T, beta=0.5),
    row("baddbmm", normal(2, 1, 4), _S, _T, alpha=0.5),
    error("baddbmm", normal(3), _S, _T),
    row("outer", _V, normal(2)),
    error("outer", _A, _V),
    row("ger", _V, normal(2)),
    row("inner", _A, normal(4, 3)),
    row("inner", array(2.0), _A),
    error("inner", _A, normal(4, 2)),
    row("kron", _A, normal(2)),
    row("cross", normal(2, 3), normal(2, 3, seed=4)),
    row("cross", normal(3, 2), normal(3, 2, seed=4), 0),
    error("cross", normal(2, 4), normal(2, 4)),
    row("tensordot", normal(2, 3, 4), normal(3, 4, 5)),
    row("tensordot", _A, normal(4, 3), dims=([1], [1])),
    row("tensordot", _A, _B, 0),
    error("tensordot", _A, normal(4, 5), dims=1),
    error("tensordot", _A, _B, dims=3),
    *[
        row("einsum", equation, *_pair(*shapes), second=len(shapes) < 3)
        for equation, *shapes in [
            ("ij,jk->ik", (2, 3), (3, 4)),
            ("ij,jk", (2, 3), (3, 4)),
            ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
            ("...ij,...jk", (1, 2, 3), (2, 3, 2)),
            ("ii", (3, 3)),
            ("ii->i", (3, 3)),
            ("ij->ji", (2, 3)),
            ("ij->", (2, 3)),
            ("i,j->ij", (2,), (3,)),
            ("i,j,k->ijk", (2,), (3,), (2,)),
            ("ij,jk->ik", (2, 1), (3, 4)),
            ("bhid , bhjd -> bhij", (1, 2, 3, 4), (1, 2, 3, 4)),
            ("ba,bc", (2, 3), (2, 4)),
        ]
    ],
    row("einsum", _A, [0, 1], _B, [1, 2], [0, 2]),
    row("einsum", "ij,jk", (_A, _B)),
    error("einsum", "ij,jk", _A, _A),
    error("einsum", "ij,jk->ii", _A, _B),
    error("einsum", "ij", _S),
    error("einsum", "ij,j", _A),
    error("einsum", "i->j", _V),
    row("chain_matmul", _A, _B, normal(4, 2)),
]
