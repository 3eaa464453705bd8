# packages: e3nn opt_einsum_fx
import torch
from e3nn import o3

torch.manual_seed(0)
x = torch.randn(5, 3)
print(o3.spherical_harmonics("1o + 2e", x, normalize=True).sum().item())
linear = o3.Linear("1o + 2e", "2x1o")
y = linear(o3.spherical_harmonics("1o + 2e", x, normalize=True))
y.pow(2).sum().backward()
print(y.pow(2).sum().item(), linear.weight.grad.abs().sum().item())
