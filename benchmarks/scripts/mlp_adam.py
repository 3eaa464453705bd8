"""The classifier 784-WIDTH-WIDTH-10, cross-entropy, Adam: mlp_adam.py WIDTH BATCH."""

import sys

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim

WIDTH, BATCH = int(sys.argv[1]), int(sys.argv[2])

torch.manual_seed(0)
model = prepare(
    nn.Sequential(
        nn.Linear(784, WIDTH),
        nn.ReLU(),
        nn.Linear(WIDTH, WIDTH),
        nn.ReLU(),
        nn.Linear(WIDTH, 10),
    )
)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=1e-3)
x = torch.randn(BATCH, 784, device=DEVICE)
y = torch.randint(0, 10, (BATCH,), device=DEVICE)


def step():
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step)
