"""A character model: learn a short text by heart, one letter after the other.

python -m torchlike examples/char_rnn.py
python examples/char_rnn.py                    # the same script on PyTorch
"""

import argparse

import torch
import torch.nn.functional as F
from torch import nn

TEXT = """\
The sun came up over the hills and the river turned to gold.
A fox ran along the bank, stopped to drink, and was gone.
Two boats lay on the shore, waiting for the wind to rise.
The wind rose at noon, and the boats went down to the sea.
At night the moon stood over the hills, and the river turned to silver.
"""


class CharModel(nn.Module):
    def __init__(self, vocabulary, width):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.rnn = nn.LSTM(width, width, num_layers=1, batch_first=True)
        self.head = nn.Linear(width, vocabulary)

    def forward(self, tokens, state=None):  # tokens (N, T) -> logits (N, T, V)
        hidden, state = self.rnn(self.embedding(tokens), state)
        return self.head(hidden), state


def batch(data, length, count):
    """``count`` pieces of ``length`` letters, and the same moved on by one."""
    starts = torch.randint(0, len(data) - length, (count,)).tolist()
    x = torch.stack([data[start : start + length] for start in starts])
    y = torch.stack([data[start + 1 : start + length + 1] for start in starts])
    return x, y


@torch.no_grad()
def sample(model, prompt, letters, length, device):
    """Continue ``prompt`` with the likeliest letter, ``length`` times."""
    model.eval()
    tokens = torch.tensor([[letters.index(c) for c in prompt]], device=device)
    state, text = None, prompt
    for _ in range(length):
        logits, state = model(tokens, state)
        tokens = logits[:, -1].argmax(-1, keepdim=True)
        text += letters[tokens.item()]
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    letters = sorted(set(TEXT))
    data = torch.tensor([letters.index(c) for c in TEXT])
    model = CharModel(len(letters), args.width).to(args.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, args.steps // 3, gamma=0.5)

    for step in range(1, args.steps + 1):
        x, y = (t.to(args.device) for t in batch(data, length=48, count=16))
        logits, _ = model(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        if step % 25 == 0:
            print(f"step {step:4d}: {loss.item():.3f} nats a letter")
    print(sample(model, "The sun", letters, 240, args.device))


if __name__ == "__main__":
    main()
