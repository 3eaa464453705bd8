"""A generative adversarial network of dense layers, batch 128, two Adam optimizers."""

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim

BATCH, CODE = 128, 64

torch.manual_seed(0)
generator = prepare(
    nn.Sequential(
        nn.Linear(CODE, 256),
        nn.LeakyReLU(0.2),
        nn.Linear(256, 256),
        nn.LeakyReLU(0.2),
        nn.Linear(256, 784),
        nn.Tanh(),
    )
)
discriminator = prepare(
    nn.Sequential(
        nn.Linear(784, 256),
        nn.LeakyReLU(0.2),
        nn.Linear(256, 256),
        nn.LeakyReLU(0.2),
        nn.Linear(256, 1),
    )
)
criterion = nn.BCEWithLogitsLoss()
of_generator = optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
of_discriminator = optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
real = torch.rand(BATCH, 784, device=DEVICE) * 2 - 1
ones = torch.ones(BATCH, 1, device=DEVICE)
zeros = torch.zeros(BATCH, 1, device=DEVICE)


def step():
    fake = generator(torch.randn(BATCH, CODE, device=DEVICE))
    of_discriminator.zero_grad()
    loss_d = criterion(discriminator(real), ones)
    loss_d = loss_d + criterion(discriminator(fake.detach()), zeros)
    loss_d.backward()
    of_discriminator.step()
    of_generator.zero_grad()
    loss_g = criterion(discriminator(fake), ones)
    loss_g.backward()
    of_generator.step()
    return loss_d.item(), loss_g.item()


measure(step)
