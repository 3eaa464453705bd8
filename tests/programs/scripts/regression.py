"""Fit a sine with a small network: mean squared error, SGD with momentum."""

import torch
from torch import nn

torch.manual_seed(0)
x = torch.linspace(-3, 3, 200).unsqueeze(1)
y = torch.sin(2 * x) + 0.1 * torch.randn_like(x)

model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh())
model.append(nn.Linear(32, 1))
print(model)
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

for step in range(50):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.8f}")

for epoch in range(400):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    optimizer.step()

with torch.no_grad():
    residual = (model(x) - y).abs()
print(f"loss {loss.item():.3f}, mean error {residual.mean():.2f}")
print(f"worst point {residual.argmax().item()}, shape {tuple(residual.shape)}")
