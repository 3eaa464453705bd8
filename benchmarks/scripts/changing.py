"""Learning rate, scalars and slice starts change at every step of this loop."""

import torch
from probes import compiles
from timing import report
from torch import nn, optim

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 4))
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
scheduler = optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + 0.1 * step))
data = torch.randn(512, 16)
target = torch.randn(512, 4)
average = torch.zeros(4)

programs = []
for step in range(60):
    start = (step * 7) % 448
    x, y = data[start : start + 64], target[start : start + 64]
    noise = x * (0.01 * step) + data[step]
    output = model(x + noise / (step + 1.5))
    loss = (output - y).pow(2).mean() + 0.001 * step * output[:, step % 4].mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    with torch.no_grad():
        average.mul_(1 - 1 / (step + 1)).add_(output.mean(0), alpha=1 / (step + 1))
        average[step % 4] = 0.5 * step
    loss.item()
    programs.append(compiles())

report(first_three=programs[2], after_the_third=programs[-1] - programs[2])
