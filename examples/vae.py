"""Variational autoencoder of handwritten digits with a two-dimensional code.

    python -m torchlike examples/vae.py --out demo
    python examples/vae.py                         # the same script on PyTorch

It draws digits decoded from a grid of codes, and where the real digits lie.
"""

import argparse
from pathlib import Path

import matplotlib
import torch
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


class VAE(nn.Module):
    def __init__(self, width=256, code=2):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(64, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU()
        )
        self.mu, self.logvar = nn.Linear(width, code), nn.Linear(width, code)
        self.decoder = nn.Sequential(
            nn.Linear(code, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, 64),
        )  # fmt: skip

    def encode(self, x):
        h = self.encoder(x)
        return self.mu(h), self.logvar(h)

    def decode(self, z):
        return torch.sigmoid(self.decoder(z))

    def forward(self, x):  # (N, 64) -> the same, and the code's mean and log variance
        mu, logvar = self.encode(x)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return self.decode(z), mu, logvar


def loss_function(rebuilt, x, mu, logvar):
    """Negative evidence lower bound, in nats a picture."""
    bce = F.binary_cross_entropy(rebuilt, x, reduction="sum")
    kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return (bce + kld) / len(x)


@torch.no_grad()
def draw(path, model, x, labels, device, side=16):
    """Left: decoded codes. Right: the codes of the real digits, by class."""
    model.eval()
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
    quantiles = torch.linspace(0.03, 0.97, side, device=device)
    axis = torch.erfinv(2 * quantiles - 1) * 2**0.5
    grid = torch.cartesian_prod(-axis, axis).flip(1)  # top row: large second code
    tiles = model.decode(grid).view(side, side, 8, 8).permute(0, 2, 1, 3)
    left.imshow(tiles.reshape(8 * side, 8 * side).cpu().numpy(), cmap="gray")
    left.set(title="decoded from a grid of codes", xticks=[], yticks=[])
    code = model.encode(x)[0].cpu()
    dots = right.scatter(*code.T.numpy(), c=labels.numpy(), s=6, cmap="tab10")
    right.set(title="codes of the digits", xlabel="first", ylabel="second")
    figure.colorbar(dots, ax=right, ticks=range(10), label="digit")
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    images, labels = load_digits(return_X_y=True)
    x = torch.tensor(images, dtype=torch.float32) / 16
    loader = DataLoader(
        TensorDataset(x), batch_size=args.batch_size, shuffle=True, drop_last=True
    )
    model = VAE().to(args.device)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    averages = []
    for _ in (bar := tqdm(range(args.epochs), unit="epoch")):
        total = 0.0
        for (batch,) in loader:
            batch = batch.to(args.device)
            loss = loss_function(*_inputs(model, batch))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        averages.append(total / len(loader))
        bar.set_postfix(loss=f"{averages[-1]:.2f}", refresh=False)
    first, last = averages[0], averages[-1]
    print(f"loss {first:.2f} in the first epoch, {last:.2f} in the last (nats)")
    draw(
        args.out / "vae.png",
        model,
        x.to(args.device),
        torch.tensor(labels),
        args.device,
    )
    print(f"pictures in {args.out / 'vae.png'}")


def _inputs(model, batch):
    rebuilt, mu, logvar = model(batch)
    return rebuilt, batch, mu, logvar


if __name__ == "__main__":
    main()
