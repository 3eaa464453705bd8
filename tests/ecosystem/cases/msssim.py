# packages: pytorch-msssim
import torch
from pytorch_msssim import ms_ssim, ssim

torch.manual_seed(0)
a = torch.rand(1, 3, 176, 176, requires_grad=True)
b = torch.rand(1, 3, 176, 176)
loss = 1 - ssim(a, b, data_range=1.0)
loss.backward()
print(loss.item(), a.grad.abs().sum().item(), ms_ssim(a, b, data_range=1.0).item())
