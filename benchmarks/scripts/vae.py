"""A variational autoencoder, 784-400-20, batch 128, Adam."""

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.nn import functional as F

BATCH = 128


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc21, self.fc22 = nn.Linear(400, 20), nn.Linear(400, 20)
        self.fc3, self.fc4 = nn.Linear(20, 400), nn.Linear(400, 784)

    def forward(self, x):
        hidden = F.relu(self.fc1(x))
        mu, logvar = self.fc21(hidden), self.fc22(hidden)
        std = torch.exp(0.5 * logvar)
        z = mu + torch.randn_like(std) * std
        return torch.sigmoid(self.fc4(F.relu(self.fc3(z)))), mu, logvar


def loss_of(rebuilt, x, mu, logvar):
    bce = F.binary_cross_entropy(rebuilt, x, reduction="sum")
    return bce - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


torch.manual_seed(0)
model = prepare(VAE())
optimizer = optim.Adam(model.parameters(), lr=1e-3)
x = torch.rand(BATCH, 784, device=DEVICE)


def step():
    optimizer.zero_grad()
    rebuilt, mu, logvar = model(x)
    loss = loss_of(rebuilt, x, mu, logvar)
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step)
