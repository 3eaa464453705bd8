"""The tour's training loop: Linear(1, 1), SGD with momentum, loss read each step."""

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim

torch.manual_seed(0)
model = prepare(nn.Linear(1, 1))
criterion = nn.MSELoss()
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
x_train = torch.tensor([[1.0], [2.0], [3.0]], device=DEVICE, requires_grad=True)
y_train = torch.tensor([[2.0], [4.0], [6.0]], device=DEVICE)


def step():
    optimizer.zero_grad()
    output = model(x_train)
    loss = criterion(output, y_train)
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step)
