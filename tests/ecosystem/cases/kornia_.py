# packages: kornia kornia_rs
import kornia
import torch

torch.manual_seed(0)
image = torch.rand(1, 3, 16, 16, requires_grad=True)
gray = kornia.color.rgb_to_grayscale(image)
edges = kornia.filters.sobel(kornia.filters.gaussian_blur2d(gray, (3, 3), (1.0, 1.0)))
turned = kornia.geometry.transform.rotate(image, torch.tensor([30.0]))
loss = edges.mean() + turned.pow(2).mean() + kornia.losses.ssim_loss(image, turned, 5)
loss.backward()
print(loss.item(), image.grad.abs().sum().item())
print(kornia.color.rgb_to_hsv(image).sum().item())
