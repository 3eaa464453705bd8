"""The network of examples/digits.py: two convolutions, batch 64, AdamW, dropout."""

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.nn import functional as F

torch.manual_seed(0)
model = prepare(
    nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.25),
        nn.Linear(64 * 4 * 4, 10),
    )
)
optimizer = optim.AdamW(model.parameters(), lr=0.005, weight_decay=0.01)
images = torch.rand(64, 1, 8, 8, device=DEVICE) * 2 - 1
labels = torch.randint(0, 10, (64,), device=DEVICE)


def step():
    optimizer.zero_grad()
    loss = F.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step)
