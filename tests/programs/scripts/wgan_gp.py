"""Wasserstein GAN with gradient penalty: a backward through a gradient."""

import torch
from torch import autograd, nn


def mlp(n_in, n_out):
    return nn.Sequential(
        nn.Linear(n_in, 32),
        nn.LeakyReLU(0.2),
        nn.Linear(32, 32),
        nn.Softplus(),
        nn.Linear(32, n_out),
    )


def real_batch(size):
    """Eight Gaussians on a circle."""
    centre = torch.randint(8, (size,)) * (torch.pi / 4)
    points = torch.stack([centre.cos(), centre.sin()], dim=1)
    return 2 * points + 0.05 * torch.randn(size, 2)


def gradient_penalty(critic, real, fake):
    alpha = torch.rand(real.size(0), 1).expand_as(real)
    mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    score = critic(mixed)
    gradients = autograd.grad(
        outputs=score,
        inputs=mixed,
        grad_outputs=torch.ones_like(score),
        create_graph=True,
        retain_graph=True,
        only_inputs=True,
    )[0]
    return ((gradients.norm(2, dim=1) - 1) ** 2).mean()


torch.manual_seed(3)
generator, critic = mlp(4, 2), mlp(2, 1)
opt_g = torch.optim.RMSprop(generator.parameters(), lr=2e-3)
opt_c = torch.optim.Adam(critic.parameters(), lr=2e-3, betas=(0.0, 0.9))
for step in range(40):
    for _ in range(2):
        real = real_batch(64)
        with torch.no_grad():
            fake = generator(torch.randn(64, 4))
        penalty = gradient_penalty(critic, real, fake)
        distance = critic(real).mean() - critic(fake).mean()
        opt_c.zero_grad()
        (10 * penalty - distance).backward()
        opt_c.step()
    for p in critic.parameters():
        p.requires_grad_(False)
    opt_g.zero_grad()
    loss_g = -critic(generator(torch.randn(64, 4))).mean()
    loss_g.backward()
    opt_g.step()
    for p in critic.parameters():
        p.requires_grad_(True)
    print(f"step {step} penalty {penalty.item():.7f} critic {distance.item():.7f}")
print(f"penalty {penalty.item():.2f}")
