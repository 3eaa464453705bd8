"""A small DCGAN on the digits: two optimisers, detach, BCEWithLogits."""

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

# With 7 an input of LeakyReLU is nearly 0: PyTorch itself then goes by its threads.
torch.manual_seed(10)
nz, ngf, ndf = 16, 16, 16
real_images = torch.tensor(load_digits().images, dtype=torch.float32)
real_images = real_images.unsqueeze(1) / 8 - 1


def weights_init(m):
    classname = m.__class__.__name__
    if classname.find("Conv") != -1:
        nn.init.normal_(m.weight.data, 0.0, 0.02)
    elif classname.find("BatchNorm") != -1:
        nn.init.normal_(m.weight.data, 1.0, 0.02)
        nn.init.constant_(m.bias.data, 0)


netG = nn.Sequential(
    nn.ConvTranspose2d(nz, ngf * 2, 2, 1, 0, bias=False),
    nn.BatchNorm2d(ngf * 2),
    nn.ReLU(True),
    nn.ConvTranspose2d(ngf * 2, ngf, 4, 2, 1, bias=False),
    nn.BatchNorm2d(ngf),
    nn.ReLU(True),
    nn.ConvTranspose2d(ngf, 1, 4, 2, 1, bias=False),
    nn.Tanh(),
).apply(weights_init)
netD = nn.Sequential(
    nn.Conv2d(1, ndf, 4, 2, 1, bias=False),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
    nn.BatchNorm2d(ndf * 2),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(ndf * 2, 1, 2, 1, 0, bias=False),
    nn.Flatten(0),
).apply(weights_init)
criterion = nn.BCEWithLogitsLoss()
optimizerD = torch.optim.Adam(netD.parameters(), lr=1e-3, betas=(0.5, 0.999))
optimizerG = torch.optim.Adam(netG.parameters(), lr=1e-3, betas=(0.5, 0.999))
fixed_noise = torch.randn(8, nz, 1, 1)

for step in range(40):
    # (1) the discriminator: real images, then fakes
    netD.zero_grad()
    real = real_images[torch.randperm(len(real_images))[:32]]
    label = torch.full((32,), 1.0)
    errD_real = criterion(netD(real), label)
    errD_real.backward()
    fake = netG(torch.randn(32, nz, 1, 1))
    label.fill_(0.0)
    errD_fake = criterion(netD(fake.detach()), label)
    errD_fake.backward()
    optimizerD.step()
    # (2) the generator
    netG.zero_grad()
    label.fill_(1.0)
    errG = criterion(netD(fake), label)
    errG.backward()
    optimizerG.step()
    errD = errD_real + errD_fake
    print(f"step {step} loss_d {errD.item():.7f} loss_g {errG.item():.7f}")
netG.eval()
with torch.no_grad():
    pictures = netG(fixed_noise)
print(tuple(pictures.shape), f"{pictures.std():.2f}", bool(pictures.abs().max() <= 1))
