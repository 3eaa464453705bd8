"""DCGAN: two convolutional networks that learn to draw digits against each other.

python -m torchlike examples/dcgan.py --out demo
python examples/dcgan.py                       # the same script on PyTorch
"""

import argparse
from pathlib import Path

import matplotlib
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader
from tqdm import tqdm

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

NOISE = 32


def weights_init(m):
    if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(m.weight, 0.0, 0.02)
    elif isinstance(m, nn.BatchNorm2d):
        nn.init.normal_(m.weight, 1.0, 0.02)
        nn.init.zeros_(m.bias)


def generator(width):
    return nn.Sequential(
        nn.ConvTranspose2d(NOISE, 4 * width, 2, 1, 0, bias=False),  # (N, 4w, 2, 2)
        nn.BatchNorm2d(4 * width),
        nn.ReLU(True),
        nn.ConvTranspose2d(4 * width, 2 * width, 4, 2, 1, bias=False),  # (N, 2w, 4, 4)
        nn.BatchNorm2d(2 * width),
        nn.ReLU(True),
        nn.ConvTranspose2d(2 * width, 1, 4, 2, 1, bias=False),  # (N, 1, 8, 8)
        nn.Tanh(),
    )


def discriminator(width):
    return nn.Sequential(
        nn.Conv2d(1, 2 * width, 4, 2, 1, bias=False),  # (N, 2w, 4, 4)
        nn.LeakyReLU(0.2, inplace=True),
        nn.Dropout2d(0.2),
        nn.Conv2d(2 * width, 4 * width, 4, 2, 1, bias=False),  # (N, 4w, 2, 2)
        nn.BatchNorm2d(4 * width),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(4 * width, 1, 2, 1, 0, bias=False),  # (N, 1, 1, 1)
        nn.Flatten(0),
    )


def tiles(images, rows):
    """(N, 1, 8, 8) as one picture with ``rows`` rows and a line between."""
    n, _, h, w = images.shape
    padded = nn.functional.pad(images, (1, 1, 1, 1), value=-1.0)
    grid = padded.view(rows, n // rows, h + 2, w + 2).permute(0, 2, 1, 3)
    return grid.reshape(rows * (h + 2), -1).cpu().numpy()


def draw(path, real, fake, losses):
    figure, axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    for ax, images, title in ((axes[0], real, "real"), (axes[1], fake, "generated")):
        ax.imshow(tiles(images, 8), cmap="gray")
        ax.set(title=title, xticks=[], yticks=[])
    for values, label in zip(zip(*losses), ("discriminator", "generator")):
        axes[2].plot(values, label=label, linewidth=0.8)
    axes[2].set(title="losses", xlabel="step", ylabel="loss")
    axes[2].legend(frameon=False)
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    device = torch.device(args.device)

    digits = torch.tensor(load_digits().images, dtype=torch.float32)
    digits = digits.unsqueeze(1) / 8 - 1
    loader = DataLoader(digits, args.batch_size, shuffle=True, drop_last=True)
    netG = generator(args.width).apply(weights_init).to(device)
    netD = discriminator(args.width).apply(weights_init).to(device)
    criterion = nn.BCEWithLogitsLoss()
    optimizerG = torch.optim.Adam(netG.parameters(), args.lr, betas=(0.5, 0.999))
    optimizerD = torch.optim.Adam(netD.parameters(), args.lr, betas=(0.5, 0.999))
    fixed_noise = torch.randn(64, NOISE, 1, 1, device=device)
    ones = torch.ones(args.batch_size, device=device)
    losses = []
    for _ in (bar := tqdm(range(args.epochs), unit="epoch")):
        for real in loader:
            real = real.to(device)
            fake = netG(torch.randn(len(real), NOISE, 1, 1, device=device))
            optimizerD.zero_grad()
            errD = criterion(netD(real), 0.9 * ones)
            errD = errD + criterion(netD(fake.detach()), 0 * ones)
            errD.backward()
            optimizerD.step()
            optimizerG.zero_grad()
            errG = criterion(netD(fake), ones)
            errG.backward()
            optimizerG.step()
            losses.append((errD.item(), errG.item()))
        bar.set_postfix(D=f"{losses[-1][0]:.2f}", G=f"{losses[-1][1]:.2f}")
    netG.eval()
    with torch.no_grad():
        fake = netG(fixed_noise)
    draw(args.out / "dcgan.png", digits[:64], fake, losses)
    print(f"losses at last: D {losses[-1][0]:.3f}, G {losses[-1][1]:.3f}")
    print(f"pictures in {args.out / 'dcgan.png'}")


if __name__ == "__main__":
    main()
