"""Advantage actor–critic with a Normal policy: push a point mass to the origin."""

import torch
from torch import nn
from torch.distributions import Normal, kl_divergence


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 32), nn.Tanh())
        self.mean = nn.Linear(32, 1)
        self.log_std = nn.Parameter(torch.full((1,), -0.5))
        self.value = nn.Linear(32, 1)

    def forward(self, state):
        h = self.body(state)
        return Normal(self.mean(h), self.log_std.exp()), self.value(h).squeeze(-1)


def rollout(model, length=12, batch=32):
    state = torch.randn(batch, 2)
    log_probs, values, rewards, entropy = [], [], [], 0.0
    for _ in range(length):
        dist, value = model(state)
        action = dist.sample()
        log_probs.append(dist.log_prob(action).sum(-1))
        entropy = entropy + dist.entropy().mean()
        velocity = state[:, 1:] + 0.1 * action.clamp(-2, 2)
        position = state[:, :1] + 0.1 * velocity
        state = torch.cat([position, velocity], dim=1).detach()
        values.append(value)
        rewards.append(-(position**2 + 0.1 * velocity**2).squeeze(1).detach())
    return log_probs, values, rewards, entropy / length


torch.manual_seed(0)
model = ActorCritic()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(25):
    log_probs, values, rewards, entropy = rollout(model)
    returns, running = [], torch.zeros(32)
    for reward in reversed(rewards):
        running = reward + 0.95 * running
        returns.append(running)
    returns = torch.stack(returns[::-1])
    values, log_probs = torch.stack(values), torch.stack(log_probs)
    advantage = returns - values.detach()
    advantage = (advantage - advantage.mean()) / advantage.std()
    policy_loss = -(log_probs * advantage).mean()
    value_loss = nn.functional.smooth_l1_loss(values, returns)
    optimizer.zero_grad()
    (policy_loss + 0.5 * value_loss - 0.01 * entropy).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    print(f"step {step} value {value_loss.item():.6f} entropy {entropy.item():.6f}")
dist, value = model(torch.zeros(1, 2))
prior = Normal(torch.zeros(1, 1), torch.ones(1))
print(f"step end kl {kl_divergence(dist, prior).item():.6f}")
print(tuple(dist.rsample((3,)).shape), dist.batch_shape, value.shape)
