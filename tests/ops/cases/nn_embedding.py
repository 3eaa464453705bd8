"""Rows for embedding.py."""

import numpy as np

from ..nn_runner import case, const, ints, real

I, W = ints(2, 3, high=5), real(5, 4)
FLAT, OFFSETS = ints(6, high=5), np.array([0, 2, 2, 5])
MODES = ("sum", "mean", "max")

ROWS = [
    case("embedding", I, W),
    case("embedding", I, W, 1),
    case("embedding", I, W, -4),
    case("embedding", np.array([1, 1, 2, 1]), W, scale_grad_by_freq=True).with_(
        second=False
    ),
    case("embedding", I, const(W), None, 1.0),
    case("embedding", I, const(W), None, 1.0, 1.0),
    case("embedding", I.astype(np.int32), W),
    case("embedding", np.array(3), W).with_(half="bfloat16"),
    *(case("embedding_bag", I, W, mode=m).with_(second=False) for m in MODES),
    *(
        case("embedding_bag", FLAT, W, OFFSETS, mode=m, padding_idx=p).with_(
            second=False
        )
        for m in MODES
        for p in (None, 1)
    ),
    case("embedding_bag", FLAT, W, np.array([0, 2, 6]), include_last_offset=True).with_(
        second=False
    ),
    case("embedding_bag", I, W, mode="sum", per_sample_weights=real(2, 3)).with_(
        second=False
    ),
    case("one_hot", I),
    case("one_hot", I, 7),
]
ERRORS = [
    case("embedding", np.array([0, 5]), W),
    case("embedding", np.array([-1]), W),
    case("embedding", I, W, 5),
    case("embedding", I, real(5)),
    case("embedding", real(3), W),
    case("embedding_bag", FLAT, W),
    case("embedding_bag", I, W, OFFSETS),
    case("embedding_bag", I, W, mode="other"),
    case("embedding_bag", I, W, per_sample_weights=real(2, 3)),
    case("one_hot", I, 2),
    case("one_hot", I.astype(np.int32), 7),
    case("one_hot", np.array([-1]), 7),
]
