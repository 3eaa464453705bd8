"""What a small differentiable operation costs before it is computed: recording.py.

A chain of 96 operations on 8 numbers; then the result is read; then the same with a
backward. PyTorch computes each on its line, torchlike records it.
"""

import sys
import time

import torch
from timing import DEVICE, report

LENGTH = 32

torch.manual_seed(0)
x = torch.randn(8, device=DEVICE, requires_grad=True)
w = torch.randn(8, device=DEVICE, requires_grad=True)
b = torch.randn(8, device=DEVICE)


def chain():
    y = x
    for _ in range(LENGTH):
        y = torch.tanh(y * w + b)
    return y


def once():
    """Seconds of the chain, of reading it, and of a chain with its backward."""
    begin = time.perf_counter()
    y = chain()
    recorded = time.perf_counter()
    y[0].item()
    read = time.perf_counter()
    chain().sum().backward()
    w.grad[0].item()
    derived = time.perf_counter()
    x.grad = w.grad = None
    return recorded - begin, read - begin, derived - read


def turn():
    times = sorted(once() for _ in range(50))
    middle = [sorted(column)[25] for column in zip(*times, strict=True)]
    per_op = [1e6 * seconds / (3 * LENGTH) for seconds in middle]
    report(record_us=per_op[0], read_us=per_op[1], backward_us=per_op[2])


for _ in range(20):
    once()
report(ready=True)
for _ in sys.stdin:
    turn()
