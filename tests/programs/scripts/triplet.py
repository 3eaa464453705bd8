"""A siamese network with triplet and contrastive losses; retrieval by distance."""

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(64, 64), nn.PReLU(), nn.Linear(64, 32), nn.PReLU(),
            nn.Linear(32, 8),
        )  # fmt: skip

    def forward(self, x):
        return F.normalize(self.net(x), p=2, dim=1)


def contrastive_loss(a, b, same, margin=0.8):
    distance = F.pairwise_distance(a, b)
    near = same * distance.pow(2)
    far = (1 - same) * torch.clamp(margin - distance, min=0.0).pow(2)
    return (near + far).mean()


torch.manual_seed(0)
images, labels = load_digits(return_X_y=True)
x, y = torch.tensor(images).float() / 16, torch.tensor(labels)
members = (y[:1400] == torch.arange(10)[:, None]).float()  # (10, 1400)


def pick(digits):
    """One image of each of the ``digits``, drawn at random."""
    return torch.multinomial(members[digits], 1).squeeze(1)


model = Embedder()
criterion = nn.TripletMarginLoss(margin=0.5)
optimizer = torch.optim.Adamax(model.parameters(), lr=0.01)
for step in range(25):
    digits = torch.randint(10, (48,))
    others = (digits + torch.randint(1, 10, (48,))) % 10
    anchor, positive, negative = (model(x[pick(d)]) for d in (digits, digits, others))
    loss = criterion(anchor, positive, negative)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.7f}")
for step in range(25):
    i, j = torch.randint(1400, (2, 64))
    same = (y[i] == y[j]).float()
    loss = contrastive_loss(model(x[i]), model(x[j]), same)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} contrastive {loss.item():.7f} same {int(same.sum())}")
with torch.no_grad():
    gallery, queries = model(x[:1400]), model(x[1400:])
    nearest = torch.cdist(queries, gallery).topk(5, largest=False).indices
    votes = y[nearest].mode(dim=1).values
print(f"5-nearest accuracy {(votes == y[1400:]).float().mean():.2f}")
