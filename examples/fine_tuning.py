"""Fine-tuning: a network saved by PyTorch learns new classes from a few examples.

    python -m torchlike examples/fine_tuning.py --out demo
    python examples/fine_tuning.py                 # the same script on PyTorch

data/digits_0_to_4.pt was written by PyTorch (``--pretrain``): a network that tells the
digits 0 to 4 apart. Its features then serve for 5 to 9, with 10 examples of each.
"""

import argparse
from pathlib import Path

import matplotlib
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from tqdm import tqdm

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

CHECKPOINT = Path(__file__).parent / "data" / "digits_0_to_4.pt"


class ConvNet(nn.Module):
    def __init__(self, classes=5):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
            nn.MaxPool2d(2), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(),
            nn.AdaptiveAvgPool2d(2), nn.Flatten(),
        )  # fmt: skip
        self.fc = nn.Linear(128, classes)

    def forward(self, x):  # (N, 1, 8, 8) -> (N, classes)
        return self.fc(self.features(x))


def digits(low):
    """The digits ``low`` to ``low`` + 4: images, and labels from 0."""
    images, labels = load_digits(return_X_y=True)
    x = torch.tensor(images, dtype=torch.float32).view(-1, 1, 8, 8) / 8 - 1
    y = torch.tensor(labels) - low
    keep = (y >= 0) & (y < 5)
    return x[keep], y[keep]


def fit(model, optimizer, x, y, epochs, test, name):
    """Train on all of x in batches of 25; the accuracy on ``test`` after each epoch."""
    curve = []
    for _ in (bar := tqdm(range(epochs), desc=name, unit="epoch")):
        model.train()
        for index in torch.randperm(len(x), device=x.device).view(-1, 25):
            loss = F.cross_entropy(model(x[index]), y[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            curve.append((model(test[0]).argmax(1) == test[1]).float().mean().item())
        bar.set_postfix(accuracy=f"{100 * curve[-1]:.1f} %", refresh=False)
    return curve


def pretrain(args):
    x, y = (t[:900] for t in digits(0))
    model = ConvNet()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    curve = fit(model, optimizer, x, y, 20, (x, y), "pretrain")
    torch.save({"model": model.state_dict(), "accuracy": curve[-1]}, CHECKPOINT)
    print(f"training accuracy {100 * curve[-1]:.2f} %, weights in {CHECKPOINT}")


def few(x, y, count=10):
    """``count`` examples of each class for training, the others for the test."""
    order = torch.cat([(y == c).nonzero().flatten()[:count] for c in range(5)])
    rest = torch.ones(len(y), dtype=torch.bool)
    rest[order] = False
    return x[order], y[order], (x[rest], y[rest])


def draw(path, curves):
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, curve in curves.items():
        axes.plot(
            range(1, len(curve) + 1), [100 * a for a in curve], "o-", ms=3, label=name
        )
    axes.set(
        xlabel="epoch", ylabel="test accuracy (%)", title="50 examples of new digits"
    )
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--lr", type=float, default=3e-3, help="of the new head")
    parser.add_argument("--pretrain", action="store_true", help="write the checkpoint")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    if args.pretrain:
        return pretrain(args)
    args.out.mkdir(parents=True, exist_ok=True)
    x, y, test = few(*digits(5))
    x, y = x.to(args.device), y.to(args.device)
    test = tuple(t.to(args.device) for t in test)

    checkpoint = torch.load(CHECKPOINT, map_location=args.device, weights_only=True)
    print(f"loaded: {100 * checkpoint['accuracy']:.1f} % on the digits 0 to 4")
    curves = {}
    for name in ("from the checkpoint", "from scratch"):
        model = ConvNet()
        if name == "from the checkpoint":
            model.load_state_dict(checkpoint["model"])
            model.fc = nn.Linear(model.fc.in_features, 5)
        model.to(args.device)
        slow = {"params": model.features.parameters(), "lr": args.lr / 3}
        groups = [slow, {"params": model.fc.parameters()}]
        optimizer = torch.optim.AdamW(groups, lr=args.lr)
        curves[name] = fit(model, optimizer, x, y, args.epochs, test, name)
        print(f"{name}: {100 * curves[name][-1]:.1f} % on the digits 5 to 9")
    draw(args.out / "fine_tuning.png", curves)
    print(f"curves in {args.out / 'fine_tuning.png'}")


if __name__ == "__main__":
    main()
