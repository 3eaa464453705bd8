# packages: timm torchvision
import timm
import torch

torch.manual_seed(0)
for name, size in (("resnet10t", 32), ("vit_tiny_patch16_224", 32)):
    options = {"img_size": size} if "vit" in name else {}
    model = timm.create_model(name, num_classes=4, **options)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    x = torch.randn(2, 3, size, size)
    for step in range(2):
        optimizer.zero_grad()
        loss = model(x).pow(2).mean()
        loss.backward()
        optimizer.step()
        print(name, loss.item())
