# packages: info-nce-pytorch
import torch
from info_nce import InfoNCE

torch.manual_seed(0)
q = torch.randn(4, 8, requires_grad=True)
loss = InfoNCE()(q, torch.randn(4, 8))
loss.backward()
print(loss.item(), q.grad.abs().sum().item())
