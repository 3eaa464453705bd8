"""A pole to balance on a cart, in plain Python: what REINFORCE plays."""

import math


def act(state, action):
    """The cart and its pole a fiftieth of a second later, and the reward."""
    x, speed, angle, turning = state
    force = 10.0 if action else -10.0
    push = (force + 0.05 * turning**2 * math.sin(angle)) / 1.1
    bend = 9.8 * math.sin(angle) - math.cos(angle) * push
    bend /= 0.5 * (4 / 3 - 0.1 * math.cos(angle) ** 2 / 1.1)
    pull = push - 0.05 * bend * math.cos(angle) / 1.1
    new = x + 0.02 * speed, speed + 0.02 * pull, angle + 0.02 * turning
    fell = abs(new[2]) > 0.2
    return (0.0, 0.0, 0.0, 0.0) if fell else (*new, turning + 0.02 * bend), 1.0 - fell
