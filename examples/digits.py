"""Train a small convolutional network on 1,797 real handwritten digits.

    python -m torchlike examples/digits.py     # on JAX
    python examples/digits.py                  # on PyTorch: the same script

It prints the accuracy on the 360 digits held back, draws the training curves to
demo/digits.png, saves the weights to demo/digits.pt, loads them into a fresh model
and checks that both models predict the same.
"""

import argparse
import time
from pathlib import Path

import matplotlib
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset, Subset
from tqdm import tqdm

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


class Digits(Dataset):
    """8 × 8 grey images, scaled to [-1, 1], and their labels."""

    def __init__(self):
        images, labels = load_digits(return_X_y=True)
        self.images = (
            torch.tensor(images, dtype=torch.float32).view(-1, 1, 8, 8) / 8 - 1
        )
        self.labels = torch.tensor(labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.images[index], self.labels[index]


class ConvNet(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1),  # (N, 32, 8, 8)
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, 2 * width, 3, padding=1),  # (N, 64, 8, 8)
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.MaxPool2d(2),  # (N, 64, 4, 4)
        )
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(0.25),
            nn.Linear(2 * width * 4 * 4, 10),
        )

    def forward(self, x):
        return self.classifier(self.features(x))


def split(dataset, test_size=360):
    order = torch.randperm(len(dataset)).tolist()
    return Subset(dataset, order[test_size:]), Subset(dataset, order[:test_size])


def train_epoch(model, loader, optimizer, scheduler, device, bar):
    model.train()
    losses, correct, seen = [], 0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        logits = model(images)
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
        correct += (logits.argmax(1) == labels).sum().item()
        seen += len(labels)
        shown = {"loss": f"{losses[-1]:.3f}", "lr": f"{scheduler.get_last_lr()[0]:.4f}"}
        bar.set_postfix(shown, refresh=False)
        bar.update()
    return losses, correct / seen


@torch.no_grad()
def predict(model, loader, device):
    model.eval()
    return torch.cat([model(images.to(device)).argmax(1).cpu() for images, _ in loader])


def draw(path, losses, train_accuracy, test_accuracy):
    """Loss of every step on the left, accuracy after every epoch on the right."""
    epochs = range(1, len(test_accuracy) + 1)
    steps = [(i + 1) * len(epochs) / len(losses) for i in range(len(losses))]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.plot(steps, losses, color="tab:blue", linewidth=0.8, alpha=0.35, label="step")
    smooth = losses[:1]
    for loss in losses[1:]:
        smooth.append(0.8 * smooth[-1] + 0.2 * loss)
    left.plot(steps, smooth, color="tab:blue", linewidth=2, label="running mean")
    left.set(xlabel="epoch", ylabel="cross-entropy loss", title="Loss", yscale="log")
    right.plot(epochs, [100 * a for a in train_accuracy], "o-", ms=4, label="training")
    right.plot(epochs, [100 * a for a in test_accuracy], "s-", ms=4, label="test")
    right.axhline(97, color="grey", linestyle=":", linewidth=1)
    right.set(xlabel="epoch", ylabel="accuracy (%)", title="Accuracy")
    right.set_ylim(min(80, 98 * min(train_accuracy + test_accuracy)), 100.5)
    for axes in (left, right):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    figure.suptitle(
        f"Handwritten digits: {100 * test_accuracy[-1]:.1f} % on the test set"
    )
    figure.savefig(path, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.005, help="peak learning rate")
    parser.add_argument(
        "--device", default="cuda" if torch.cuda.is_available() else "cpu"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    torch.manual_seed(args.seed)
    device = torch.device(args.device)
    train_set, test_set = split(Digits())
    train_loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
    test_loader = DataLoader(test_set, batch_size=180)
    test_labels = torch.cat([labels for _, labels in test_loader])

    model = ConvNet().to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=0.01)
    total = args.epochs * len(train_loader)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, args.lr, total_steps=total
    )
    count = sum(p.numel() for p in model.parameters())
    print(f"torch {torch.__version__} on {device}: {count:,} parameters")

    losses, train_accuracy, test_accuracy = [], [], []
    start = time.perf_counter()
    with tqdm(total=total, unit="step") as bar:
        for epoch in range(args.epochs):
            bar.set_description(f"epoch {epoch + 1}/{args.epochs}")
            epoch_losses, accuracy = train_epoch(
                model, train_loader, optimizer, scheduler, device, bar
            )
            losses += epoch_losses
            train_accuracy.append(accuracy)
            predicted = predict(model, test_loader, device)
            test_accuracy.append((predicted == test_labels).float().mean().item())
    print(f"test accuracy {100 * test_accuracy[-1]:.2f} % ", end="")
    print(f"after {args.epochs} epochs in {time.perf_counter() - start:.1f} s")

    draw(args.out / "digits.png", losses, train_accuracy, test_accuracy)
    print(f"training curves in {args.out / 'digits.png'}")

    torch.save(model.state_dict(), args.out / "digits.pt")
    restored = ConvNet().to(device)
    restored.load_state_dict(torch.load(args.out / "digits.pt"))
    same = torch.equal(predict(restored, test_loader, device), predicted)
    print(f"checkpoint in {args.out / 'digits.pt'}; reloaded, same predictions: {same}")
    if not same or test_accuracy[-1] < 0.97:
        raise SystemExit("the demo did not reach what it promises")


if __name__ == "__main__":
    main()
