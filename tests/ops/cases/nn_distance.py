"""Rows for distance.py."""

import numpy as np

from ..nn_runner import case, real

A, B = real(3, 4), real(3, 4, seed=1)
LONG = np.ones((2, 4), np.int64)
PS = (1.0, 2.0, 3.0, 0.5, np.inf)

ROWS = [
    case("normalize", real(3, 4, 5)),
    case("normalize", real(3, 4, 5), 1.0, 2),
    case("normalize", real(), 2.0, 0),
    case("normalize", real(3, 4, 5), 3.0, -1),
    case("normalize", np.zeros((2, 3), np.float32)).with_(second=False),
    case("cosine_similarity", A, B),
    case("cosine_similarity", A, real(4), -1),
    case("cosine_similarity", A, B, 0, 5.0),
    *(case("pairwise_distance", A, B, p).with_(tolerance=1e-4) for p in PS),
    case("pairwise_distance", A, B, keepdim=True),
    case("pairwise_distance", A, A, eps=0.0).with_(second=False),
    *(case("cdist", A, real(5, 4), p).with_(second=False) for p in PS),
    case("cdist", real(30, 4), real(2, 27, 4)).with_(second=False, tolerance=1e-4),
    case("cdist", A, A).with_(second=False),
    *(case("pdist", A, p).with_(second=False) for p in PS),
]
ERRORS = [
    case("normalize", LONG),
    case("cosine_similarity", LONG, LONG),
    case("cosine_similarity", A, real(3)),
    case("pairwise_distance", A, real(3)),
    case("cdist", A, real(3, 3)),
    case("cdist", A, real(4)),
    case("cdist", LONG, A),
    case("cdist", A, B, -1.0),
    case("pdist", real(3)),
]
