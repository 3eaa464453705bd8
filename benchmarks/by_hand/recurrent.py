"""Recurrent networks by hand: recurrent.py lstm | cells. A scan over the time."""

import sys

import jax
import jax.numpy as jnp
import optax
from common import (
    cross_entropy,
    dense,
    integers,
    linear,
    normal,
    trainer,
    uniform,
    without_carry,
)
from timing import measure


def layer(before, width):
    """Weights from the input and from the state, and the bias."""
    weight, bias = dense(before, 4 * width)
    return weight, bias, uniform(width, 4 * width, bound=width**-0.5)


def run(layer, x, state):
    """An LSTM layer over (T, N, C); the inputs' share is one product for all times."""
    weight, bias, recurrent = layer

    def cell(state, given):
        hidden, memory = state
        i, f, g, o = jnp.split(given + hidden @ recurrent, 4, axis=-1)
        memory = jax.nn.sigmoid(f) * memory + jax.nn.sigmoid(i) * jnp.tanh(g)
        hidden = jax.nn.sigmoid(o) * jnp.tanh(memory)
        return (hidden, memory), hidden

    return jax.lax.scan(cell, state, x @ weight + bias)


def lstm(vocabulary=1000, width=256, length=35, batch=20):
    def loss_of(params, states, x, y):
        x, new = params["encoder"][x], []
        for layer, state in zip(params["layers"], states, strict=True):
            state, x = run(layer, x, state)
            new.append(state)
        return cross_entropy(linear(params["decoder"], x), y), new

    params = {
        "encoder": normal(vocabulary, width),
        "layers": [layer(width, width) for _ in range(2)],
        "decoder": dense(width, vocabulary),
    }
    text = integers(vocabulary, length + 1, batch)
    x, y = jnp.array(text[:-1]), jnp.array(text[1:])
    zero = lambda: jnp.zeros((batch, width))  # noqa: E731
    states = [(zero(), zero()) for _ in range(2)]
    optimizer = optax.chain(optax.clip_by_global_norm(0.25), optax.sgd(1.0))
    step = trainer(loss_of, optimizer, params, states)
    measure(lambda: step(x, y))


def cells(length=100, batch=16, width=64):
    def loss_of(params, x, y):
        zeros = jnp.zeros((batch, width))
        (hidden, _), _ = run(params, x, (zeros, zeros))
        return jnp.square(hidden - y).mean()

    x, y = normal(length, batch, width), normal(batch, width)
    optimizer = optax.adam(1e-3)
    step = trainer(without_carry(loss_of), optimizer, layer(width, width))
    measure(lambda: step(x, y))


WORKLOADS = {"lstm": lstm, "cells": cells}
WORKLOADS[sys.argv[1]](*sys.argv[2:])
