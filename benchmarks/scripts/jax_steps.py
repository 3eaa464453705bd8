"""The same steps written by hand in JAX: jax_steps.py tour | mlp DEPTH | mlp_adam.

One `jax.jit` a step, Optax, donated parameters and state, the loss read every step.
"""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
from timing import measure


def init(sizes):
    """Weights and biases of a tower of linear layers."""
    draw = np.random.default_rng(0)
    scale = [1 / np.sqrt(n) for n in sizes[:-1]]
    return [
        (
            jnp.asarray(draw.uniform(-s, s, (n, m)), jnp.float32),
            jnp.asarray(draw.uniform(-s, s, m), jnp.float32),
        )
        for s, n, m in zip(scale, sizes[:-1], sizes[1:], strict=True)
    ]


def apply(params, x):
    for weight, bias in params[:-1]:
        x = jax.nn.relu(x @ weight + bias)
    weight, bias = params[-1]
    return x @ weight + bias


def mean_squared(params, x, y):
    return jnp.mean(jnp.square(apply(params, x) - y))


def cross_entropy(params, x, y):
    logits = apply(params, x)
    return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()


def train(loss_of, optimizer, params, x, y):
    def update(params, state):
        loss, grads = jax.value_and_grad(loss_of)(params, x, y)
        changes, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, changes), state, loss

    compiled = jax.jit(update, donate_argnums=(0, 1))
    held = [params, optimizer.init(params)]

    def step():
        held[0], held[1], loss = compiled(*held)
        return float(loss)

    measure(step)


def main(name, *args):
    normal = np.random.default_rng(1).normal
    if name == "mlp_adam":
        x = jnp.asarray(normal(size=(128, 784)), jnp.float32)
        y = jnp.asarray(np.arange(128) % 10)
        train(cross_entropy, optax.adam(1e-3), init([784, 512, 512, 10]), x, y)
        return
    if name == "tour":
        sizes, x = [1, 1], jnp.asarray([[1.0], [2.0], [3.0]])
        y = 2 * x
    else:
        sizes = [64] * (int(args[0]) + 1) + [1]
        x = jnp.asarray(normal(size=(64, 64)), jnp.float32)
        y = jnp.asarray(normal(size=(64, 1)), jnp.float32)
    train(mean_squared, optax.sgd(0.01, momentum=0.9), init(sizes), x, y)


main(*sys.argv[1:])
