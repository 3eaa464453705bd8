"""Fit a noisy curve with a small network, and show the fit in the terminal.

python -m torchlike examples/mlp_regression.py
python examples/mlp_regression.py              # the same script on PyTorch
"""

import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


def make_data(count):
    """y = sin(3x) · exp(-x/2) + noise of standard deviation 0.05, x in [0, 4]."""
    x = 4 * torch.rand(count, 1)
    y = torch.sin(3 * x) * torch.exp(-x / 2)
    return TensorDataset(x, y + 0.05 * torch.randn(count, 1))


def evaluate(model, loader, device):
    """Root mean squared error over the whole loader."""
    model.eval()
    total, count = 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            error = model(x.to(device)) - y.to(device)
            total += error.square().sum().item()
            count += len(x)
    return (total / count) ** 0.5


def show(model, device, width=64, height=15):
    """Draw the learnt curve as text."""
    x = torch.linspace(0, 4, width).unsqueeze(1)
    with torch.no_grad():
        y = model(x.to(device)).cpu().squeeze(1)
    low, high = y.min(), y.max()
    rows = ((high - y) / (high - low) * (height - 1)).round().long().tolist()
    for line in range(height):
        print("".join("*" if row == line else " " for row in rows).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    train, test = random_split(make_data(1200), [1000, 200])
    train_loader = DataLoader(train, batch_size=50, shuffle=True, drop_last=True)
    test_loader = DataLoader(test, batch_size=200)

    model = nn.Sequential(
        nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1)
    ).to(args.device)
    print(model)
    criterion = nn.HuberLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs)

    for epoch in range(1, args.epochs + 1):
        model.train()
        running = torch.zeros((), device=args.device)
        for x, y in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x.to(args.device)), y.to(args.device))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            running += loss.detach()
        scheduler.step()
        if epoch % 10 == 0:
            mean = running.item() / len(train_loader)
            error = evaluate(model, test_loader, args.device)
            print(f"epoch {epoch:3d}: loss {mean:.5f}, test error {error:.4f}")
    show(model, args.device)


if __name__ == "__main__":
    main()
