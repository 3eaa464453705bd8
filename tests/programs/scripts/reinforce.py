"""REINFORCE on a cart and pole written here: Categorical policy, returns, baseline."""

import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.distributions import Categorical


class CartPole:
    """A pole on a cart, Euler steps of 20 ms; ends when it falls or leaves."""

    def reset(self):
        self.state = [random.uniform(-0.05, 0.05) for _ in range(4)]
        return self.state

    def step(self, action):
        x, v, angle, spin = self.state
        force = 10.0 if action == 1 else -10.0
        cos, sin = math.cos(angle), math.sin(angle)
        push = (force + 0.05 * spin**2 * sin) / 1.1
        turn = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos**2 / 1.1))
        acceleration = push - 0.05 * turn * cos / 1.1
        self.state = [
            x + 0.02 * v,
            v + 0.02 * acceleration,
            angle + 0.02 * spin,
            spin + 0.02 * turn,
        ]
        done = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 0.2095
        return self.state, 1.0, done


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.affine1 = nn.Linear(4, 64)
        self.dropout = nn.Dropout(p=0.1)
        self.affine2 = nn.Linear(64, 2)
        self.saved_log_probs, self.rewards = [], []

    def forward(self, x):
        x = F.relu(self.dropout(self.affine1(x)))
        return F.softmax(self.affine2(x), dim=1)


def select_action(state):
    state = torch.tensor(state, dtype=torch.float32).unsqueeze(0)
    m = Categorical(policy(state))
    action = m.sample()
    policy.saved_log_probs.append(m.log_prob(action))
    return action.item()


def finish_episode(gamma=0.99):
    R, returns = 0.0, []
    for r in policy.rewards[::-1]:
        R = r + gamma * R
        returns.insert(0, R)
    returns = torch.tensor(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-6)
    loss = [-p * R for p, R in zip(policy.saved_log_probs, returns, strict=True)]
    optimizer.zero_grad()
    loss = torch.cat(loss).sum()  # near zero: the returns have mean zero
    loss.backward()
    optimizer.step()
    surprise = -torch.cat(policy.saved_log_probs).mean()
    del policy.rewards[:]
    del policy.saved_log_probs[:]
    return surprise.item(), nn.utils.get_total_norm(grads()).item()


def grads():
    return [p.grad for p in policy.parameters()]


random.seed(543)
torch.manual_seed(543)
env, policy = CartPole(), Policy()
optimizer = optim.Adam(policy.parameters(), lr=3e-3, eps=1e-3)
for episode in range(6):
    state = env.reset()
    for _t in range(1, 60):
        action = select_action(state)
        state, reward, done = env.step(action)
        policy.rewards.append(reward)
        if done:
            break
    surprise, norm = finish_episode()
    print(f"step {episode} surprise {surprise:.6f} gradient {norm:.5f}")
    print(f"episode {episode} length {_t}")
print([tuple(p.shape) for p in policy.parameters()])
