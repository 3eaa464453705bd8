# packages: vector-quantize-pytorch einops einx torch-einops-utils
import torch
from vector_quantize_pytorch import FSQ, VectorQuantize

torch.manual_seed(0)
vq = VectorQuantize(dim=8, codebook_size=16, decay=0.8)
x = torch.randn(1, 12, 8)
for step in range(2):
    quantized, indices, loss = vq(x)
    print(quantized.sum().item(), *indices.flatten().tolist(), loss.item())
print(FSQ([4, 4])(torch.randn(1, 5, 2))[0].sum().item())
