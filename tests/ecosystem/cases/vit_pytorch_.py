# packages: vit-pytorch einops torchvision
import torch
from vit_pytorch.vit import ViT


def train(model, x, y, steps=3, lr=0.01):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        print("loss", loss.item())


torch.manual_seed(0)
model = ViT(
    image_size=32, patch_size=8, num_classes=5, dim=16, depth=2, heads=2, mlp_dim=32
)
train(model, torch.randn(2, 3, 32, 32), 0, steps=3, lr=0.01)
