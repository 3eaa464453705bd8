"""``python -m tests.streams.speed [NAME …]``: drawing beside PyTorch with one thread.

Prints the milliseconds of a million numbers (a tenth as many where rejection makes them
dear), on torchlike and on PyTorch, and the first over the second: the best of several
calls, taken in turns.
"""

from __future__ import annotations

import argparse
import time

import jax
import torch

import torchlike

N = 1_000_000
FEW = 100_000
ROUNDS = 7


def _full(t, n, value, dtype="float32"):
    return t.full((n,), value, dtype=getattr(t, dtype))


def _spread(t, n, top):
    return t.linspace(0.05, top, n)


# name: (make the arguments, call)
DRAWS = {
    "rand": (lambda t: (), lambda t: t.rand(N)),
    "rand float64": (lambda t: (), lambda t: t.rand(N, dtype=t.float64)),
    "randn": (lambda t: (), lambda t: t.randn(N)),
    "randn float64": (lambda t: (), lambda t: t.randn(N, dtype=t.float64)),
    "randint": (lambda t: (), lambda t: t.randint(0, 1000, (N,))),
    "randperm": (lambda t: (), lambda t: t.randperm(N)),
    "dropout": (
        lambda t: (_full(t, N, 1.0),),
        lambda t, x: t.nn.functional.dropout(x, 0.3),
    ),
    "bernoulli": (lambda t: (_full(t, N, 0.3),), lambda t, p: t.bernoulli(p)),
    "exponential": (lambda t: (), lambda t: t.empty(N).exponential_()),
    "geometric": (lambda t: (), lambda t: t.empty(N).geometric_(0.3)),
    "cauchy": (lambda t: (), lambda t: t.empty(N).cauchy_()),
    "log_normal": (lambda t: (), lambda t: t.empty(N).log_normal_()),
    "multinomial": (
        lambda t: (_spread(t, FEW, 1.0),),
        lambda t, p: t.multinomial(p, FEW // 2),
    ),
    "multinomial replaced": (
        lambda t: (_spread(t, FEW, 1.0),),
        lambda t, p: t.multinomial(p, FEW, True),
    ),
    "poisson small": (lambda t: (_spread(t, FEW, 5.0),), lambda t, r: t.poisson(r)),
    "poisson large": (lambda t: (_full(t, FEW, 50.0),), lambda t, r: t.poisson(r)),
    "gamma small": (
        lambda t: (_spread(t, FEW, 0.9),),
        lambda t, a: t._standard_gamma(a),
    ),
    "gamma large": (
        lambda t: (_full(t, FEW, 3.0),),
        lambda t, a: t._standard_gamma(a),
    ),
    "dirichlet": (
        lambda t: (_full(t, FEW, 2.0).reshape(-1, 10),),
        lambda t, a: t._sample_dirichlet(a),
    ),
    "binomial small": (
        lambda t: (_full(t, FEW, 10.0), _full(t, FEW, 0.3)),
        lambda t, n, p: t.binomial(n, p),
    ),
    "binomial large": (
        lambda t: (_full(t, FEW, 100.0), _full(t, FEW, 0.4)),
        lambda t, n, p: t.binomial(n, p),
    ),
}


def _seconds(t, call, arguments) -> float:
    t.manual_seed(0)
    start = time.process_time()
    result = call(t, *arguments)
    if t is torchlike:
        jax.block_until_ready(jax.numpy.asarray(result))
    return time.process_time() - start


def measure(name: str) -> tuple[float, float]:
    """Seconds on torchlike and on PyTorch."""
    make, call = DRAWS[name]
    both = [(t, make(t), []) for t in (torchlike, torch)]
    for _ in range(ROUNDS):
        for t, arguments, taken in both:
            taken.append(_seconds(t, call, arguments))
    return min(both[0][2]), min(both[1][2])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    chosen = parser.parse_args().names or list(DRAWS)
    torch.set_num_threads(1)
    print(f"{'draw':<22}{'torchlike':>12}{'PyTorch':>10}{'ratio':>8}")
    for name in chosen:
        ours, theirs = measure(name)
        print(
            f"{name:<22}{1e3 * ours:9.2f} ms{1e3 * theirs:7.2f} ms{ours / theirs:8.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
