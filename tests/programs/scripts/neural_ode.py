"""A differential equation learnt through a Runge–Kutta solver written in Python."""

import torch
from torch import nn


class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))
        for m in self.net.modules():
            if isinstance(m, nn.Linear):
                nn.init.normal_(m.weight, mean=0, std=0.1)
                nn.init.constant_(m.bias, val=0)

    def forward(self, t, y):
        return self.net(y**3)


def rk4(field, y, times):
    path = [y]
    for t0, t1 in zip(times[:-1], times[1:], strict=True):
        h = t1 - t0
        k1 = field(t0, y)
        k2 = field(t0 + h / 2, y + h / 2 * k1)
        k3 = field(t0 + h / 2, y + h / 2 * k2)
        k4 = field(t1, y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        path.append(y)
    return torch.stack(path)


torch.manual_seed(0)
A = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])
times = torch.linspace(0.0, 6.0, 121)
with torch.no_grad():
    true = rk4(lambda t, y: y**3 @ A, torch.tensor([[2.0, 0.0]]), times)
field = Field()
optimizer = torch.optim.RMSprop(field.parameters(), lr=5e-3)
for step in range(25):
    start = torch.randperm(111)[:16]
    y0 = true[start]  # (16, 1, 2)
    target = torch.stack([true[start + i] for i in range(6)])
    optimizer.zero_grad()
    predicted = rk4(field, y0, times[:6])
    loss = torch.mean(torch.abs(predicted - target))
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")
with torch.no_grad():
    whole = rk4(field, true[0], times)
print(tuple(whole.shape), bool(whole.isfinite().all()), f"{true[-1].norm():.4f}")
