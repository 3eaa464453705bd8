"""REINFORCE on a pole to balance: an episode of 50 actions, each read by ``.item()``."""

import math

import torch
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.distributions import Categorical

LENGTH = 50

torch.manual_seed(0)
policy = prepare(
    nn.Sequential(nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 2), nn.Softmax(-1))
)
optimizer = optim.Adam(policy.parameters(), lr=1e-3)


def act(state, action):
    """The cart and its pole a fiftieth of a second later; the reward."""
    x, speed, angle, turning = state
    force = 10.0 if action else -10.0
    push = (force + 0.05 * turning**2 * math.sin(angle)) / 1.1
    bend = 9.8 * math.sin(angle) - math.cos(angle) * push
    bend /= 0.5 * (4 / 3 - 0.1 * math.cos(angle) ** 2 / 1.1)
    pull = push - 0.05 * bend * math.cos(angle) / 1.1
    new = x + 0.02 * speed, speed + 0.02 * pull, angle + 0.02 * turning
    fell = abs(new[2]) > 0.2
    return (0.0, 0.0, 0.0, 0.0) if fell else (*new, turning + 0.02 * bend), 1.0 - fell


def returns(rewards):
    total, found = 0.0, []
    for reward in reversed(rewards):
        total = reward + 0.99 * total
        found.insert(0, total)
    found = torch.tensor(found, device=DEVICE)
    return (found - found.mean()) / (found.std() + 1e-6)


def step():
    state, chances, rewards = (0.0, 0.0, 0.0, 0.0), [], []
    for _ in range(LENGTH):
        chosen = Categorical(policy(torch.tensor(state, device=DEVICE)))
        action = chosen.sample()
        chances.append(chosen.log_prob(action))
        state, reward = act(state, action.item())
        rewards.append(reward)
    loss = -(torch.stack(chances) * returns(rewards)).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


measure(step)
