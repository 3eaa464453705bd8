"""A Python loop of 100 LSTM cells, of width 64 and batch 16, with its backward."""

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim

LENGTH, BATCH, WIDTH = 100, 16, 64

torch.manual_seed(0)
cell = prepare(nn.LSTMCell(WIDTH, WIDTH))
optimizer = optim.Adam(cell.parameters(), lr=1e-3)
x = torch.randn(LENGTH, BATCH, WIDTH, device=DEVICE)
target = torch.randn(BATCH, WIDTH, device=DEVICE)


def step():
    hidden = torch.zeros(BATCH, WIDTH, device=DEVICE)
    state = torch.zeros(BATCH, WIDTH, device=DEVICE)
    for t in range(LENGTH):
        hidden, state = cell(x[t], (hidden, state))
    loss = (hidden - target).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step)
