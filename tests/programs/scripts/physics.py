"""A physics-informed network: second derivatives of the network in the loss."""

import torch
from torch import nn
from torch.autograd import grad


def derivative(y, x):
    return grad(y, x, torch.ones_like(y), create_graph=True)[0]


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh())
net.append(nn.Linear(24, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.99)
d, w0 = 0.5, 4.0  # damping and frequency of the oscillator
start = torch.zeros(1, 1, requires_grad=True)
for step in range(50):
    t = (torch.rand(64, 1) * 2).requires_grad_()
    u = net(t)
    du = derivative(u, t)
    d2u = derivative(du, t)
    residual = d2u + 2 * d * du + w0**2 * u
    u0 = net(start)
    boundary = (u0 - 1).pow(2).mean() + derivative(u0, start).pow(2).mean()
    loss = boundary + 1e-2 * residual.pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    print(f"step {step} loss {loss.item():.7f} boundary {boundary.item():.7f}")

x = torch.tensor([0.3, -0.7, 1.1], dtype=torch.float64, requires_grad=True)


def energy(x):
    return (x**4).sum() + x[0] * x[1] * x[2]


hessian = torch.autograd.functional.hessian(energy, x)
print(hessian, torch.linalg.eigvalsh(hessian))
jacobian = torch.autograd.functional.jacobian(lambda v: v.sin() * v.sum(), x)
print(jacobian)
third = grad(
    grad(grad((x**4).sum(), x, create_graph=True)[0].sum(), x, create_graph=True)[
        0
    ].sum(),
    x,
)[0]
print(third, torch.allclose(third, 24 * x))
