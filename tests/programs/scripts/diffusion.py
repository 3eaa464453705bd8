"""Denoising diffusion in two dimensions: schedule, noise prediction, sampling."""

import torch
from torch import nn

T = 20
betas = torch.linspace(1e-3, 0.2, T)
alphas = 1.0 - betas
alphas_bar = torch.cumprod(alphas, dim=0)


class Denoiser(nn.Module):
    def __init__(self, width=48):
        super().__init__()
        self.time = nn.Embedding(T, width)
        self.inp = nn.Linear(2, width)
        self.mid = nn.Linear(width, width)
        self.out = nn.Linear(width, 2)
        self.act = nn.SiLU()

    def forward(self, x, t):
        h = self.act(self.inp(x) + self.time(t))
        return self.out(self.act(self.mid(h)) + h)


def q_sample(x0, t, noise):
    bar = alphas_bar[t].unsqueeze(-1)
    return bar.sqrt() * x0 + (1 - bar).sqrt() * noise


@torch.no_grad()
def p_sample(model, n):
    x = torch.randn(n, 2)
    for t in reversed(range(T)):
        eps = model(x, torch.full((n,), t))
        mean = (x - betas[t] / (1 - alphas_bar[t]).sqrt() * eps) / alphas[t].sqrt()
        x = mean + betas[t].sqrt() * torch.randn_like(x) if t > 0 else mean
    return x


torch.manual_seed(0)
model = Denoiser()
ema = {k: v.clone() for k, v in model.state_dict().items()}
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for step in range(50):
    angle = 2 * torch.pi * torch.rand(128)
    x0 = torch.stack((angle.cos(), angle.sin()), dim=-1)
    t = torch.randint(0, T, (128,))
    noise = torch.randn_like(x0)
    loss = nn.functional.mse_loss(model(q_sample(x0, t, noise), t), noise)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    for key, value in model.state_dict().items():
        ema[key].lerp_(value, 0.1)
    print(f"step {step} loss {loss.item():.7f}")
model.load_state_dict(ema)
drawn = p_sample(model, 200)
radius = drawn.norm(dim=1)
print(f"step end radius {radius.mean().item():.6f} spread {radius.std().item():.6f}")
print(tuple(drawn.shape), bool(drawn.isfinite().all()), list(ema)[:2])
