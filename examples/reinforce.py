"""REINFORCE: a policy network learns to balance a pole on a cart.

    python -m torchlike examples/reinforce.py --out demo
    python examples/reinforce.py                   # the same script on PyTorch

An epoch is one episode.
"""

import argparse
import statistics
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from cartpole import CartPole, draw_lengths
from torch.distributions import Categorical
from tqdm import tqdm


class Policy(nn.Module):
    def __init__(self, width=128):
        super().__init__()
        self.affine1 = nn.Linear(4, width)
        self.affine2 = nn.Linear(width, 2)

    def forward(self, x):  # (N, 4) -> distribution over (N,) actions
        return Categorical(logits=self.affine2(F.relu(self.affine1(x))))


@torch.no_grad()
def play(env, policy, device):
    """One episode: the states, what was done in them, and the rewards."""
    state, done, states, actions, rewards = env.reset(), False, [], [], []
    while not done:
        states.append(state)
        actions.append(policy(torch.tensor([state], device=device)).sample().item())
        state, reward, done = env.step(actions[-1])
        rewards.append(reward)
    return states, actions, rewards


def returns_of(rewards, gamma):
    """Discounted returns, centred and scaled."""
    R, returns = 0.0, []
    for r in reversed(rewards):
        R = r + gamma * R
        returns.append(R)
    mean, std = statistics.mean(returns), statistics.stdev(returns)
    return [(R - mean) / (std + 1e-6) for R in reversed(returns)]


def padded(rows, count, like, device):
    """A tensor of ``count`` rows: ``rows``, then ``like`` as often as is missing."""
    return torch.tensor(rows + [like] * (count - len(rows)), device=device)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=300, help="episodes")
    parser.add_argument("--gamma", type=float, default=0.99)
    parser.add_argument("--lr", type=float, default=1e-2)
    parser.add_argument("--limit", type=int, default=300, help="steps an episode")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=543)
    parser.add_argument("--out", type=Path, default=Path("demo"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    env = CartPole(args.seed, args.limit)
    policy = Policy().to(args.device)
    optimizer = optim.Adam(policy.parameters(), lr=args.lr)

    lengths, running = [], 10.0
    for _ in (bar := tqdm(range(args.epochs), unit="episode")):
        states, actions, rewards = play(env, policy, args.device)
        # Every episode is as long as the longest, with returns of 0 behind its end:
        # one shape is one program.
        returns = returns_of(rewards, args.gamma)
        returns = padded(returns, args.limit, 0.0, args.device)
        actions = padded(actions, args.limit, 0, args.device)
        states = padded(states, args.limit, [0.0] * 4, args.device)
        loss = -(policy(states).log_prob(actions) * returns).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        lengths.append(len(rewards))
        running = 0.95 * running + 0.05 * lengths[-1]
        bar.set_postfix(length=lengths[-1], running=f"{running:.1f}", refresh=False)
        if running > 0.9 * args.limit:
            break
    print(f"{len(lengths)} episodes, running mean {running:.1f} steps")
    draw_lengths(args.out / "reinforce.png", lengths, "REINFORCE on CartPole")
    print(f"lengths in {args.out / 'reinforce.png'}")


if __name__ == "__main__":
    main()
