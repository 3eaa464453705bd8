"""Fine-tuning: a network saved by PyTorch learns to read through noise.

    python -m torchlike examples/fine_tuning.py --out demo
    python examples/fine_tuning.py                 # the same script on PyTorch

data/digits.pt was written by PyTorch (``--pretrain``): a network that tells the ten
digits apart. Its features then serve for noisy pictures, with only 100 examples, beside
a network that has learnt nothing before.
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

CHECKPOINT = Path(__file__).parent / "data" / "digits.pt"


class ConvNet(nn.Module):
    def __init__(self, classes=10):
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


def digits():
    images, labels = load_digits(return_X_y=True)
    x = torch.tensor(images, dtype=torch.float32).view(-1, 1, 8, 8) / 8 - 1
    return x, torch.tensor(labels)


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
    x, y = (t[:1000] for t in digits())
    model = ConvNet(classes=10)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    curve = fit(model, optimizer, x, y, 20, (x, y), "pretrain")
    torch.save({"model": model.state_dict(), "accuracy": curve[-1]}, CHECKPOINT)
    print(f"training accuracy {100 * curve[-1]:.2f} %, weights in {CHECKPOINT}")


def draw(path, curves):
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, curve in curves.items():
        axes.plot(
            range(1, len(curve) + 1), [100 * a for a in curve], "o-", ms=3, label=name
        )
    axes.axhline(10, color="grey", linestyle=":", label="by chance")
    axes.set(xlabel="epoch", ylabel="test accuracy (%)", ylim=(0, 100))
    axes.set_title("digits in noise, from 100 examples")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--lr", type=float, default=1e-2, help="of the new head")
    parser.add_argument("--noise", type=float, default=0.5, help="standard deviation")
    parser.add_argument("--pretrain", action="store_true", help="write the checkpoint")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    if args.pretrain:
        return pretrain(args)
    args.out.mkdir(parents=True, exist_ok=True)
    x, y = (t[1000:].to(args.device) for t in digits())  # the checkpoint saw the others
    x = x + args.noise * torch.randn_like(x)  # black is -1, white 1
    x, y, test = x[:100], y[:100], (x[100:], y[100:])

    checkpoint = torch.load(CHECKPOINT, map_location=args.device, weights_only=True)
    print(f"loaded: {100 * checkpoint['accuracy']:.1f} % without noise")
    curves = {}
    for name in ("from the checkpoint", "from scratch"):
        model = ConvNet(classes=10)
        if name == "from the checkpoint":
            model.load_state_dict(checkpoint["model"])
        model.fc = nn.Linear(model.fc.in_features, 10)
        model.to(args.device)
        slow = {"params": model.features.parameters(), "lr": args.lr / 10}
        groups = [slow, {"params": model.fc.parameters()}]
        optimizer = torch.optim.AdamW(groups, lr=args.lr)
        curves[name] = fit(model, optimizer, x, y, args.epochs, test, name)
        print(f"{name}: {100 * curves[name][-1]:.1f} % in noise")
    draw(args.out / "fine_tuning.png", curves)
    print(f"curves in {args.out / 'fine_tuning.png'}")


if __name__ == "__main__":
    main()
