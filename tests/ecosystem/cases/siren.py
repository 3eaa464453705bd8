# packages: siren-pytorch einops
import torch
from siren_pytorch import SirenNet


def train(model, x, y, steps=3, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        print("loss", loss.item())


torch.manual_seed(0)
model = SirenNet(dim_in=2, dim_hidden=8, dim_out=1, num_layers=2, w0_initial=30.0)
train(model, torch.rand(16, 2), 0.5, steps=3, lr=0.0001)
