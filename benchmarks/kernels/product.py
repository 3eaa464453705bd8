"""Matrix products in a row: PyTorch, ours, XLA's; the best of many, microseconds each.

A product reads of the result before it, so that one has to wait for the other, as in a
network. ``kᵀ``: the second operand lies transposed, as a weight does; ``mᵀ``: the
first one does.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import torch

from torchlike._engine import products

from .turns import begin, best

IN_A_ROW = 16

# which lies transposed, batch, m, k, n
CASES = [
    ("kᵀ", (), 64, 64, 64),
    ("", (), 64, 64, 64),
    ("mᵀ", (), 64, 64, 64),
    ("kᵀ", (8, 4), 64, 32, 64),
    ("", (8, 4), 64, 64, 32),
    ("mᵀ", (8, 4), 64, 64, 32),
    ("kᵀ", (2, 6), 256, 64, 256),
    ("", (2, 6), 256, 256, 64),
    ("kᵀ", (32, 4), 32, 32, 32),
    ("kᵀ", (), 16, 512, 512),
    ("kᵀ", (), 128, 512, 512),
    ("", (), 128, 512, 512),
    ("mᵀ", (), 512, 128, 512),
    ("kᵀ", (), 512, 384, 1536),
    ("", (), 512, 1536, 384),
    ("mᵀ", (), 384, 512, 1536),
]


def _turned(x, turned: bool):
    return x.swapaxes(-1, -2) if turned else x


def _row(a, b, which: str):
    """The first of the last product's numbers; on either framework."""
    total = 0.0
    for _ in range(IN_A_ROW):
        c = _turned(a, which == "mᵀ") @ _turned(b, which == "kᵀ")
        total = total + c[..., :1, :1]
        a = a + 1e-9 * total
    return total


def _compiled(which: str, a, b, ours: bool):
    lowered = jax.jit(lambda a, b: _row(a, b, which)).lower(a, b)
    if ours:
        products.take_ours(lowered.compiler_ir(), lambda product: True)
    call = lowered.compile()
    return lambda: call(a, b).block_until_ready()


def main(rounds: int, processor: bool) -> None:
    clock = begin(processor)
    print("| product | PyTorch | ours | XLA | who computes |")
    print("| --- | --- | --- | --- | --- |")
    for which, batch, m, k, n in CASES:
        a = torch.randn(*batch, *((k, m) if which == "mᵀ" else (m, k)))
        b = torch.randn(*batch, *((n, k) if which == "kᵀ" else (k, n)))
        x, y = jnp.asarray(a.numpy()), jnp.asarray(b.numpy())
        runs = [
            lambda a=a, b=b, which=which: _row(a, b, which),
            _compiled(which, x, y, True),
            _compiled(which, x, y, False),
        ]
        times = [f"{t / IN_A_ROW * 1e3:.0f}" for t in best(runs, rounds, clock)]
        rows = (1, 1, 1, m) if which == "mᵀ" else (1, 1, k, 1)
        columns = (1, 1, 1, k) if which == "kᵀ" else (1, 1, n, 1)
        ours = products.Product(batch or (1, 1), m, n, k, rows, columns).is_ours()
        name = " × ".join(map(str, (*batch, m, k, n))) + f" {which}"
        who = "ours" if ours else "XLA"
        print(f"| {name} | {' | '.join(times)} | {who} |", flush=True)
