"""Mixture density network: logsumexp of Gaussians for a curve that folds back."""

import math

import torch
from torch import nn


class MDN(nn.Module):
    def __init__(self, n_hidden=20, n_gaussians=4):
        super().__init__()
        self.z_h = nn.Sequential(nn.Linear(1, n_hidden), nn.Tanh())
        self.z_pi = nn.Linear(n_hidden, n_gaussians)
        self.z_mu = nn.Linear(n_hidden, n_gaussians)
        self.z_sigma = nn.Linear(n_hidden, n_gaussians)

    def forward(self, x):
        h = self.z_h(x)
        log_pi = nn.functional.log_softmax(self.z_pi(h), -1)
        return log_pi, self.z_mu(h), nn.functional.softplus(self.z_sigma(h)) + 1e-3


def nll(y, log_pi, mu, sigma):
    z = (y.expand_as(mu) - mu) / sigma
    log_normal = -0.5 * z * z - sigma.log() - 0.5 * math.log(2 * math.pi)
    return -torch.logsumexp(log_pi + log_normal, dim=1).mean()


torch.manual_seed(0)
t = torch.rand(300, 1) * 2 - 1
x = t + 0.3 * torch.sin(2 * math.pi * t) + 0.05 * torch.randn_like(t)
x, t = x[x.squeeze(1).argsort()], t[x.squeeze(1).argsort()]
model = MDN()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for step in range(50):
    loss = nll(t, *model(x))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")
with torch.no_grad():
    log_pi, mu, sigma = model(x[::30])
    k = torch.multinomial(log_pi.exp(), 1)
    drawn = torch.normal(mu.gather(1, k), sigma.gather(1, k))
print(tuple(drawn.shape), k.squeeze(1).tolist())
print("weights sum to one:", torch.allclose(log_pi.exp().sum(1), torch.ones(10)))
