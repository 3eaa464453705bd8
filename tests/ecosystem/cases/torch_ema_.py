# packages: torch-ema
import torch
from torch_ema import ExponentialMovingAverage

torch.manual_seed(0)
model = torch.nn.Linear(3, 1)
ema = ExponentialMovingAverage(model.parameters(), decay=0.9)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(8, 3)
for step in range(4):
    optimizer.zero_grad()
    model(x).pow(2).mean().backward()
    optimizer.step()
    ema.update()
with ema.average_parameters():
    print(model(x).sum().item())
print(model(x).sum().item())
