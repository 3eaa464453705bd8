# packages: rotary-embedding-torch einops
import torch
from rotary_embedding_torch import RotaryEmbedding

torch.manual_seed(0)
rotary = RotaryEmbedding(dim=8)
q = torch.randn(1, 2, 6, 8, requires_grad=True)
out = rotary.rotate_queries_or_keys(q)
out.pow(3).sum().backward()
print(out.sum().item(), q.grad.sum().item())
