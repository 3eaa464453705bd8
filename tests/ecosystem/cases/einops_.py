# packages: einops
import torch
from einops.layers.torch import Rearrange, Reduce


def train(model, x, y, steps=3, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        print("loss", loss.item())


torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.Conv2d(3, 4, 3, padding=1),
    Reduce("b c (h i) (w j) -> b c h w", "mean", i=4, j=4),
    Rearrange("b c h w -> b (h w) c"),
    torch.nn.Linear(4, 2),
)
train(model, torch.randn(2, 3, 32, 32), 0, steps=3, lr=0.01)
