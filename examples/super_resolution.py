"""Super resolution: a sub-pixel network learns to enlarge a photograph three times.

    python -m torchlike examples/super_resolution.py --out demo
    python examples/super_resolution.py            # the same script on PyTorch

It learns on patches from the left of scikit-learn's photograph of a flower and is
tested on the right. An epoch is 25 batches.
"""

import argparse
from pathlib import Path

import matplotlib
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_sample_image
from tqdm import tqdm

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


class Net(nn.Module):
    def __init__(self, upscale_factor, width=24):
        super().__init__()
        self.factor = upscale_factor
        # Borders repeat the edge: zeros would look unlike the inside of a photograph.
        edge = {"padding": "same", "padding_mode": "replicate"}
        self.body = nn.Sequential(
            nn.Conv2d(1, width, 5, **edge), nn.PReLU(),
            nn.Conv2d(width, width, 3, **edge), nn.PReLU(),
            nn.Conv2d(width, upscale_factor**2, 3, **edge),
        )  # fmt: skip
        self.pixel_shuffle = nn.PixelShuffle(upscale_factor)
        nn.init.zeros_(self.body[-1].weight)
        nn.init.zeros_(self.body[-1].bias)

    def forward(self, x):  # (N, 1, H, W) -> (N, 1, 3 H, 3 W): bicubic and a correction
        return enlarge(x, self.factor) + self.pixel_shuffle(self.body(x))


def enlarge(x, factor):
    return F.interpolate(x, scale_factor=factor, mode="bicubic", align_corners=False)


def grey(name, factor):
    """A photograph as (1, 1, H, W) in [0, 1], cut to a multiple of ``factor``."""
    rgb = torch.tensor(load_sample_image(name), dtype=torch.float32) / 255
    y = rgb @ torch.tensor([0.299, 0.587, 0.114])
    height, width = (n // factor * factor for n in y.shape)
    return y[None, None, :height, :width]


def patches(picture, size, count):
    """``count`` random pieces of ``size`` pixels, as one batch."""
    _, _, height, width = picture.shape
    top = torch.randint(height - size, (count, 1, 1), device=picture.device)
    left = torch.randint(width - size, (count, 1, 1), device=picture.device)
    along = torch.arange(size, device=picture.device)
    return picture[0, 0][top + along[:, None], left + along].unsqueeze(1)


def psnr(a, b):
    return (-10 * torch.log10(F.mse_loss(a, b))).item()


def draw(path, small, plain, learnt, wanted, factor, at=(150, 0), size=150):
    (row, column), figures = (
        at,
        plt.subplots(1, 4, figsize=(14, 4), layout="constrained"),
    )
    figure, axes = figures
    coarse = F.interpolate(small, scale_factor=factor, mode="nearest")
    names = ("small", "bicubic", "network", "original")
    for ax, name, x in zip(axes, names, (coarse, plain, learnt, wanted)):
        piece = x[0, 0, row : row + size, column : column + size].cpu().numpy()
        ax.imshow(piece, cmap="gray", vmin=0, vmax=1)
        title = (
            name
            if name in ("small", "original")
            else f"{name} {psnr(x, wanted):.2f} dB"
        )
        ax.set(title=title, xticks=[], yticks=[])
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=30, help="of 25 batches")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--upscale-factor", type=int, default=3)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=123)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    factor = args.upscale_factor
    photograph = grey("flower.jpg", factor).to(args.device)
    train, test = photograph[..., :360], photograph[..., 360:]
    model = Net(factor).to(args.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, args.lr, total_steps=25 * args.epochs
    )
    for _ in (bar := tqdm(range(args.epochs), unit="epoch")):
        total = 0.0
        for _ in range(25):
            target = patches(train, 16 * factor, args.batch_size)
            optimizer.zero_grad()
            loss = F.mse_loss(model(F.avg_pool2d(target, factor)), target)
            loss.backward()
            optimizer.step()
            scheduler.step()
            total += loss.item()
        bar.set_postfix(loss=f"{total / 25:.5f}", refresh=False)
    with torch.no_grad():
        small = F.avg_pool2d(test, factor)
        plain, learnt = enlarge(small, factor), model(small)
    print(f"bicubic {psnr(plain, test):.2f} dB, network {psnr(learnt, test):.2f} dB")
    draw(args.out / "super_resolution.png", small, plain, learnt, test, factor)
    print(f"pictures in {args.out / 'super_resolution.png'}")


if __name__ == "__main__":
    main()
