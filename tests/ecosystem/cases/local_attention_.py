# packages: local-attention einops hyper-connections torch-einops-utils
import torch
from local_attention import LocalAttention

torch.manual_seed(0)
q, k, v = (torch.randn(1, 2, 16, 8, requires_grad=True) for _ in range(3))
attention = LocalAttention(dim=8, window_size=4, causal=True)
out = attention(q, k, v)
out.pow(2).sum().backward()
print(out.sum().item(), q.grad.abs().sum().item(), v.grad.abs().sum().item())
