"""Convolutions by hand, channels last: pictures.py digits | resnet | inference."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax
from common import (
    cross_entropy,
    dense,
    dropout,
    integers,
    linear,
    norm,
    normal,
    trainer,
    uniform,
)
from timing import measure

LAYOUT = ("NHWC", "HWIO", "NHWC")


def kernel(before, after, size):
    bound = 1 / np.sqrt(before * size * size)
    return uniform(size, size, before, after, bound=bound)


def convolve(weight, x, stride=1):
    pad = weight.shape[0] // 2
    return jax.lax.conv_general_dilated(
        x, weight, (stride, stride), [(pad, pad)] * 2, dimension_numbers=LAYOUT
    )


def batch_norm(layer, kept, x):
    """Normalised by the batch, and the running statistics that follow."""
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    scale, bias = layer
    y = (x - mean) * (jax.lax.rsqrt(variance + 1e-5) * scale) + bias
    count = x.size // x.shape[-1]
    mean, variance = jax.lax.stop_gradient((mean, variance * count / (count - 1)))
    return y, (0.9 * kept[0] + 0.1 * mean, 0.9 * kept[1] + 0.1 * variance)


def statistics(width):
    return jnp.zeros(width), jnp.ones(width)


def max_pool(x):
    window = (1, 2, 2, 1)
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")


def digits():
    params = {
        "convolutions": [(kernel(1, 32, 3), jnp.zeros(32), norm(32))]
        + [(kernel(32, 64, 3), jnp.zeros(64), norm(64))],
        "head": dense(64 * 4 * 4, 10),
    }
    images, labels = uniform(64, 8, 8, 1, bound=1), integers(10, 64)

    def loss_of(params, carry, x, y):
        kept, key = carry
        key, drawn = jax.random.split(key)
        new = []
        for (weight, bias, bn), old in zip(params["convolutions"], kept, strict=True):
            x, found = batch_norm(bn, old, convolve(weight, x) + bias)
            x = jax.nn.relu(x)
            new.append(found)
        x = dropout(drawn, max_pool(x).reshape(len(x), -1), 0.25)
        return cross_entropy(linear(params["head"], x), y), (new, key)

    carry = [statistics(32), statistics(64)], jax.random.key(0)
    step = trainer(loss_of, optax.adamw(0.005, weight_decay=0.01), params, carry)
    measure(lambda: step(images, labels))


STRIDES = (1, 1, 2, 1, 2, 1, 2, 1)
WIDTHS = (64, 64, 128, 128, 256, 256, 512, 512)


def resnet18():
    """Parameters, running statistics."""
    params, kept, before = [(kernel(3, 64, 3), norm(64))], [statistics(64)], 64
    for stride, after in zip(STRIDES, WIDTHS, strict=True):
        params += [(kernel(before, after, 3), norm(after))]
        params += [(kernel(after, after, 3), norm(after))]
        params += [(kernel(before, after, 1), norm(after))] * (stride > 1)
        kept += [statistics(after) for _ in range(2 + (stride > 1))]
        before = after
    return (params, dense(512, 10)), kept


def resnet_loss(params, kept, x, y):
    layers, head = params
    pairs, new = iter(zip(layers, kept, strict=True)), []

    def layer(x, stride=1):
        (weight, bn), old = next(pairs)
        x, found = batch_norm(bn, old, convolve(weight, x, stride))
        new.append(found)
        return x

    x = jax.nn.relu(layer(x))
    for stride in STRIDES:
        z = layer(jax.nn.relu(layer(x, stride)))
        x = jax.nn.relu(z + (layer(x, stride) if stride > 1 else x))
    return cross_entropy(linear(head, x.mean((1, 2))), y), new


def resnet(batch):
    params, kept = resnet18()
    images, labels = normal(int(batch), 32, 32, 3), integers(10, int(batch))
    optimizer = optax.chain(
        optax.add_decayed_weights(5e-4), optax.sgd(0.01, momentum=0.9)
    )
    step = trainer(resnet_loss, optimizer, params, kept)
    measure(lambda: step(images, labels))


def inference_cnn():
    shapes = [(1, 16), (16, 32)]
    layers = [
        (kernel(n, m, 3), jnp.zeros(m), norm(m), statistics(m)) for n, m in shapes
    ]
    params, x = (layers, dense(32 * 7 * 7, 10)), normal(1, 28, 28, 1)

    @jax.jit
    def answer(params, x):
        for weight, bias, (scale, shift), (mean, variance) in params[0]:
            factor = jax.lax.rsqrt(variance + 1e-5) * scale
            x = (convolve(weight, x) + bias - mean) * factor + shift
            x = max_pool(jax.nn.relu(x))
        return linear(params[1], x.reshape(1, -1)).argmax(1)[0]

    measure(lambda: int(answer(params, x)))


WORKLOADS = {
    "digits": digits,
    "resnet": resnet,
    "inference": lambda kind: inference_cnn(),
}
WORKLOADS[sys.argv[1]](*sys.argv[2:])
