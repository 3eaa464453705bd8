# packages: adamp
import torch
from adamp import AdamP

torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)
)
x, y = torch.randn(16, 4), torch.randn(16, 1)
optimizer = AdamP(model.parameters(), lr=1e-2)
for step in range(5):
    optimizer.zero_grad()
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
