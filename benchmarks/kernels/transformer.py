"""The operations of transformers and MLPs, in the sizes of a small GPT.

The same calls on PyTorch and on torchlike, by turns: forward, and forward with the
gradients of all operands. Milliseconds: the best of many; the ratio is a median.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
import statistics
import time
from collections.abc import Callable

import numpy as np

_ROUND_S = 0.02


@dataclasses.dataclass(frozen=True)
class Case:
    """``call(torch, *tensors)`` for tensors of these shapes, on either framework.

    ``classes``: the last tensor holds indices below it, in the shape ``index``.
    """

    name: str
    shapes: tuple[tuple[int, ...], ...]
    call: Callable
    classes: int = 0
    index: tuple[int, ...] = ()


def _attention(torch, q, k, v):
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)


def _gelu(torch, x):
    return torch.nn.functional.gelu(x)


def _layer_norm(torch, x, weight, bias):
    return torch.nn.functional.layer_norm(x, x.shape[-1:], weight, bias)


def _linear(torch, x, weight, bias):
    return torch.nn.functional.linear(x, weight, bias)


def _softmax(torch, x):
    return x.softmax(-1)


def _cross_entropy(torch, x, target):
    return torch.nn.functional.cross_entropy(x, target)


def _embedding(torch, weight, index):
    return torch.nn.functional.embedding(index, weight)


def _split(torch, x):
    a, b, c = x.split(x.shape[-1] // 3, -1)
    return a * b + c


CASES = (
    Case("attention 8×4, 128, 32", ((8, 4, 128, 32),) * 3, _attention),
    Case("attention 2×6, 256, 64", ((2, 6, 256, 64),) * 3, _attention),
    Case("gelu 1024×512", ((1024, 512),), _gelu),
    Case("layer norm 1024×128", ((1024, 128), (128,), (128,)), _layer_norm),
    Case("layer norm 512×384", ((512, 384), (384,), (384,)), _layer_norm),
    Case("linear 1024×128×512", ((1024, 128), (512, 128), (512,)), _linear),
    Case("linear 1024×512×128", ((1024, 512), (128, 512), (128,)), _linear),
    Case("linear 512×384×1536", ((512, 384), (1536, 384), (1536,)), _linear),
    Case("softmax 4096×128", ((4096, 128),), _softmax),
    Case("cross entropy 512×1000", ((512, 1000),), _cross_entropy, 1000, (512,)),
    Case("embedding 1000×384, 512", ((1000, 384),), _embedding, 1000, (512,)),
    Case("split 1024×384", ((1024, 384),), _split),
)


def _tensors(torch, case):
    draw = np.random.default_rng(0)
    made = [draw.normal(size=shape).astype(np.float32) for shape in case.shapes]
    tensors = [torch.tensor(x, requires_grad=True) for x in made]
    if not case.classes:
        return tensors, []
    return tensors, [torch.tensor(draw.integers(0, case.classes, case.index))]


def _forward(torch, case):
    tensors, index = _tensors(torch, case)

    def step():
        with torch.no_grad():
            y = case.call(torch, *tensors, *index)
        torch.cpu.synchronize()
        return y

    return step


def _both(torch, case):
    tensors, index = _tensors(torch, case)
    slope = torch.ones_like(case.call(torch, *tensors, *index)).detach()

    def step():
        y = case.call(torch, *tensors, *index)
        grads = torch.autograd.grad(y, tensors, slope)
        torch.cpu.synchronize()
        return y, grads

    return step


def _ms(step, times: int, clock) -> float:
    started = clock()
    for _ in range(times):
        step()
    return (clock() - started) / times * 1e3


def _compare(steps, rounds: int, clock) -> tuple[list[float], float]:
    """The least time of each step, and the median of first ÷ second by round."""
    counts = []
    for step in steps:
        _ms(step, 3, clock)
        counts.append(max(1, int(_ROUND_S * 1e3 / max(_ms(step, 1, clock), 1e-3))))
    turns = [
        [_ms(s, n, clock) for s, n in zip(steps, counts, strict=True)]
        for _ in range(rounds)
    ]
    ratio = statistics.median(a / b for a, b in turns)
    return [min(column) for column in zip(*turns, strict=True)], ratio


def main(rounds: int, processor: bool) -> None:
    clock = time.process_time if processor else time.perf_counter
    if processor:  # before the frameworks are imported: they count the cores
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        os.environ["OMP_NUM_THREADS"] = "1"
    frameworks = [importlib.import_module(name) for name in ("torch", "torchlike")]
    print("| operation | forward: PyTorch / ours, ratio | and gradients |")
    print("| --- | --- | --- |")
    for case in CASES:
        cells = []
        for make in (_forward, _both):
            steps = [make(torch, case) for torch in frameworks]
            (a, b), ratio = _compare(steps, rounds, clock)
            cells.append(f"{a:.2f} / {b:.2f}, {ratio:.2f}")
        print(f"| {case.name} | {' | '.join(cells)} |", flush=True)
