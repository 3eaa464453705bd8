# packages: perceiver-pytorch einops
import torch
from perceiver_pytorch import Perceiver

torch.manual_seed(0)
model = Perceiver(
    input_channels=3, input_axis=2, num_freq_bands=2, max_freq=4.0, depth=1,
    num_latents=4, latent_dim=8, num_classes=3, latent_heads=2, latent_dim_head=4,
    cross_dim_head=4,
)  # fmt: skip
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
x = torch.randn(2, 8, 8, 3)
for step in range(3):
    optimizer.zero_grad()
    loss = model(x).pow(2).mean()
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
