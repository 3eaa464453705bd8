"""Window functions of torch and of torch.signal.windows."""

from ..table import Dtype, error, row

_OLD = ("hann", "hamming", "blackman", "bartlett", "kaiser")
_NEW = {
    "bartlett": {},
    "blackman": {},
    "cosine": {},
    "exponential": {"tau": 2.5},
    "gaussian": {"std": 1.5},
    "general_cosine": {"a": [0.4, 0.3, 0.2, 0.1]},
    "general_hamming": {"alpha": 0.6},
    "hamming": {},
    "hann": {},
    "kaiser": {"beta": 5.0},
    "nuttall": {},
}

ROWS = [
    *[row(f"{name}_window", n) for name in _OLD for n in (0, 1, 2, 7)],
    *[row(f"{name}_window", 6, False, dtype=Dtype("float64")) for name in _OLD],
    row("hann_window", 5, False, dtype=Dtype("float16")),
    row("hamming_window", 6, True, 0.3, 0.6),
    row("kaiser_window", 6, False, 3.0),
    error("hann_window", -1),
    error("hamming_window", 3, dtype=Dtype("int64")),
    error("bartlett_window", 3, dtype=Dtype("complex64")),
    *[
        row(f"signal.windows.{name}", n, sym=sym, **options)
        for name, options in _NEW.items()
        for n, sym in ((0, True), (1, False), (7, True), (8, False))
    ],
    row("signal.windows.hann", 7, dtype=Dtype("float64")),
    row("signal.windows.exponential", 7, center=2.0, sym=False),
    error("signal.windows.hann", -1),
    error("signal.windows.kaiser", 3, beta=-1.0),
    error("signal.windows.gaussian", 3, std=0.0),
    error("signal.windows.exponential", 3, tau=0.0),
    error("signal.windows.exponential", 3, center=1.0),
    error("signal.windows.blackman", 3, dtype=Dtype("float16")),
    error("signal.windows.general_cosine", 3, a=[]),
    error("signal.windows.general_cosine", 3, a=1.0),
]
