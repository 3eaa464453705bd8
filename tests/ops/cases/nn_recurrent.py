"""Rows for recurrent.py and recurrent_cells.py: layers, stacks, packed data, cells."""

import numpy as np

from ..nn_runner import case, real

T, N, I, H, P = 4, 3, 5, 2, 3
GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}


def weights(mode, layers, both, bias, projection=0):
    """The flat list of a stack."""
    g, out = GATES[mode] * H, projection or H
    made, seed = [], 0
    for layer in range(layers):
        width = I if layer == 0 else out * (1 + both)
        for _ in range(1 + both):
            shapes = [(g, width), (g, out), *[(g,)] * (2 * bias)]
            shapes += [(projection, H)] if projection else []
            for shape in shapes:
                seed += 1
                made.append(real(*shape, seed=seed))
    return made


def state(mode, n, projection=0):
    """Initial states of ``n`` layers and directions."""
    h = real(n, N, projection or H, seed=50)
    return (h, real(n, N, H, seed=51)) if mode == "lstm" else h


def layer(mode, layers=1, both=False, bias=True, first=False, projection=0):
    x = real(N, T, I) if first else real(T, N, I)
    hx = state(mode, layers * (1 + both), projection)
    params = weights(mode, layers, both, bias, projection)
    options = (bias, layers, 0.0, False, both, first)
    return case(mode, x, hx, params, *options).with_(
        second=False, same_name=False, tolerance=1e-4
    )


def packed(mode, layers=1, both=False):
    sizes = np.array([3, 2, 2, 1])
    params = weights(mode, layers, both, True)
    options = (True, layers, 0.0, False, both)
    x, hx = real(8, I), state(mode, layers * (1 + both))
    return case(mode, x, sizes, hx, params, *options).with_(
        second=False, same_name=False, tolerance=1e-4
    )


def cell(mode, bias=True):
    hx = state(mode, 1)
    hx = tuple(s[0] for s in hx) if mode == "lstm" else hx[0]
    own = weights(mode, 1, False, bias)
    # PyTorch's LSTM cell names its two results' nodes apart.
    return case(f"{mode}_cell", real(N, I), hx, *own).with_(same_name=mode != "lstm")


ROWS = [
    *(layer(mode) for mode in GATES),
    *(layer(mode, 2, True) for mode in GATES),
    *(layer(mode, bias=False, first=True) for mode in GATES),
    layer("lstm", projection=1),
    layer("lstm", 2, True, projection=1),
    *(packed(mode) for mode in GATES),
    *(packed(mode, 2, True) for mode in ("lstm", "gru")),
    *(cell(mode) for mode in GATES),
    *(cell(mode, False) for mode in ("lstm", "gru")),
]
