"""Dense networks by hand: dense.py WORKLOAD ARGUMENTS, named like the scripts."""

import functools
import sys

import jax
import jax.numpy as jnp
import optax
from common import (
    cross_entropy,
    integers,
    normal,
    through,
    tower,
    trainer,
    without_carry,
)
from timing import measure


def mean_squared(params, x, y):
    return jnp.mean(jnp.square(through(params, x) - y))


def classified(params, x, y):
    return cross_entropy(through(params, x), y)


def train(loss_of, optimizer, params, x, y):
    step = trainer(without_carry(loss_of), optimizer, params)
    measure(lambda: step(x, y))


def tour():
    x = jnp.asarray([[1.0], [2.0], [3.0]])
    train(mean_squared, optax.sgd(0.01, momentum=0.9), tower(1, 1), x, 2 * x)


def mlp(depth):
    params = tower(*[64] * (int(depth) + 1), 1)
    optimizer = optax.sgd(0.01, momentum=0.9)
    train(mean_squared, optimizer, params, normal(64, 64), normal(64, 1))


def mlp_adam(width, batch):
    params = tower(784, int(width), int(width), 10)
    x, y = normal(int(batch), 784), integers(10, int(batch))
    train(classified, optax.adam(1e-3), params, x, y)


def accumulation(micro=8, batch=16):
    """The micro-batches are a scan inside of the step."""
    optimizer = optax.adamw(1e-3, weight_decay=0.01)
    x, y = normal(micro, batch, 256), integers(10, micro, batch)

    @functools.partial(jax.jit, donate_argnums=(0, 1))
    def update(params, state):
        def add(sums, pair):
            found = jax.value_and_grad(classified)(params, *pair)
            return jax.tree.map(lambda s, f: s + f / micro, sums, found), None

        zeros = jnp.zeros(()), jax.tree.map(jnp.zeros_like, params)
        (loss, grads), _ = jax.lax.scan(add, zeros, (x, y))
        changes, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, changes), state, loss

    params = tower(256, 512, 512, 10)
    held = [params, optimizer.init(params)]

    def step():
        held[0], held[1], loss = update(*held)
        return float(loss)

    measure(step)


def inference_mlp():
    params, x = tower(784, 256, 256, 10), normal(1, 784)
    answer = jax.jit(lambda params, x: through(params, x).argmax(1)[0])
    measure(lambda: int(answer(params, x)))


WORKLOADS = {
    "tour": tour,
    "mlp": mlp,
    "mlp_adam": mlp_adam,
    "accumulation": accumulation,
    "inference": lambda kind: inference_mlp(),
}
WORKLOADS[sys.argv[1]](*sys.argv[2:])
