"""A small GPT on seven of Shakespeare's sonnets, letter by letter.

    python -m torchlike examples/nanogpt.py --out demo
    python examples/nanogpt.py                     # the same script on PyTorch

An epoch is 50 batches. It prints what the model writes and draws the loss.
"""

import argparse
import math
from pathlib import Path

import matplotlib
import torch
import torch.nn as nn
from torch.nn import functional as F
from tqdm import tqdm

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

TEXT = Path(__file__).parent / "data" / "sonnets.txt"


class CausalSelfAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):  # (N, T, C)
        n, t, c = x.shape
        q, k, v = self.qkv(x).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # (N, H, T, C/H)
        return self.proj(y.transpose(1, 2).reshape(n, t, c))


class Block(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = CausalSelfAttention(width, heads)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self.drop = nn.Dropout(dropout)

    def forward(self, x):
        x = x + self.drop(self.attn(self.ln_1(x)))
        return x + self.drop(self.mlp(self.ln_2(x)))


class GPT(nn.Module):
    def __init__(self, vocabulary, length, width, heads, layers, dropout=0.1):
        super().__init__()
        self.length = length
        self.wte = nn.Embedding(vocabulary, width)
        self.wpe = nn.Embedding(length, width)
        self.blocks = nn.Sequential(
            *(Block(width, heads, dropout) for _ in range(layers))
        )
        self.ln_f = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.head.weight = self.wte.weight
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.02)

    def forward(self, tokens):  # (N, T) -> (N, T, V)
        place = torch.arange(tokens.size(1), device=tokens.device)
        x = self.wte(tokens) + self.wpe(place)
        return self.head(self.ln_f(self.blocks(x)))


def batch(data, length, count):
    start = torch.randint(0, len(data) - length, (count, 1), device=data.device)
    rows = start + torch.arange(length + 1, device=data.device)
    piece = data[rows]  # (N, T + 1)
    return piece[:, :-1], piece[:, 1:]


@torch.no_grad()
def write(model, prompt, count, temperature=0.8):
    """Continue ``prompt`` (T,); the window always has the full length."""
    model.eval()
    window = prompt.new_zeros(1, model.length)
    window[0, : len(prompt)] = prompt
    written = prompt.tolist()
    for _ in range(count):
        last = min(len(written), model.length) - 1
        logits = model(window)[0, last] / temperature
        token = torch.multinomial(logits.softmax(-1), 1)
        if len(written) < model.length:
            window[0, len(written)] = token[0]
        else:
            window = torch.cat([window[:, 1:], token[None]], dim=1)
        written.append(token.item())
    return written


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=10, help="of 50 batches")
    parser.add_argument("--steps", type=int, default=50, help="batches an epoch")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--length", type=int, default=64, help="letters in the window")
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--letters", type=int, default=300, help="letters to write")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    return parser.parse_args()


def main():
    args = parse()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    text = TEXT.read_text()
    letters = sorted(set(text))
    code = {c: i for i, c in enumerate(letters)}
    data = torch.tensor([code[c] for c in text], device=args.device)
    model = GPT(len(letters), args.length, args.width, 4, 3).to(args.device)
    decay = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": decay}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, args.lr, (0.9, 0.95), weight_decay=0.1)
    total = args.epochs * args.steps
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda s: min((s + 1) / 20, 0.55 + 0.45 * math.cos(math.pi * s / total)),
    )
    count = sum(p.numel() for p in model.parameters())
    print(f"{count:,} parameters, {len(text):,} letters, {len(letters)} different")
    losses = []
    for _ in (bar := tqdm(range(total), unit="step")):
        x, y = batch(data, args.length, args.batch_size)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
        bar.set_postfix(loss=f"{losses[-1]:.3f}", refresh=False)
    print(f"loss {losses[0]:.3f} at first, {losses[-1]:.3f} at last (nats a letter)")
    prompt = torch.tensor([code[c] for c in "Shall I "], device=args.device)
    print("".join(letters[i] for i in write(model, prompt, args.letters)))
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    axes.plot(losses, linewidth=1)
    axes.axhline(math.log(len(letters)), color="grey", linestyle=":", label="by chance")
    axes.set(xlabel="step", ylabel="loss (nats a letter)", ylim=(0, None))
    axes.set_title("GPT on seven sonnets")
    axes.legend(frameon=False)
    figure.savefig(args.out / "nanogpt.png", dpi=120)
    print(f"loss curve in {args.out / 'nanogpt.png'}")


if __name__ == "__main__":
    main()
