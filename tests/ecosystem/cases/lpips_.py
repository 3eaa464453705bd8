# packages: lpips torchvision
import lpips
import torch

torch.manual_seed(0)
measure = lpips.LPIPS(net="squeeze", pretrained=False, pnet_rand=True, verbose=False)
picture = torch.rand(2, 3, 64, 64)
target = picture.flip(-1)
picture.requires_grad_()
optimizer = torch.optim.SGD([picture], lr=1.0)
for step in range(3):
    optimizer.zero_grad()
    distance = measure(picture, target, normalize=True).mean()
    distance.backward()
    optimizer.step()
    print("distance", distance.item(), picture.grad.abs().sum().item())
