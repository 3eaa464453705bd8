"""Rows for loss.py, margin.py and cross_entropy.py."""

import numpy as np

from ..nn_runner import case, const, ints, real

X, T = real(3, 4), real(3, 4, seed=1)
P, Q = real(3, 4, low=0.05, high=0.95), real(3, 4, seed=2, low=0.05, high=0.95)
SIGNS = const(np.sign(T))
LONG = np.ones((3, 4), np.int64)
BYTES = np.array([1, 200, 3], np.uint8)
CLASSES = ints(3, high=4)
W4 = const(real(4, seed=7, low=0.5, high=2))


def reductions(name, *args, second=True, **kwargs):
    """A row for each reduction."""
    return [
        case(name, *args, reduction=r, **kwargs).with_(second=second)
        for r in ("none", "mean", "sum")
    ]


ELEMENTWISE = [
    *reductions("mse_loss", X, T),
    *reductions("mse_loss", X, const(T), weight=const(Q)),
    case("mse_loss", X, real(4)),
    case("mse_loss", X, LONG).with_(second=False),
    case("mse_loss", X, T.astype(np.float64)).with_(second=False, tolerance=1e-6),
    case("mse_loss", X, T).with_(half="bfloat16"),
    case("mse_loss", X, T, False),
    case("mse_loss", X, T, None, False),
    *reductions("l1_loss", X, T),
    case("l1_loss", X, X.copy()),
    case("l1_loss", X, const(T), weight=const(Q)),
    *reductions("smooth_l1_loss", X, T),
    case("smooth_l1_loss", X, T, beta=0.3),
    case("smooth_l1_loss", X, T, beta=0.0),
    *reductions("huber_loss", X, T),
    case("huber_loss", X, T, delta=0.4),
    case("huber_loss", X, const(T), weight=const(Q)),
    *reductions("binary_cross_entropy", P, const(Q)),
    case("binary_cross_entropy", P, Q, W4).with_(second=False),
    # PyTorch's second derivative at 0 and 1 is that of an unbounded denominator.
    case(
        "binary_cross_entropy",
        np.array([0.0, 1, 0, 1]),
        const(np.array([0.0, 1, 1, 0])),
    ).with_(second=False),
    *reductions("binary_cross_entropy_with_logits", X, Q),
    case("binary_cross_entropy_with_logits", X, const(Q), W4, pos_weight=W4),
    case("binary_cross_entropy_with_logits", X * 50, const(Q)),
    case("binary_cross_entropy_with_logits", X, const(Q)).with_(half="bfloat16"),
    *reductions("kl_div", X, const(P)),
    case("kl_div", X, P, reduction="batchmean"),
    *reductions("kl_div", X, T, log_target=True),
    case("kl_div", X, const(np.where(T > 0, P, 0).astype(np.float32))),
    *reductions("poisson_nll_loss", X, const(P)),
    case("poisson_nll_loss", P, const(P * 5), log_input=False, full=True),
    *reductions("gaussian_nll_loss", X, T, P),
    case("gaussian_nll_loss", X, T, real(3, 1, low=0.5, high=2), True),
    case("gaussian_nll_loss", X, T, real(3, low=0.5, high=2)),
    case("gaussian_nll_loss", X, T, 2.0),
    *reductions("soft_margin_loss", X, SIGNS),
    *reductions("hinge_embedding_loss", X, SIGNS),
    *reductions("cosine_embedding_loss", X, T, const(np.sign(real(3)))),
    case("cosine_embedding_loss", X, T, const(-np.ones(3, np.float32)), -0.5),
    *reductions("margin_ranking_loss", X, T, SIGNS),
    case("margin_ranking_loss", X, T, SIGNS, 0.5),
    case("margin_ranking_loss", BYTES, BYTES[::-1].copy(), BYTES, 0.5),
    *reductions("multi_margin_loss", X, CLASSES, second=False),
    case("multi_margin_loss", X, CLASSES, 2, 0.5, W4).with_(second=False),
    case("multi_margin_loss", X[0], np.array(2)).with_(second=False),
    *reductions(
        "multilabel_margin_loss",
        X,
        np.array([[0, 1, -1, 2], [3, 0, -1, 1], [-1, -1, 0, 0]]),
        second=False,
    ),
    *reductions("multilabel_soft_margin_loss", X, const(Q)),
    case("multilabel_soft_margin_loss", X, const(Q), W4),
    *reductions("triplet_margin_loss", X, T, P),
    case("triplet_margin_loss", X, T, P, 2.0, 1.0, swap=True).with_(second=False),
    *reductions("triplet_margin_with_distance_loss", X, T, P),
    case("triplet_margin_with_distance_loss", X, T, P, swap=True),
]

X3, X4, X5 = real(2, 4, 3), real(2, 4, 3, 2), real(2, 4, 3, 2, 2)
T3, T4, T5 = ints(2, 3, high=4), ints(2, 3, 2, high=4), ints(2, 3, 2, 2, high=4)
IGNORED = np.array([1, -100, 3])
PROBS = const(np.float32(P / P.sum(1, keepdims=True)))

CROSS = [
    *(
        row
        for name in ("cross_entropy", "nll_loss")
        for pair in [(X, CLASSES), (X3, T3), (X4, T4), (X5, T5)]
        for row in reductions(name, *pair)
    ),
    *(
        row
        for name in ("cross_entropy", "nll_loss")
        for row in reductions(name, X, IGNORED, W4)
    ),
    case("cross_entropy", X[0], np.array(2)),
    case("cross_entropy", X, np.array([1, 2, 0]), ignore_index=2),
    case("cross_entropy", X, np.array([-1, 2, 0]), ignore_index=-1),
    case("cross_entropy", X, CLASSES.astype(np.uint8)),
    case("cross_entropy", X, np.array([-100, -100, -100])).with_(second=False),
    case("cross_entropy", X, CLASSES).with_(half="bfloat16"),
    case("cross_entropy", X * 200, CLASSES),
    case("cross_entropy", X.astype(np.float64), CLASSES),
    *reductions("cross_entropy", X, IGNORED, label_smoothing=0.2),
    *reductions("cross_entropy", X, IGNORED, W4, label_smoothing=0.2),
    case("cross_entropy", X4, T4, label_smoothing=0.2),
    *reductions("cross_entropy", X, PROBS),
    case("cross_entropy", X, PROBS, W4, label_smoothing=0.2),
    case("cross_entropy", X, P),
    case("cross_entropy", X3, const(real(2, 4, 3, low=0, high=1))),
]
ROWS = ELEMENTWISE + CROSS

LOSSES = "mse_loss l1_loss smooth_l1_loss huber_loss soft_margin_loss".split()
ERRORS = [
    *(case(name, X, const(real(3, 3))) for name in LOSSES),
    case("mse_loss", X, T, reduction="other"),
    case("smooth_l1_loss", X, T, beta=-1.0),
    case("huber_loss", X, T, delta=0.0),
    case("binary_cross_entropy", P, real(3, 3)),
    case("binary_cross_entropy", P, LONG),
    case("binary_cross_entropy_with_logits", X, real(3, 3)),
    case("binary_cross_entropy_with_logits", X, LONG),
    case("gaussian_nll_loss", X, T, const(real(3, 2, low=0.1, high=1))),
    case("cosine_embedding_loss", X, T, T),
    case("margin_ranking_loss", X, T, real(4)),
    case("multi_margin_loss", X, CLASSES, 3),
    case("multi_margin_loss", X, CLASSES[:2]),
    case("multi_margin_loss", X, CLASSES, weight=const(real(3))),
    case("multilabel_margin_loss", X, ints(3, 3, high=3)),
    case("triplet_margin_loss", X, T, real(4)),
    case("triplet_margin_loss", X, T, P, margin=-1.0),
    case("cross_entropy", X, CLASSES[:2]),
    case("cross_entropy", X, real(3, 3)),
    case("cross_entropy", X, real(3)),
    case("cross_entropy", X, CLASSES.astype(np.int32)),
    case("cross_entropy", X, CLASSES, const(real(3))),
    case("cross_entropy", X, CLASSES, label_smoothing=2.0),
    case("cross_entropy", X, CLASSES[:, None]),
    case("cross_entropy", X3, ints(2, 2, high=2)),
    case("cross_entropy", X3, CLASSES[:2]),
    case("cross_entropy", X[0], CLASSES),
    case("nll_loss", X, T),
    case("nll_loss", X, np.array([0, 1, 4])),
    case("cross_entropy", X, np.array([0, -1, 3])),
]
