"""A tower of DEPTH Linear(64, 64) layers, batch 64, SGD with momentum: mlp.py DEPTH."""

import sys

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim

torch.manual_seed(0)
layers = []
for _ in range(int(sys.argv[1])):
    layers += [nn.Linear(64, 64), nn.ReLU()]
model = prepare(nn.Sequential(*layers, nn.Linear(64, 1)))
criterion = nn.MSELoss()
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
x = torch.randn(64, 64, device=DEVICE)
y = torch.randn(64, 1, device=DEVICE)


def step():
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step)
