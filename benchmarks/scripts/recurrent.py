"""A Python loop of 1,000 recurrent cells: recurrent.py LSTMCell | RNNCell."""

import sys
import time

import torch
from probes import compiles
from timing import report
from torch import nn, optim

torch.manual_seed(0)
kind, length, width = sys.argv[1], 1000, 32
cell = getattr(nn, kind)(width, width)
optimizer = optim.SGD(cell.parameters(), lr=0.01)
x = torch.randn(length, 8, width)


def run():
    state = None
    for t in range(length):
        state = cell(x[t], state)
    hidden = state[0] if kind == "LSTMCell" else state
    loss = hidden.square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


programs, seconds = [compiles()], []
for _ in range(4):
    begin = time.perf_counter()
    run()
    seconds.append(time.perf_counter() - begin)
    programs.append(compiles())

report(
    first_pass=programs[1] - programs[0],
    second_pass=programs[2] - programs[1],
    first_pass_s=seconds[0],
    step_us=min(seconds[2:]) * 1e6,
)
