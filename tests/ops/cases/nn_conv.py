"""Rows for conv.py."""

import numpy as np

from ..nn_runner import case, real

X1, X2, X3 = real(2, 4, 9), real(2, 4, 7, 6), real(2, 4, 5, 4, 5)
W1, W2, W3 = real(6, 4, 3), real(6, 4, 3, 2), real(6, 4, 2, 3, 2)
T1, T2, T3 = real(4, 6, 3), real(4, 6, 3, 2), real(4, 6, 2, 3, 2)
B = real(6)
LOOSE = {"tolerance": 1e-4}


def conv(name, *args, **kwargs):
    return case(name, *args, **kwargs).with_(**LOOSE)


ROWS = [
    conv("conv1d", X1, W1, B),
    conv("conv1d", X1, W1, None, 2, 1, 2),
    conv("conv1d", X1[0], W1, B),
    conv("conv1d", X1, real(6, 2, 3), B, groups=2),
    conv("conv1d", X1, real(6, 4, 4), B, padding="same"),
    conv("conv1d", X1, W1, padding="valid"),
    conv("conv2d", X2, W2, B),
    conv("conv2d", X2, W2, B, (2, 1), (1, 2), (1, 2)),
    conv("conv2d", X2, W2, padding=1, stride=[2, 2]),
    conv("conv2d", X2, W2, padding="same", dilation=2),
    conv("conv2d", X2, real(8, 1, 3, 3), groups=4, padding=1),
    conv("conv2d", X2, real(6, 4, 1, 1), B),
    conv("conv2d", X2, real(6, 4, 1, 1), stride=2),
    conv("conv2d", X2[0], W2, B),
    conv("conv2d", X2, W2, B).with_(half="bfloat16", tolerance=3e-2),
    conv("conv2d", X2.astype(np.float64), W2.astype(np.float64)),
    conv("conv3d", X3, W3, B),
    conv("conv3d", X3, W3, None, 2, (1, 0, 1)),
    conv("conv_transpose1d", X1, T1, B),
    conv("conv_transpose1d", X1, T1, None, 3, 1, 2, 1, 2),
    conv("conv_transpose2d", X2, T2, B, 2, 1, 1),
    conv("conv_transpose2d", X2, real(4, 3, 3, 3), None, 2, (0, 2), (1, 0), 2),
    conv("conv_transpose2d", X2, real(4, 6, 1, 1), B),
    conv("conv_transpose2d", X2[0], T2),
    conv("conv_transpose3d", X3, T3, B, 2),
    conv("conv_tbc", real(5, 2, 4), real(3, 4, 6), B, 1),
]
SMALL, W = real(1, 3, 5, 5), real(6, 3, 3, 3)
ERRORS = [
    case("conv2d", real(3, 5), W),
    case("conv2d", real(1, 2, 5, 5), W),
    case("conv2d", SMALL, W, real(5)),
    case("conv2d", real(1, 3, 2, 2), W),
    case("conv2d", SMALL.astype(np.float64), W),
    case("conv2d", SMALL.astype(np.float64), W, B),
    case("conv2d", SMALL, W, B.astype(np.float64)),
    case("conv2d", SMALL.astype(np.int64), W),
    case("conv2d", SMALL, W, padding="same", stride=2),
    case("conv2d", SMALL, W, padding="other"),
    case("conv2d", SMALL, W, groups=2),
    case("conv2d", real(1, 4, 5, 5), real(5, 2, 3, 3), groups=2),
    case("conv2d", SMALL, W, stride=0),
    case("conv2d", SMALL, W, padding=-1),
    case("conv2d", SMALL, W, dilation=0),
    case("conv2d", SMALL, W, stride=(1, 2, 3)),
    case("conv1d", SMALL, real(6, 3, 3)),
    case("conv_transpose2d", real(1, 2, 5, 5), real(3, 6, 3, 3)),
    case("conv_transpose2d", SMALL, real(3, 6, 3, 3), real(5)),
    case("conv_transpose2d", SMALL, real(3, 6, 3, 3), output_padding=1),
    case("conv_transpose2d", real(5, 5), real(3, 6, 3, 3)),
    case("conv_transpose2d", real(1, 3, 1, 1), real(3, 6, 1, 1), padding=1),
]
