"""Rows for activation.py."""

import numpy as np

from ..nn_runner import case, const, real

X = real(3, 4) * 3
KINKS = np.array([-6, -3, -1, -0.5, -0.0, 0, 0.5, 1, 3, 6, 25], np.float32)
BIG = np.array([-500, -100, -30, 30, 100, 500, np.inf, -np.inf], np.float32)
INTS = np.arange(-4, 4)
SMOOTH = "elu selu celu gelu silu mish softplus logsigmoid softsign tanhshrink".split()
PIECEWISE = (
    "relu relu6 leaky_relu hardtanh hardshrink softshrink hardsigmoid hardswish".split()
)

# At 0 PyTorch's second derivative of the elu family is 0, though its first is that of
# the left side; that of hardsigmoid and of hardswish is missing or also by convention.
FIRST_ONLY = {"elu", "selu", "celu", "hardsigmoid", "hardswish"}

ROWS = [case(n, X).with_(second=n != "hardsigmoid") for n in SMOOTH + PIECEWISE]
ROWS += [case(n, KINKS).with_(second=n not in FIRST_ONLY) for n in SMOOTH + PIECEWISE]
ROWS += [case(n, BIG[:6]).with_(second=False) for n in "elu gelu silu softplus".split()]
ROWS += [case(n, X).with_(half="bfloat16") for n in "relu gelu silu elu".split()]
ROWS += [case(n, X).with_(half="float16") for n in ("gelu", "softplus")]
ROWS += [case(n, const(np.array([np.nan]))) for n in SMOOTH + PIECEWISE]
ROWS += [
    case("relu", X.astype(np.float64)),
    case("relu", INTS),
    case("relu6", INTS),
    case("softsign", INTS),
    case("hardtanh", KINKS, -0.5, 3.0),
    case("leaky_relu", KINKS, 0.2),
    case("leaky_relu", const(KINKS), 0.2, True),
    case("elu", X, 0.5),
    case("celu", X, 2.0),
    case("gelu", X, approximate="tanh"),
    case("softplus", X, 2.0, 3.0),
    case("softshrink", X, 1.0),
    case("hardshrink", X, 1.0),
    case("threshold", KINKS, 0.5, 7.0),
    case("prelu", X, real(1)),
    case("prelu", X, real(4)),
    case("prelu", real(2, 3, 5), real(3)),
    case("glu", X),
    case("glu", real(4, 3), 0),
    *(case(n, X, 1) for n in ("softmax", "log_softmax", "softmin")),
    case("softmax", X),
    case("softmax", real(2, 3, 4), 0),
    case("softmax", real(), 0),
    case("softmax", X, -1).with_(half="bfloat16"),
    case("log_softmax", X, 1).with_(half="float16"),
    case("softmax", const(np.array([[-np.inf, 0.0, 1.0], [-np.inf] * 3])), 1),
]
ERRORS = [
    *(case(n, INTS) for n in "gelu silu elu softplus hardswish logsigmoid".split()),
    case("glu", real(3)),
    case("glu", real()),
    case("softmax", INTS, 0),
    case("softmax", X, 2),
    case("gelu", X, approximate="x"),
    case("prelu", X, real(3)),
    case("softshrink", X, -1.0),
]
