"""REINFORCE: an episode of 50 actions, each read by ``.item()``, and an update."""

import torch
from pole import act
from timing import DEVICE, measure, prepare
from torch import nn, optim
from torch.distributions import Categorical

LENGTH = 50

torch.manual_seed(0)
policy = prepare(
    nn.Sequential(nn.Linear(4, 128), nn.ReLU(), nn.Linear(128, 2), nn.Softmax(-1))
)
optimizer = optim.Adam(policy.parameters(), lr=1e-3)


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
