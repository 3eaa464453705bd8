"""Drawing a million numbers: ``draw.py randn``, or all of them without an argument.

Run it beside PyTorch: ``python draw.py`` and ``python -m torchlike draw.py``.
"""

import sys
import time

import torch
from timing import measure, report

N = 1_000_000
zeros = torch.zeros(N)
DRAWS = {
    "rand": lambda: torch.rand(N),
    "randn": lambda: torch.randn(N),
    "bernoulli": lambda: torch.bernoulli(zeros, 0.3),
    "dropout_mask": lambda: torch.zeros(N, dtype=torch.bool).bernoulli_(0.3),
    "exponential": lambda: torch.zeros(N).exponential_(),
    "randint": lambda: torch.randint(10, (N,)),
    "randperm": lambda: torch.randperm(N),
    "rand_float64": lambda: torch.rand(N, dtype=torch.float64),
    "randn_float64": lambda: torch.randn(N, dtype=torch.float64),
}


def best_of(draw, repeats: int = 20) -> float:
    """The quickest of some draws in milliseconds of processor time (all threads).

    The first ones, in which torchlike may compile, do not count.
    """
    times = []
    for _ in range(repeats + 3):
        begin = time.process_time()
        draw()
        times.append((time.process_time() - begin) * 1e3)
    return round(min(times[3:]), 2)


torch.set_num_threads(1)
torch.manual_seed(0)
if len(sys.argv) > 1:
    measure(DRAWS[sys.argv[1]])
else:
    report(**{f"{name}_ms": best_of(draw) for name, draw in DRAWS.items()})
