"""MNIST: the classic convolutional network, on the classic files.

    python -m torchlike examples/mnist.py --data ~/mnist --out demo
    python examples/mnist.py --data ~/mnist        # the same script on PyTorch

``--data`` is a folder with the four files train-images-idx3-ubyte,
train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, packed
(.gz) or not. Fashion-MNIST has the same files.
"""

import argparse
import gzip
from pathlib import Path

import matplotlib
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset
from tqdm import tqdm

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):  # (N, 1, 28, 28) -> log-probabilities (N, 10)
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = self.dropout1(F.max_pool2d(x, 2))
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return F.log_softmax(self.fc2(self.dropout2(x)), dim=1)


def read_idx(folder, name):
    """One file of the IDX format: a big-endian header, then bytes."""
    path = folder / name
    packed = folder / f"{name}.gz"
    if not path.exists() and not packed.exists():
        raise SystemExit(f"{path} is missing: give the folder of the files with --data")
    content = (
        path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())
    )
    dims = content[3]
    shape = np.frombuffer(content, ">i4", dims, offset=4)
    array = np.frombuffer(content, np.uint8, offset=4 + 4 * dims)
    return torch.from_numpy(array.reshape(shape).copy())


def dataset(folder, prefix):
    images = read_idx(folder, f"{prefix}-images-idx3-ubyte").unsqueeze(1).float()
    labels = read_idx(folder, f"{prefix}-labels-idx1-ubyte").long()
    return TensorDataset((images / 255 - 0.1307) / 0.3081, labels)


@torch.no_grad()
def test(model, loader, device):
    """Accuracy, and the digits that were taken for others."""
    model.eval()
    wrong, right = [], 0
    for x, y in loader:
        found = model(x.to(device)).argmax(1).cpu()
        right += (found == y).sum().item()
        for i in (found != y).nonzero().flatten().tolist():
            wrong.append((x[i, 0], int(y[i]), int(found[i])))
    return right / len(loader.dataset), wrong


def draw(path, wrong, accuracy):
    figure, axes = plt.subplots(2, 8, figsize=(10, 3), layout="constrained")
    for ax in axes.flat:
        ax.axis("off")
    for ax, (image, label, found) in zip(axes.flat, wrong):
        ax.imshow(image.numpy(), cmap="gray")
        ax.set_title(f"{label} as {found}", fontsize=9)
    figure.suptitle(f"accuracy {100 * accuracy:.2f} %; mistakes:")
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data/MNIST/raw"))
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1.0)
    parser.add_argument("--gamma", type=float, default=0.7)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    train_set, test_set = dataset(args.data, "train"), dataset(args.data, "t10k")
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    train_loader = DataLoader(train_set, args.batch_size, shuffle=True, drop_last=True)
    test_loader = DataLoader(test_set, 500)
    model = Net().to(args.device)
    optimizer = optim.Adadelta(model.parameters(), lr=args.lr)
    scheduler = StepLR(optimizer, step_size=1, gamma=args.gamma)
    for epoch in range(1, args.epochs + 1):
        model.train()
        for x, y in (bar := tqdm(train_loader, desc=f"epoch {epoch}", unit="batch")):
            optimizer.zero_grad()
            loss = F.nll_loss(model(x.to(args.device)), y.to(args.device))
            loss.backward()
            optimizer.step()
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
        scheduler.step()
        accuracy, wrong = test(model, test_loader, args.device)
        print(f"epoch {epoch}: test accuracy {100 * accuracy:.2f} %")
    draw(args.out / "mnist.png", wrong, accuracy)
    torch.save(model.state_dict(), args.out / "mnist.pt")
    print(f"mistakes in {args.out / 'mnist.png'}, weights in {args.out / 'mnist.pt'}")


if __name__ == "__main__":
    main()
