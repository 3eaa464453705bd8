"""GCN and GAT on Zachary's karate club: who goes with whom after the quarrel?

    python -m torchlike examples/graph_attention.py --out demo
    python examples/graph_attention.py             # the same script on PyTorch

Two members' sides are known, the instructor's (0) and the president's (33); the
networks find the other thirty-two. Data: W. W. Zachary (1977).
"""

import argparse
from pathlib import Path

import matplotlib
import torch
import torch.nn as nn
import torch.nn.functional as F
from tqdm import tqdm

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

# member: the members with a higher number whom he or she met outside of the club
FRIENDS = {
    0: [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 17, 19, 21, 31],
    1: [2, 3, 7, 13, 17, 19, 21, 30], 2: [3, 7, 8, 9, 13, 27, 28, 32], 3: [7, 12, 13],
    4: [6, 10], 5: [6, 10, 16], 6: [16], 8: [30, 32, 33], 9: [33], 13: [33],
    14: [32, 33], 15: [32, 33], 18: [32, 33], 19: [33], 20: [32, 33], 22: [32, 33],
    23: [25, 27, 29, 32, 33], 24: [25, 27, 31], 25: [31], 26: [29, 33], 27: [33],
    28: [31, 33], 29: [32, 33], 30: [32, 33], 31: [32, 33], 32: [33],
}  # fmt: skip
INSTRUCTOR = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 16, 17, 19, 21]


class GCNLayer(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)

    def forward(self, x, adj):
        degree = adj.sum(1)
        normal = adj / (degree[:, None] * degree).sqrt()
        return normal @ self.linear(x)


class GATLayer(nn.Module):
    """Several heads; each weighs a member's friends by attention."""

    def __init__(self, n_in, n_out, heads=4):
        super().__init__()
        self.heads = heads
        self.W = nn.Linear(n_in, heads * n_out, bias=False)
        self.own = nn.Parameter(torch.empty(heads, n_out))
        self.other = nn.Parameter(torch.empty(heads, n_out))
        nn.init.xavier_uniform_(self.own)
        nn.init.xavier_uniform_(self.other)

    def forward(self, x, adj):
        h = self.W(x).view(len(x), self.heads, -1)  # (N, H, F)
        own, other = (h * self.own).sum(-1), (h * self.other).sum(-1)  # (N, H)
        e = F.leaky_relu(own[:, None] + other[None], 0.2)  # (N, N, H)
        e = e.masked_fill(adj[:, :, None] == 0, float("-inf"))
        return torch.einsum("ijh,jhf->ihf", e.softmax(dim=1), h).mean(1)


class Net(nn.Module):
    def __init__(self, layer, members, width=16):
        super().__init__()
        self.first, self.second = layer(members, width), layer(width, 2)

    def forward(self, x, adj):
        h = F.dropout(F.elu(self.first(x, adj)), 0.3, self.training)
        return self.second(h, adj)


def draw(path, adj, found, sides):
    """Members on two arcs by their true side, coloured by what the network found."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 5), layout="constrained")
    place = torch.zeros(len(adj), 2)
    for side in (0, 1):
        members = (sides == side).nonzero().flatten()
        angle = torch.linspace(-1.35, 1.35, len(members))
        x = (0.25 + angle.cos()) * (1 if side else -1)
        place[members] = torch.stack([x, angle.sin()], dim=1)
    for ax, (name, logits) in zip(axes, found.items()):
        for i, j in adj.triu(1).nonzero().tolist():
            ax.plot(
                *place[[i, j]].T.tolist(), color="lightgrey", linewidth=0.6, zorder=1
            )
        share = logits.softmax(1)[:, 1].tolist()
        ax.scatter(*place.T.tolist(), c=share, cmap="coolwarm", s=170, vmin=0, vmax=1)
        for member, (x, y) in enumerate(place.tolist()):
            ax.text(x, y, str(member), ha="center", va="center", fontsize=7)
        right = int((logits.argmax(1) == sides).sum())
        ax.set_title(f"{name}: {right} of {len(sides)} right")
        ax.axis("off")
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    pairs = torch.tensor([(i, j) for i, friends in FRIENDS.items() for j in friends])
    adj = torch.eye(34)
    adj[pairs[:, 0], pairs[:, 1]] = 1.0
    adj[pairs[:, 1], pairs[:, 0]] = 1.0
    sides = torch.ones(34, dtype=torch.long)
    sides[INSTRUCTOR] = 0
    adj, known = adj.to(args.device), torch.tensor([0, 33], device=args.device)
    x, target = torch.eye(34, device=args.device), sides.to(args.device)
    print(f"{len(sides)} members, {len(pairs)} friendships")
    found = {}
    for name, layer in (("GCN", GCNLayer), ("GAT", GATLayer)):
        torch.manual_seed(args.seed)
        model = Net(layer, 34).to(args.device)
        optimizer = torch.optim.Adam(model.parameters(), args.lr, weight_decay=5e-4)
        for _ in (bar := tqdm(range(args.epochs), desc=name, unit="epoch")):
            loss = F.cross_entropy(model(x, adj)[known], target[known])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
        model.eval()
        with torch.no_grad():
            found[name] = model(x, adj).cpu()
        right = int((found[name].argmax(1) == sides).sum())
        print(f"{name}: loss {loss.item():.3f}, {right} of 34 right")
    draw(args.out / "graph_attention.png", adj.cpu(), found, sides)
    print(f"pictures in {args.out / 'graph_attention.png'}")


if __name__ == "__main__":
    main()
