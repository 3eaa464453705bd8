"""Neural style: one photograph painted with the textures of another.

    python -m torchlike examples/neural_style.py --out demo
    python examples/neural_style.py                # the same script on PyTorch

The features are those of a small convolutional network with random filters: enough
for textures, and nothing has to be downloaded. An epoch is 10 steps.
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


class Features(nn.Module):
    """Random orthogonal filters of three sizes; gives the output of every layer."""

    def __init__(self, widths=(24, 32, 48)):
        super().__init__()
        self.convs, before = nn.ModuleList(), 3
        for width in widths:
            conv = nn.Conv2d(before, width, 5, padding=2, padding_mode="reflect")
            nn.init.orthogonal_(conv.weight, gain=2.0)
            nn.init.zeros_(conv.bias)
            self.convs.append(conv)
            before = width
        self.requires_grad_(False)

    def forward(self, x):
        found = [x]
        for conv in self.convs:
            x = F.relu(conv(x))
            found.append(x)
            x = F.avg_pool2d(x, 2)
        return found


def gram(x):
    """(1, C, H, W) -> (C, C): which features occur together."""
    c = x.size(1)
    flat = x.reshape(c, -1)
    return flat @ flat.T / flat.size(1)


def photograph(name, size, device):
    rgb = torch.tensor(load_sample_image(name), dtype=torch.float32) / 255
    rgb = rgb.permute(2, 0, 1)[None, :, :420, :600]
    shape = (size * 7 // 10, size)
    return F.interpolate(rgb, size=shape, mode="area").to(device)


def smoothness(x):
    """Total variation, a picture's mean difference between neighbours."""
    across = (x[..., 1:] - x[..., :-1]).abs().mean()
    return across + (x[..., 1:, :] - x[..., :-1, :]).abs().mean()


def draw(path, pictures):
    figure, axes = plt.subplots(1, 3, figsize=(13, 3.6), layout="constrained")
    for ax, title, picture in zip(axes, ("content", "style", "result"), pictures):
        ax.imshow(picture[0].permute(1, 2, 0).clamp(0, 1).cpu().numpy())
        ax.set(title=title, xticks=[], yticks=[])
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=15, help="of 10 steps")
    parser.add_argument("--size", type=int, default=200, help="width in pixels")
    parser.add_argument("--style-weight", type=float, default=300.0)
    parser.add_argument("--lr", type=float, default=0.03)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    content = photograph("china.jpg", args.size, args.device)
    style = photograph("flower.jpg", args.size, args.device)
    features = Features().to(args.device)
    with torch.no_grad():
        wanted = features(content)[1]
        grams = [gram(f) for f in features(style)]
    image = content.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([image], lr=args.lr)
    first = None
    for _ in (bar := tqdm(range(10 * args.epochs), unit="step")):
        found = features(image)
        content_loss = F.mse_loss(found[1], wanted)
        style_loss = sum(F.mse_loss(gram(f), g) for f, g in zip(found, grams))
        loss = content_loss + args.style_weight * style_loss + 0.02 * smoothness(image)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            image.clamp_(0, 1)
        first = first or style_loss.item()
        bar.set_postfix(style=f"{style_loss.item():.4f}", refresh=False)
    print(f"style loss {first:.5f} at first, {style_loss.item():.5f} at last")
    draw(args.out / "neural_style.png", (content, style, image.detach()))
    print(f"pictures in {args.out / 'neural_style.png'}")


if __name__ == "__main__":
    main()
