"""The classifier 784-512-512-10, batch 128, cross-entropy, Adam."""

import torch
from timing import measure, prepare
from torch import nn, optim

torch.manual_seed(0)
model = prepare(
    nn.Sequential(
        nn.Linear(784, 512),
        nn.ReLU(),
        nn.Linear(512, 512),
        nn.ReLU(),
        nn.Linear(512, 10),
    )
)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=1e-3)
x = torch.randn(128, 784)
y = torch.randint(0, 10, (128,))


def step():
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step)
