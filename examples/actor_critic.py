"""Actor–critic: one network acts and values, on several carts with poles at once.

    python -m torchlike examples/actor_critic.py --out demo
    python examples/actor_critic.py                # the same script on PyTorch

An epoch is one update after 16 steps of each cart.
"""

import argparse
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from cartpole import CartPole, draw_lengths
from torch.distributions import Categorical
from tqdm import tqdm


class Policy(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.affine = nn.Sequential(
            nn.Linear(4, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh()
        )
        self.action_head = nn.Linear(width, 2)
        self.value_head = nn.Linear(width, 1)

    def forward(self, x):  # (N, 4) -> distribution over (N,) actions, values (N,)
        x = self.affine(x)
        dist = Categorical(logits=self.action_head(x))
        return dist, self.value_head(x).squeeze(-1)


class Carts:
    """Several carts side by side; one that fell starts again."""

    def __init__(self, count, seed, limit):
        self.carts = [CartPole(seed + i, limit) for i in range(count)]
        self.states = [cart.reset() for cart in self.carts]
        self.lengths = []

    def step(self, actions):
        alive = []
        for i, (cart, action) in enumerate(zip(self.carts, actions)):
            self.states[i], _, done = cart.step(action)
            alive.append(0.0 if done else 1.0)
            if done:
                self.lengths.append(cart.steps)
                self.states[i] = cart.reset()
        return alive


def play(carts, model, steps, device):
    """What ``steps`` steps of every cart gave, each (T, N), and the next value (N,)."""
    log_probs, values, entropies, alive = [], [], [], []
    for _ in range(steps):
        dist, value = model(torch.tensor(carts.states, device=device))
        action = dist.sample()
        log_probs.append(dist.log_prob(action))
        values.append(value)
        entropies.append(dist.entropy())
        alive.append(carts.step(action.tolist()))
    with torch.no_grad():
        following = model(torch.tensor(carts.states, device=device))[1]
    stacked = [torch.stack(x) for x in (log_probs, values, entropies)]
    return *stacked, torch.tensor(alive, device=device), following


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=400, help="updates")
    parser.add_argument("--carts", type=int, default=16)
    parser.add_argument("--steps", type=int, default=16, help="of each cart an update")
    parser.add_argument("--gamma", type=float, default=0.99)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    carts = Carts(args.carts, args.seed, limit=500)
    model = Policy().to(args.device)
    optimizer = optim.Adam(model.parameters(), lr=args.lr)

    for _ in (bar := tqdm(range(args.epochs), unit="update")):
        log_probs, values, entropies, alive, R = play(
            carts, model, args.steps, args.device
        )
        returns = []
        for going in alive.flip(0):
            # In units of the value of never falling, so that values are at most 1.
            R = (1 - args.gamma) + args.gamma * R * going
            returns.append(R)
        returns = torch.stack(returns[::-1])
        advantage = returns - values.detach()
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-6)
        policy_loss = -(log_probs * advantage).mean()
        value_loss = F.smooth_l1_loss(values, returns)
        optimizer.zero_grad()
        (policy_loss + 0.5 * value_loss - 0.01 * entropies.mean()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        recent = carts.lengths[-20:] or [0]
        bar.set_postfix(length=f"{sum(recent) / len(recent):.0f}", refresh=False)
    recent = carts.lengths[-20:] or [0]
    mean = sum(recent) / len(recent)
    print(f"{len(carts.lengths)} episodes; the last: {mean:.1f} steps")
    draw_lengths(args.out / "actor_critic.png", carts.lengths or [0], "Actor–critic")
    print(f"lengths in {args.out / 'actor_critic.png'}")


if __name__ == "__main__":
    main()
