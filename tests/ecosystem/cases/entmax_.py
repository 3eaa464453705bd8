# packages: entmax
import torch
from entmax import entmax15, entmax_bisect, sparsemax

torch.manual_seed(0)
x = torch.randn(3, 5, requires_grad=True)
for f in (sparsemax, entmax15, lambda z, dim: entmax_bisect(z, 1.3, dim)):
    p = f(x, dim=-1)
    (grad,) = torch.autograd.grad((p * torch.arange(5.0)).sum(), x)
    print(*p.flatten().tolist(), *grad.flatten().tolist())
