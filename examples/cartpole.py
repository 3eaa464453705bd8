"""A pole on a cart, for the reinforcement-learning examples.

The equations are those of Barto, Sutton and Anderson (1983), with Euler steps of 20 ms.
"""

import math
import random

GRAVITY, CART, POLE, HALF = 9.8, 1.0, 0.1, 0.5  # m/s², kg, kg, m


class CartPole:
    """State: position (m), speed (m/s), angle (rad), angular speed (rad/s)."""

    def __init__(self, seed=0, limit=500):
        self.random, self.limit = random.Random(seed), limit

    def reset(self):
        self.steps = 0
        self.state = [self.random.uniform(-0.05, 0.05) for _ in range(4)]
        return list(self.state)

    def step(self, action):
        """Push right (1) or left (0): the next state, the reward, is it over?"""
        x, speed, angle, spin = self.state
        force = 10.0 if action == 1 else -10.0
        cos, sin, mass = math.cos(angle), math.sin(angle), CART + POLE
        push = (force + POLE * HALF * spin**2 * sin) / mass
        turn = (GRAVITY * sin - cos * push) / (HALF * (4 / 3 - POLE * cos**2 / mass))
        pull = push - POLE * HALF * turn * cos / mass
        self.state = [
            x + 0.02 * speed,
            speed + 0.02 * pull,
            angle + 0.02 * spin,
            spin + 0.02 * turn,
        ]
        self.steps += 1
        fallen = abs(self.state[0]) > 2.4 or abs(self.state[2]) > math.radians(12)
        return list(self.state), 1.0, fallen or self.steps >= self.limit


def draw_lengths(path, lengths, title):
    """The length of every episode and its running mean, as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    running = [lengths[0]]
    for length in lengths[1:]:
        running.append(0.95 * running[-1] + 0.05 * length)
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    axes.plot(lengths, linewidth=0.6, alpha=0.5, label="episode")
    axes.plot(running, linewidth=2, label="running mean")
    axes.set(title=title, xlabel="episode", ylabel="steps until the pole falls")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)
