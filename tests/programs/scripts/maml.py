"""Model-agnostic meta-learning: gradients through an inner step of descent."""

import torch
from torch import nn
from torch.func import functional_call


def task():
    """Amplitude and phase of a sine."""
    return 0.5 + 2 * torch.rand(1), 3.14 * torch.rand(1)


def sample(amplitude, phase, n=10):
    x = 10 * torch.rand(n, 1) - 5
    return x, amplitude * torch.sin(x + phase)


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh())
model.append(nn.Linear(20, 1))
meta = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.MSELoss()


def adapt(x, y, steps, create_graph):
    fast = dict(model.named_parameters())
    for _ in range(steps):
        loss = criterion(functional_call(model, fast, (x,)), y)
        grads = torch.autograd.grad(loss, fast.values(), create_graph=create_graph)
        fast = {
            name: p - 0.02 * g for (name, p), g in zip(fast.items(), grads, strict=True)
        }
    return fast


for step in range(40):
    outer = 0.0
    for _ in range(4):
        spec = task()
        fast = adapt(*sample(*spec), steps=2, create_graph=True)
        x, y = sample(*spec)
        outer = outer + criterion(functional_call(model, fast, (x,)), y)
    meta.zero_grad()
    (outer / 4).backward()
    meta.step()
    print(f"step {step} loss {outer.item() / 4:.7f}")

spec = task()
support, (x, y) = sample(*spec), sample(*spec, n=50)
before = criterion(model(x), y).item()
fast = adapt(*support, steps=5, create_graph=False)
after = criterion(functional_call(model, fast, (x,)), y).item()
print(f"step test before {before:.6f} after {after:.6f}")
print("adapting helps:", after < before)
