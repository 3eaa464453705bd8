"""Learn sine waves with LSTM cells and L-BFGS, then predict how they go on.

    python -m torchlike examples/time_sequence_prediction.py --out demo
    python examples/time_sequence_prediction.py    # the same script on PyTorch

An epoch is one L-BFGS step of up to 20 evaluations.
"""

import argparse
from pathlib import Path

import matplotlib
import torch
import torch.nn as nn
import torch.optim as optim
from tqdm import tqdm

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


class Sequence(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.hidden = hidden
        self.lstm1 = nn.LSTMCell(1, hidden)
        self.lstm2 = nn.LSTMCell(hidden, hidden)
        self.linear = nn.Linear(hidden, 1)

    def forward(self, input, future=0):  # (N, T) -> (N, T + future)
        outputs = []
        state1 = state2 = None
        for input_t in input.split(1, dim=1):
            state1 = self.lstm1(input_t, state1)
            state2 = self.lstm2(state1[0], state2)
            output = self.linear(state2[0])
            outputs.append(output)
        for _ in range(future):  # from here on it reads what it wrote
            state1 = self.lstm1(output, state1)
            state2 = self.lstm2(state1[0], state2)
            output = self.linear(state2[0])
            outputs.append(output)
        return torch.cat(outputs, dim=1)


def waves(count, length, period, device):
    """Sines of one period with random phases, in double precision."""
    shift = torch.randint(-4 * period, 4 * period, (count, 1))
    return torch.sin((torch.arange(length) + shift).double() / period).to(device)


def draw(path, predictions, length):
    figure, axes = plt.subplots(figsize=(11, 4), layout="constrained")
    for row, colour in zip(predictions, ("tab:red", "tab:green", "tab:blue")):
        axes.plot(range(length), row[:length], color=colour)
        axes.plot(range(length, len(row)), row[length:], ":", color=colour)
    axes.set(
        title="predicted values; dotted: the future", xlabel="step", ylabel="value"
    )
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=8, help="L-BFGS steps")
    parser.add_argument("--length", type=int, default=200, help="values in a wave")
    parser.add_argument("--future", type=int, default=200, help="values to predict")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)

    data = waves(40, args.length, 20, args.device)
    train, test = data[3:], data[:3]
    seq = Sequence().double().to(args.device)
    criterion = nn.MSELoss()
    optimizer = optim.LBFGS(seq.parameters(), lr=0.8)

    def closure():
        optimizer.zero_grad()
        loss = criterion(seq(train[:, :-1]), train[:, 1:])
        loss.backward()
        return loss

    losses = []
    for _ in (bar := tqdm(range(args.epochs), unit="step")):
        losses.append(optimizer.step(closure).item())
        bar.set_postfix(loss=f"{losses[-1]:.2e}")
    with torch.no_grad():
        pred = seq(test[:, :-1], future=args.future)
        loss = criterion(pred[:, : -args.future], test[:, 1:])
    print(f"training loss {losses[0]:.4f} at first, {losses[-1]:.2e} at last")
    print(f"test loss {loss.item():.2e}")
    draw(args.out / "time_sequence.png", pred.cpu().numpy(), args.length - 1)
    print(f"predictions in {args.out / 'time_sequence.png'}")


if __name__ == "__main__":
    main()
