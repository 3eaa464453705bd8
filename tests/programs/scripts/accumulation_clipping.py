"""Gradient accumulation over micro-batches, clipping by norm, gradient checks."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(128, 8)
y = (x @ torch.randn(8, 1)).squeeze(1).sign().add(1).div(2)
loader = DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True)
model = nn.Sequential(
    nn.Linear(8, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 1), nn.Flatten(0)
)
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(1.5))
optimizer = torch.optim.NAdam(model.parameters(), lr=0.01, weight_decay=1e-3)
accumulation, step = 4, 0
for epoch in range(6):
    running = 0.0
    for i, (inputs, targets) in enumerate(loader):
        loss = criterion(model(inputs), targets) / accumulation
        loss.backward()
        running += loss.item()
        if (i + 1) % accumulation == 0:
            norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.5)
            optimizer.step()
            optimizer.zero_grad()
            print(f"step {step} loss {running:.7f} norm {norm.item():.7f}")
            running, step = 0.0, step + 1

# The accumulated gradient is the gradient of the whole batch.
optimizer.zero_grad()
(criterion(model(x), y)).backward()
whole = [p.grad.clone() for p in model.parameters()]
optimizer.zero_grad()
for part_x, part_y in zip(x.chunk(4), y.chunk(4), strict=True):
    (criterion(model(part_x), part_y) / 4).backward()
close = [
    torch.allclose(p.grad, g, atol=1e-6)
    for p, g in zip(model.parameters(), whole, strict=True)
]
print("accumulated equals whole:", all(close))
total = torch.linalg.vector_norm(
    torch.stack([torch.linalg.vector_norm(p.grad) for p in model.parameters()])
)
print(
    "norms agree:",
    torch.isclose(
        total, nn.utils.clip_grad_norm_(model.parameters(), float("inf"))
    ).item(),
)
