"""Generative models by hand: generative.py vae | gan."""

import functools
import sys

import jax
import jax.numpy as jnp
import optax
from common import dense, linear, through, tower, trainer, uniform
from timing import measure


def vae(batch=128):
    def loss_of(params, key, x):
        key, drawn = jax.random.split(key)
        hidden = jax.nn.relu(linear(params["fc1"], x))
        mu, logvar = linear(params["fc21"], hidden), linear(params["fc22"], hidden)
        z = mu + jax.random.normal(drawn, mu.shape) * jnp.exp(0.5 * logvar)
        logits = linear(params["fc4"], jax.nn.relu(linear(params["fc3"], z)))
        bce = optax.sigmoid_binary_cross_entropy(logits, x).sum()
        kld = -0.5 * jnp.sum(1 + logvar - jnp.square(mu) - jnp.exp(logvar))
        return bce + kld, key

    sizes = {"fc1": (784, 400), "fc21": (400, 20), "fc22": (400, 20)}
    sizes |= {"fc3": (20, 400), "fc4": (400, 784)}
    params = {name: dense(*size) for name, size in sizes.items()}
    x = jnp.abs(uniform(batch, 784, bound=1))
    step = trainer(loss_of, optax.adam(1e-3), params, jax.random.key(0))
    measure(lambda: step(x))


leaky = functools.partial(jax.nn.leaky_relu, negative_slope=0.2)


def judged(params, x, label):
    logits = through(params, x, leaky)
    return optax.sigmoid_binary_cross_entropy(logits, label).mean()


def of_discriminator(params, real, fake):
    return judged(params, real, 1.0) + judged(params, fake, 0.0)


def gan(batch=128, code=64):
    """Both networks' updates are one program; the fakes are made once."""
    optimizer = optax.adam(2e-4, 0.5)
    real = uniform(batch, 784, bound=1)

    @functools.partial(jax.jit, donate_argnums=(0, 1, 2))
    def update(networks, states, key):
        key, drawn = jax.random.split(key)
        z = jax.random.normal(drawn, (batch, code))
        generator, discriminator = networks
        make = lambda g: jnp.tanh(through(g, z, leaky))  # noqa: E731
        fake, back = jax.vjp(make, generator)
        derive = jax.value_and_grad(of_discriminator)
        loss_d, grads = derive(discriminator, real, fake)
        changes, state_d = optimizer.update(grads, states[1])
        discriminator = optax.apply_updates(discriminator, changes)
        loss_g, of_fake = jax.value_and_grad(judged, 1)(discriminator, fake, 1.0)
        changes, state_g = optimizer.update(back(of_fake)[0], states[0])
        generator = optax.apply_updates(generator, changes)
        losses = jnp.stack([loss_d, loss_g])
        return (generator, discriminator), (state_g, state_d), key, losses

    networks = tower(code, 256, 256, 784), tower(784, 256, 256, 1)
    held = [networks, tuple(map(optimizer.init, networks)), jax.random.key(0)]

    def step():
        held[0], held[1], held[2], losses = update(*held)
        return losses.tolist()

    measure(step)


WORKLOADS = {"vae": vae, "gan": gan}
WORKLOADS[sys.argv[1]](*sys.argv[2:])
