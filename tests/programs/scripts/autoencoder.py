"""Denoising autoencoder: strided convolutions down, ConvTranspose2d up."""

import torch
from sklearn.datasets import load_digits
from torch import nn


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1),  # (8, 4, 4)
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),  # (16, 2, 2)
            nn.ReLU(),
            nn.Conv2d(16, 24, 2),  # (24, 1, 1)
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(24, 16, 2),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 8, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 3, stride=2, padding=1, output_padding=1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


torch.manual_seed(0)
clean = torch.tensor(load_digits().images).float().unsqueeze(1) / 16
model = Autoencoder()
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3, weight_decay=1e-5)
for step in range(120):
    batch = clean[torch.randint(0, 1600, (64,))]
    noisy = (batch + 0.2 * torch.randn(batch.shape)).clamp_(0.0, 1.0)
    output = model(noisy)
    loss = criterion(output, batch)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step < 50:
        print(f"step {step} loss {loss.item():.7f}")
model.eval()
with torch.no_grad():
    rebuilt = model(clean[1600:])
    psnr = -10 * torch.log10(criterion(rebuilt, clean[1600:]))
print(f"PSNR {psnr.item():.1f} dB, code {tuple(model.encoder(clean[:2]).shape)}")
for name, p in model.named_parameters():
    print(name, tuple(p.shape))
