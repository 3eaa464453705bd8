# packages: diffusers transformers accelerate safetensors
import torch
from diffusers import DDPMScheduler, UNet2DModel

torch.manual_seed(0)
model = UNet2DModel(
    sample_size=8, in_channels=3, out_channels=3, layers_per_block=1,
    block_out_channels=(8, 16), norm_num_groups=4,
    down_block_types=("DownBlock2D", "AttnDownBlock2D"),
    up_block_types=("AttnUpBlock2D", "UpBlock2D"),
)  # fmt: skip
scheduler = DDPMScheduler(num_train_timesteps=10)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
images = torch.rand(2, 3, 8, 8)
for step in range(2):
    noise, t = torch.randn(images.shape), torch.randint(0, 10, (2,))
    noisy = scheduler.add_noise(images, noise, t)
    loss = torch.nn.functional.mse_loss(model(noisy, t).sample, noise)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print("loss", loss.item())
