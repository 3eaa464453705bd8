# packages: ema-pytorch
import torch
from ema_pytorch import EMA

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
ema = EMA(model, beta=0.9, update_after_step=0, update_every=1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(8, 3)
for step in range(4):
    optimizer.zero_grad()
    model(x).pow(2).mean().backward()
    optimizer.step()
    ema.update()
print(ema(x).sum().item(), model(x).sum().item())
