"""Deep Q-learning on a grid: replay memory, target network, Huber loss."""

import random
from collections import deque, namedtuple

import torch
import torch.nn as nn

Transition = namedtuple("Transition", ("state", "action", "next_state", "reward"))
SIZE, GOAL = 4, (3, 3)
MOVES = [(0, 1), (0, -1), (1, 0), (-1, 0)]


def encode(cell):
    state = torch.zeros(SIZE * SIZE)
    state[cell[0] * SIZE + cell[1]] = 1.0
    return state


def act(cell, action):
    row = min(max(cell[0] + MOVES[action][0], 0), SIZE - 1)
    column = min(max(cell[1] + MOVES[action][1], 0), SIZE - 1)
    return (row, column), (1.0 if (row, column) == GOAL else -0.05)


def optimize_model():
    batch = Transition(*zip(*random.sample(memory, 32), strict=True))
    non_final = torch.tensor([s is not None for s in batch.next_state])
    next_states = torch.zeros(32, SIZE * SIZE)
    next_states[non_final] = torch.stack([s for s in batch.next_state if s is not None])
    values = policy(torch.stack(batch.state)).gather(1, torch.cat(batch.action))
    with torch.no_grad():
        future = target(next_states).max(1).values * non_final
    expected = future * 0.95 + torch.cat(batch.reward)
    loss = criterion(values, expected.unsqueeze(1))
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(policy.parameters(), 100)
    optimizer.step()
    weights, own = target.state_dict(), policy.state_dict()
    for key in own:
        weights[key] = own[key] * 0.1 + weights[key] * 0.9
    target.load_state_dict(weights)
    return loss.item()


random.seed(1)
torch.manual_seed(1)
policy = nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Linear(24, 4))
target = nn.Sequential(nn.Linear(16, 24), nn.ReLU(), nn.Linear(24, 4))
target.load_state_dict(policy.state_dict())
criterion = nn.SmoothL1Loss()
optimizer = torch.optim.AdamW(policy.parameters(), lr=5e-3, amsgrad=True)
memory = deque(maxlen=500)
cell, step = (0, 0), 0
for t in range(75):
    state = encode(cell)
    if random.random() < 0.3:
        action = torch.tensor([[random.randrange(4)]])
    else:
        with torch.no_grad():
            action = policy(state).max(0).indices.view(1, 1)
    cell, reward = act(cell, action.item())
    done = cell == GOAL
    following = None if done else encode(cell)
    memory.append(Transition(state, action, following, torch.tensor([reward])))
    if done:
        cell = (0, 0)
    if len(memory) >= 40:
        print(f"step {step} loss {optimize_model():.7f}")
        step += 1
print(len(memory), "transitions;", sum(m.next_state is None for m in memory), "goals")
