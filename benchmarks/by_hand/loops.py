"""Loops in Python, by hand: loops.py reinforce | tensors | epoch KIND | lengths."""

import functools
import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
from common import (
    cross_entropy,
    dense,
    draw,
    linear,
    normal,
    through,
    tower,
    trainer,
    without_carry,
)
from pole import act
from timing import measure


def reinforce(length=50):
    """Actions are drawn by one program, the update is another, over all states."""

    @jax.jit
    def choose(params, state, key):
        key, drawn = jax.random.split(key)
        return jax.random.categorical(drawn, through(params, state)), key

    def loss_of(params, states, actions, rewards):
        discount = lambda total, reward: (reward + 0.99 * total,) * 2  # noqa: E731
        _, found = jax.lax.scan(discount, 0.0, rewards, reverse=True)
        found = (found - found.mean()) / (found.std(ddof=1) + 1e-6)
        chances = jax.nn.log_softmax(through(params, states))
        chosen = jnp.take_along_axis(chances, actions[:, None], 1)[:, 0]
        return -(chosen * found).sum()

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def update(params, state, *episode):
        loss, grads = jax.value_and_grad(loss_of)(params, *episode)
        changes, state = optimizer.update(grads, state)
        return optax.apply_updates(params, changes), state, loss

    optimizer = optax.adam(1e-3)
    params = tower(4, 128, 2)
    held = [params, optimizer.init(params)]
    key = jax.random.key(0)

    def step():
        nonlocal key
        state, states, actions, rewards = (0.0, 0.0, 0.0, 0.0), [], [], []
        for _ in range(length):
            states.append(state)
            action, key = choose(held[0], np.asarray(state, np.float32), key)
            actions.append(int(action))
            state, reward = act(state, actions[-1])
            rewards.append(reward)
        episode = np.float32(states), np.int32(actions), np.float32(rewards)
        held[0], held[1], loss = update(*held, *episode)
        return float(loss)

    measure(step)


def tensors():
    def advance(_, plate):
        inner = plate[1:-1, 1:-1]
        around = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
        plate = plate.at[1:-1, 1:-1].add(0.2 * (around - 4 * inner))
        plate = plate.at[0].set(1.0).at[-1].set(0.0)
        plate = plate.at[:, 0].set(plate[:, 1]).at[:, -1].set(plate[:, -2])
        return plate.clip(0.0, 1.0)

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def run(plate, history, count):
        plate = jax.lax.fori_loop(0, 20, advance, plate)
        history = history.at[count % 64].set(plate.mean(0))
        return plate, history, history.sum()

    held = [jnp.asarray(draw.random((128, 128)), jnp.float32), jnp.zeros((64, 128)), 0]

    def step():
        held[0], held[1], total = run(*held)
        held[2] += 1
        return float(total)

    measure(step)


def epoch(kind, count=2048, batch=64):
    """Batches are cut, or stacked from items, by NumPy."""
    rows = draw.random((count, 64), np.float32)
    labels = draw.integers(0, 10, count)

    def item(index):
        return rows[index] * 2 - 1, labels[index]

    def batches():
        order = draw.permutation(count)
        for chosen in order.reshape(-1, batch):
            if kind == "tensors":
                yield rows[chosen], labels[chosen]
            else:
                yield tuple(map(np.stack, zip(*map(item, chosen), strict=True)))

    def loss_of(params, x, y):
        return cross_entropy(through(params, x), y)

    update = trainer(without_carry(loss_of), optax.adam(1e-3), tower(64, 128, 10))
    measure(lambda: sum(update(x, y) for x, y in batches()) / (count // batch))


def lengths(vocabulary=1000, width=64, batch=16, count=64):
    """Batches are padded to a multiple of 16 words, so that there are two shapes."""

    def loss_of(params, tokens, labels):
        x = jnp.tanh(linear(params["hidden"], params["embedding"][tokens]))
        score = linear(params["score"], x)[..., 0]
        score = jnp.where(tokens == 0, -jnp.inf, score)
        x = (jax.nn.softmax(score)[..., None] * x).sum(1)
        return cross_entropy(linear(params["head"], x), labels)

    def padded(number):
        longest = 33 + number * 7 % 32
        found = np.zeros((batch, -(-longest // 16) * 16), np.int32)
        sizes = [longest, *draw.integers(5, longest, batch - 1)]
        for row, size in zip(found, sizes, strict=True):
            row[:size] = draw.integers(1, vocabulary, size)
        return jnp.asarray(found)

    params = {
        "embedding": normal(vocabulary, width),
        "hidden": dense(width, 2 * width),
        "score": dense(2 * width, 1),
        "head": dense(2 * width, 4),
    }
    batches = [padded(number) for number in range(count)]
    labels = jnp.asarray(draw.integers(0, 4, batch))
    update = trainer(without_carry(loss_of), optax.adam(1e-3), params)
    met = 0

    def step():
        nonlocal met
        met += 1
        return update(batches[(met - 1) % count], labels)

    measure(step, at_least=count)


WORKLOADS = {
    "reinforce": reinforce,
    "tensors": tensors,
    "epoch": epoch,
    "lengths": lengths,
}
WORKLOADS[sys.argv[1]](*sys.argv[2:])
