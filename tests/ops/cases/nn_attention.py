"""Rows for attention.py."""

import numpy as np

from ..nn_runner import case, const, real

Q, K, V = real(2, 4, 5, 8), real(2, 4, 6, 8, seed=1), real(2, 4, 6, 7, seed=2)
LONG = real(1, 2, 131, 3)  # causal scores come in pieces (see _ops/_attend.py)
SEEN = const(real(5, 6, seed=3) > -0.5)
EMPTY = np.ones((5, 6), bool)
EMPTY[0] = False
SDPA = "scaled_dot_product_attention"


def product(*args, **kwargs):
    # PyTorch's fused kernel has no second derivative.
    return case(SDPA, *args, **kwargs).with_(second=False, same_name=False)


E, H = 8, 2
X, MEMORY = real(5, 3, E), real(6, 3, E, seed=1)
W, B = real(3 * E, E, seed=2), real(3 * E, seed=3)
OUT, OUT_B = real(E, E, seed=4), real(E, seed=5)
TAIL = (None, None, False, 0.0, OUT, OUT_B)
MHA = "multi_head_attention_forward"
PADDING = const(np.array([[False] * 5, [False] * 3 + [True] * 2, [False] * 4 + [True]]))
CAUSAL = const(np.triu(np.ones((5, 5), bool), 1))
FLOATS = const(np.triu(np.full((5, 5), -np.inf, np.float32), 1))


def heads(*args, **kwargs):
    return case(MHA, *args, **kwargs).with_(
        same_name=False, second=False, tolerance=1e-4
    )


ROWS = [
    product(Q, K, V),
    product(Q, K, V, SEEN),
    product(Q, K, V, const(EMPTY)),
    product(Q, K, V, const(real(2, 1, 5, 6))),
    product(Q, K, V, is_causal=True),
    product(LONG, LONG, LONG, is_causal=True),
    case(SDPA, LONG[0], LONG[0], LONG[0], is_causal=True).with_(
        same_name=False, tolerance=1e-4
    ),
    product(Q, K, V, scale=0.3),
    product(Q[0], K[0], V[0]),
    product(Q[0, 0], K[0, 0], V[0, 0]),
    product(Q, real(2, 2, 6, 8), real(2, 2, 6, 8), enable_gqa=True),
    case(SDPA, Q[0], K[0], V[0]).with_(same_name=False, tolerance=1e-4),
    product(Q, K, K).with_(half="bfloat16", tolerance=4e-2),
    heads(X, X, X, E, H, W, B, *TAIL),
    heads(X, MEMORY, MEMORY, E, H, W, None, *TAIL),
    heads(X, X, X, E, H, W, B, *TAIL, need_weights=False),
    heads(X, X, X, E, H, W, B, *TAIL, average_attn_weights=False),
    heads(X, X, X, E, H, W, B, *TAIL, key_padding_mask=PADDING, attn_mask=CAUSAL),
    heads(X, X, X, E, H, W, B, *TAIL, attn_mask=FLOATS),
    heads(
        *(X, X, X, E, H, W, B, *TAIL),
        attn_mask=CAUSAL,
        is_causal=True,
        need_weights=False,
    ),
    heads(X, X, X, E, H, W, B, real(1, 1, E), real(1, 1, E), True, 0.0, OUT, OUT_B),
    heads(X[:, 0], X[:, 0], X[:, 0], E, H, W, B, *TAIL),
    heads(
        *(X, real(6, 3, 4), real(6, 3, 3), E, H, None, B, *TAIL),
        use_separate_proj_weight=True,
        q_proj_weight=real(E, E),
        k_proj_weight=real(E, 4),
        v_proj_weight=real(E, 3),
    ),
]
ERRORS = [
    case(SDPA, Q, real(2, 2, 5, 8), real(2, 2, 5, 8)),
    case(SDPA, Q, real(2, 3, 5, 8), real(2, 3, 5, 8), enable_gqa=True),
    case(SDPA, Q, Q.astype(np.float64), Q),
    case(SDPA, real(8), real(8), real(8)),
    case(SDPA, Q, real(2, 4, 6, 7), real(2, 4, 6, 7)),
    case(SDPA, Q, Q, Q, np.ones((5, 5), np.int64)),
    case(MHA, X, X, X, 6, H, W, B, *TAIL),
    case(MHA, X, X, X, E, 3, W, B, *TAIL),
    case(MHA, X, X, X, E, H, W, B, *TAIL, is_causal=True),
]
