"""Normalising flow: affine couplings, log-determinants, exact inversion."""

import math

import torch
from torch import nn


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 2))
        nn.init.zeros_(self.net[2].weight)
        nn.init.zeros_(self.net[2].bias)

    def forward(self, x):
        a, b = x.chunk(2, dim=1)
        if self.flip:
            a, b = b, a
        log_s, t = self.net(a).unbind(1)
        log_s = torch.tanh(log_s)[:, None]
        b = b * log_s.exp() + t[:, None]
        y = torch.cat([b, a] if self.flip else [a, b], dim=1)
        return y, log_s.squeeze(1)

    def inverse(self, y):
        a, b = y.split(1, dim=1)
        if self.flip:
            a, b = b, a
        log_s, t = self.net(a).unbind(1)
        b = (b - t[:, None]) * torch.exp(-torch.tanh(log_s))[:, None]
        return torch.hstack([b, a] if self.flip else [a, b])


def moons(n):
    angle = math.pi * torch.rand(n)
    upper = torch.rand(n) < 0.5
    x = torch.where(upper, angle.cos(), 1 - angle.cos())
    y = torch.where(upper, angle.sin(), 0.5 - angle.sin())
    return torch.stack([x - 0.5, y - 0.25], 1) + 0.05 * torch.randn(n, 2)


torch.manual_seed(0)
flow = nn.ModuleList(Coupling(bool(i % 2)) for i in range(4))
optimizer = torch.optim.AdamW(flow.parameters(), lr=5e-3)
for step in range(50):
    z, log_det = moons(128), 0
    for layer in flow:
        z, ld = layer(z)
        log_det = log_det + ld
    log_prior = -0.5 * (z**2).sum(1) - math.log(2 * math.pi)
    loss = -(log_prior + log_det).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")
with torch.no_grad():
    x = moons(32)
    z = x
    for layer in flow:
        z, _ = layer(z)
    back = z
    for layer in reversed(flow):
        back = layer.inverse(back)
print("inverse:", torch.allclose(back, x, atol=1e-5), tuple(z.shape))
