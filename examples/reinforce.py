"""REINFORCE: a policy network learns to balance a pole on a cart.

    python -m torchlike examples/reinforce.py --out demo
    python examples/reinforce.py                   # the same script on PyTorch

An epoch is one episode.
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
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 128)
        self.dropout = nn.Dropout(p=0.3)
        self.affine2 = nn.Linear(128, 2)

    def forward(self, x):  # (N, 4) -> probabilities (N, 2)
        x = F.relu(self.dropout(self.affine1(x)))
        return F.softmax(self.affine2(x), dim=1)


def play(env, policy, device):
    """One episode: the log-probabilities of what was done, and the rewards."""
    state, done, log_probs, rewards = env.reset(), False, [], []
    while not done:
        probs = policy(torch.tensor([state], device=device))
        m = Categorical(probs)
        action = m.sample()
        log_probs.append(m.log_prob(action))
        state, reward, done = env.step(action.item())
        rewards.append(reward)
    return log_probs, rewards


def returns_of(rewards, gamma):
    """Discounted returns, centred and scaled."""
    R, returns = 0.0, []
    for r in reversed(rewards):
        R = r + gamma * R
        returns.append(R)
    returns = torch.tensor(returns[::-1])
    return (returns - returns.mean()) / (returns.std() + 1e-6)


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
        log_probs, rewards = play(env, policy, args.device)
        returns = returns_of(rewards, args.gamma).to(args.device)
        loss = -(torch.cat(log_probs) * returns).sum()
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
