"""Gradients of 8 micro-batches of 16, then a step of AdamW; a dense network."""

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.nn import functional as F

MICRO, BATCH = 8, 16

torch.manual_seed(0)
model = prepare(
    nn.Sequential(
        nn.Linear(256, 512),
        nn.ReLU(),
        nn.Linear(512, 512),
        nn.ReLU(),
        nn.Linear(512, 10),
    )
)
optimizer = optim.AdamW(model.parameters(), lr=1e-3)
x = torch.randn(MICRO, BATCH, 256, device=DEVICE)
y = torch.randint(0, 10, (MICRO, BATCH), device=DEVICE)


def step():
    optimizer.zero_grad()
    total = 0.0
    for i in range(MICRO):
        loss = F.cross_entropy(model(x[i]), y[i]) / MICRO
        loss.backward()
        total += loss.detach()
    optimizer.step()
    return total.item()


measure(step)
