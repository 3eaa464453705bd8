"""What the steps written by hand in JAX share: parameters, layers, the update.

One `jax.jit` a step, Optax, donated parameters and state, the loss read every step.
"""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax

draw = np.random.default_rng(0)


def normal(*shape, scale=1.0):
    return jnp.asarray(draw.normal(size=shape) * scale, jnp.float32)


def uniform(*shape, bound):
    return jnp.asarray(draw.uniform(-bound, bound, shape), jnp.float32)


def integers(high, *shape, low=0):
    return jnp.asarray(draw.integers(low, high, shape), jnp.int32)


def dense(before, after):
    """Weight and bias of a linear layer."""
    bound = 1 / np.sqrt(before)
    return uniform(before, after, bound=bound), uniform(after, bound=bound)


def tower(*sizes):
    return [dense(n, m) for n, m in zip(sizes[:-1], sizes[1:], strict=True)]


def linear(layer, x):
    weight, bias = layer
    return x @ weight + bias


def through(params, x, activation=jax.nn.relu):
    """Linear layers with activations between them."""
    for layer in params[:-1]:
        x = activation(linear(layer, x))
    return linear(params[-1], x)


def cross_entropy(logits, labels):
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def layer_norm(layer, x):
    scale, bias = layer
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * scale + bias


def norm(width):
    return jnp.ones(width), jnp.zeros(width)


def dropout(key, x, rate):
    kept = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0)


def trainer(loss_of, optimizer, params, carry=()):
    """``step(*batch)`` for ``loss_of(params, carry, *batch) -> loss, carry``."""

    @functools.partial(jax.jit, donate_argnums=(0, 1, 2))
    def update(params, state, carry, *batch):
        derive = jax.value_and_grad(loss_of, has_aux=True)
        (loss, carry), grads = derive(params, carry, *batch)
        changes, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, changes), state, carry, loss

    held = [params, optimizer.init(params), carry]

    def step(*batch):
        held[0], held[1], held[2], loss = update(*held, *batch)
        return float(loss)

    return step


def without_carry(loss_of):
    """``loss_of(params, *batch)`` as ``trainer`` wants it."""
    return lambda params, carry, *batch: (loss_of(params, *batch), carry)
