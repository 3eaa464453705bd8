# packages: linformer
import torch
from linformer import LinformerSelfAttention

torch.manual_seed(0)
attention = LinformerSelfAttention(dim=8, seq_len=16, heads=2, k=4)
x = torch.randn(2, 16, 8, requires_grad=True)
out = attention(x)
out.pow(2).sum().backward()
print(out.sum().item(), x.grad.abs().sum().item())
