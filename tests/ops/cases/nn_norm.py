"""Rows for norm.py."""

import numpy as np

from ..nn_runner import case, const, real

X = real(3, 4, 5)
LONG = np.ones((2, 4), np.int64)
RUNNING = (const(real(4, seed=3)), const(real(4, seed=4, low=0.5, high=2)))
W, B = real(4, seed=5), real(4, seed=6)

ROWS = [
    case("layer_norm", X, (5,)),
    case("layer_norm", X, (5,), real(5), real(5, seed=1)),
    case("layer_norm", X, (4, 5), real(4, 5), None, 1e-2),
    case("layer_norm", X, (5,), real(5)).with_(half="bfloat16"),
    case("layer_norm", X.astype(np.float64), (5,)),
    case("rms_norm", X, (5,)),
    case("rms_norm", X, (4, 5), real(4, 5), 1e-3),
    case("group_norm", X, 2, W, B),
    case("group_norm", real(3, 4), 2),
    case("group_norm", real(2, 4, 3, 3), 4, W, B, 1e-3),
    case("batch_norm", X, None, None, W, B, True),
    case("batch_norm", real(6, 4), *RUNNING, W, B, True),
    case("batch_norm", real(2, 4, 3, 3), *RUNNING, training=True, momentum=0.3),
    case("batch_norm", X, *RUNNING, W, B),
    case("batch_norm", X, *RUNNING),
    case("batch_norm", X, *RUNNING, W, B, True).with_(half="bfloat16"),
    case("instance_norm", X),
    case("instance_norm", X, *RUNNING, W, B),
    case("instance_norm", X, *RUNNING, W, B, False).with_(same_name=False),
    case("local_response_norm", X, 2),
    case("local_response_norm", real(2, 6, 3, 3), 3, 0.5, 0.6, 2.0),
]
ERRORS = [
    case("layer_norm", X, (4,)),
    case("layer_norm", X, ()),
    case("layer_norm", X, (5,), real(4)),
    case("layer_norm", X, (5,), real(5), real(4)),
    case("layer_norm", LONG, (4,)),
    case("layer_norm", X.astype(np.float64), (5,), real(5)),
    case("rms_norm", X, (4,)),
    case("group_norm", X, 3),
    case("group_norm", X, 2, real(3)),
    case("group_norm", W, 2),
    case("batch_norm", X, None, None),
    case("batch_norm", real(1, 4), None, None, training=True),
    case("batch_norm", real(2, 3), *RUNNING),
    case("batch_norm", X, *RUNNING, real(3), training=True),
    case("batch_norm", X, *RUNNING, W, real(3), True),
    case("batch_norm", LONG, *RUNNING),
    case("batch_norm", X.astype(np.float64), *RUNNING),
    case("instance_norm", real(2, 4, 1)),
    case("instance_norm", X, weight=real(3)),
    case("local_response_norm", real(2, 4), 2),
]
