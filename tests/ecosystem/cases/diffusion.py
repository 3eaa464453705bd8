# packages: denoising-diffusion-pytorch einops ema-pytorch accelerate torchvision
import torch
from denoising_diffusion_pytorch import GaussianDiffusion, Unet

torch.manual_seed(0)
model = Unet(dim=8, dim_mults=(1, 2), flash_attn=False)
diffusion = GaussianDiffusion(model, image_size=8, timesteps=10)
optimizer = torch.optim.Adam(diffusion.parameters(), lr=1e-3)
images = torch.rand(2, 3, 8, 8)
for step in range(2):
    optimizer.zero_grad()
    loss = diffusion(images)
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
