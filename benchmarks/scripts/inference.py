"""One sample at a time under no_grad, the answer read: inference.py mlp | cnn."""

import sys

import torch
from timing import DEVICE, measure, prepare
from torch import nn


def mlp():
    return nn.Sequential(
        nn.Linear(784, 256),
        nn.ReLU(),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Linear(256, 10),
    )


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 10),
    )


torch.manual_seed(0)
model = prepare({"mlp": mlp, "cnn": cnn}[sys.argv[1]]().eval())
shape = {"mlp": (1, 784), "cnn": (1, 1, 28, 28)}[sys.argv[1]]
x = torch.randn(shape, device=DEVICE)


def step():
    with torch.no_grad():
        return model(x).argmax(1).item()


measure(step)
