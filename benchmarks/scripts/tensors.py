"""No network: heat on a plate of 128 × 128, 20 steps in place, borders by slices."""

import torch
from timing import DEVICE, measure

torch.manual_seed(0)
plate = torch.rand(128, 128, device=DEVICE)
history = torch.zeros(64, 128, device=DEVICE)
count = 0


def advance():
    inner = plate[1:-1, 1:-1]
    around = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
    inner += 0.2 * (around - 4 * inner)
    plate[0] = 1.0
    plate[-1] = 0.0
    plate[:, 0] = plate[:, 1]
    plate[:, -1] = plate[:, -2]
    plate.clamp_(0.0, 1.0)


def step():
    global count
    for _ in range(20):
        advance()
    history[count % 64] = plate.mean(0)
    count += 1
    return history.sum().item()


measure(step)
