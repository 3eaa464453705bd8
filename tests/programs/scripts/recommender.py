"""Matrix factorisation: user and item embeddings with biases, ranking by score."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class MatrixFactorization(nn.Module):
    def __init__(self, users, items, k=6):
        super().__init__()
        self.user, self.item = nn.Embedding(users, k), nn.Embedding(items, k)
        self.user_bias, self.item_bias = nn.Embedding(users, 1), nn.Embedding(items, 1)
        for table in (self.user, self.item):
            nn.init.trunc_normal_(table.weight, std=0.1)
        for table in (self.user_bias, self.item_bias):
            nn.init.zeros_(table.weight)
        self.mean = nn.Parameter(torch.tensor(3.0))

    def forward(self, u, i):
        dot = (self.user(u) * self.item(i)).sum(-1)
        return self.mean + dot + (self.user_bias(u) + self.item_bias(i)).squeeze(-1)


torch.manual_seed(0)
taste, style = torch.randn(30, 3), torch.randn(40, 3)
users, items = torch.cartesian_prod(torch.arange(30), torch.arange(40)).T
seen = torch.rand(len(users)) < 0.4
users, items = users[seen], items[seen]
ratings = (3 + (taste[users] * style[items]).sum(1)).clamp(1, 5)
order = torch.randperm(len(users))
train, test = order[80:], order[:80]
loader = DataLoader(
    TensorDataset(users[train], items[train], ratings[train]),
    batch_size=64,
    shuffle=True,
    drop_last=True,
)
model = MatrixFactorization(30, 40)
optimizer = torch.optim.Adam(model.parameters(), lr=0.03, weight_decay=1e-4)
step = 0
for epoch in range(8):
    for u, i, r in loader:
        loss = nn.functional.mse_loss(model(u, i), r)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step < 50:
            print(f"step {step} loss {loss.item():.7f}")
        step += 1
with torch.no_grad():
    error = (model(users[test], items[test]) - ratings[test]).pow(2).mean().sqrt()
    scores = model(torch.tensor(3), torch.arange(40))
top = torch.argsort(scores, descending=True)[:5]
print(f"RMSE {error:.1f}; {step} steps; best for user 3: {top[0].item()}")
