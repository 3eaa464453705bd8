# packages: efficientnet-pytorch
import torch
from efficientnet_pytorch import EfficientNet


def train(model, x, y, steps=3, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        print("loss", loss.item())


torch.manual_seed(0)
model = EfficientNet.from_name("efficientnet-b0", num_classes=4).eval()
train(model, torch.randn(1, 3, 32, 32), 0, steps=2, lr=0.01)
