"""Contrastive learning: two views, normalised embeddings, NT-Xent, linear probe."""

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


def augment(x):
    keep = torch.rand(x.shape) > 0.2
    shift = int(torch.randint(-1, 2, ()))
    return torch.roll(x * keep, shift, dims=-1) + 0.05 * torch.randn_like(x)


def nt_xent(z1, z2, temperature=0.5):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    similarity = z @ z.T / temperature
    n = len(z1)
    itself = torch.eye(2 * n, dtype=torch.bool)
    similarity = similarity.masked_fill(itself, float("-inf"))
    target = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
    return F.cross_entropy(similarity, target)


torch.manual_seed(0)
digits = load_digits()
images = torch.tensor(digits.images).float() / 16
labels = torch.tensor(digits.target)
encoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32))
projector = nn.Sequential(nn.ReLU(), nn.Linear(32, 16))
params = list(encoder.parameters()) + list(projector.parameters())
optimizer = torch.optim.SGD(params, lr=0.2, momentum=0.9, weight_decay=1e-4)
for step in range(50):
    batch = images[torch.randperm(1500)[:64]]
    z1, z2 = projector(encoder(augment(batch))), projector(encoder(augment(batch)))
    loss = nt_xent(z1, z2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")
with torch.no_grad():
    features = encoder(images)
probe = nn.Linear(32, 10)
optimizer = torch.optim.Adam(probe.parameters(), lr=0.05)
for _ in range(50):
    loss = F.cross_entropy(probe(features[:1500]), labels[:1500])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
accuracy = (probe(features[1500:]).argmax(1) == labels[1500:]).float().mean()
print(f"linear probe {accuracy:.1f}, loss {loss.item():.1f}")
