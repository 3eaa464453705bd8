"""Transformers by hand: transformers.py gpt nano | small | large [bf16], or encoder."""

import sys

import jax
import jax.numpy as jnp
import optax
from common import (
    cross_entropy,
    dense,
    dropout,
    integers,
    layer_norm,
    linear,
    norm,
    normal,
    trainer,
    without_carry,
)
from timing import DEVICE, measure

GPTS = {
    "nano": (4, 128, 4, 8, 128, 65),
    "small": (6, 384, 6, 2, 256, 65),
    "large": (6, 768, 12, 8, 512, 50_304),
}


def in_type(dtype):
    """A linear layer that computes in ``dtype``, as autocast has it."""

    def product(layer, x):
        weight, bias = layer
        return x.astype(dtype) @ weight.astype(dtype) + bias.astype(dtype)

    return product


def block(width):
    return {
        "ln_1": norm(width),
        "qkv": (normal(width, 3 * width, scale=0.02), jnp.zeros(3 * width)),
        "proj": (normal(width, width, scale=0.02), jnp.zeros(width)),
        "ln_2": norm(width),
        "up": (normal(width, 4 * width, scale=0.02), jnp.zeros(4 * width)),
        "down": (normal(4 * width, width, scale=0.02), jnp.zeros(width)),
    }


def gpt(size, *options):
    layers, width, heads, batch, length, vocabulary = GPTS[size]
    dtype = jnp.bfloat16 if "bf16" in options else jnp.float32
    kernel = "cudnn" if dtype == jnp.bfloat16 and DEVICE == "cuda" else None
    linear = in_type(dtype)

    def attention(layer, x):
        n, t, c = x.shape
        q, k, v = jnp.split(linear(layer["qkv"], x), 3, axis=-1)
        q, k, v = (y.reshape(n, t, heads, -1) for y in (q, k, v))
        y = jax.nn.dot_product_attention(q, k, v, is_causal=True, implementation=kernel)
        return linear(layer["proj"], y.reshape(n, t, c))

    def loss_of(params, x, y):
        h = params["wte"][x] + params["wpe"]
        for layer in params["blocks"]:
            h = h + attention(layer, layer_norm(layer["ln_1"], h))
            up = linear(layer["up"], layer_norm(layer["ln_2"], h))
            h = h + linear(layer["down"], jax.nn.gelu(up, approximate=False))
        h = layer_norm(params["ln_f"], h).astype(dtype)
        logits = h @ params["wte"].T.astype(dtype)
        return cross_entropy(logits.astype(jnp.float32), y)

    params = {
        "wte": normal(vocabulary, width, scale=0.02),
        "wpe": normal(length, width, scale=0.02),
        "blocks": [block(width) for _ in range(layers)],
        "ln_f": norm(width),
    }
    decayed = jax.tree.map(lambda p: p.ndim > 1, params)
    optimizer = optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.adamw(1e-3, 0.9, 0.95, weight_decay=0.1, mask=decayed),
    )
    tokens = integers(vocabulary, batch, length + 1)
    x, y = jnp.array(tokens[:, :-1]), jnp.array(tokens[:, 1:])
    step = trainer(without_carry(loss_of), optimizer, params)
    measure(lambda: step(x, y))


def encoder(vocabulary=1000, width=128, length=32, batch=32, heads=4, rate=0.1):
    def attend(key, layer, x):
        """Written out, as the attention's weights are dropped too."""
        n, t, c = x.shape
        q, k, v = jnp.split(linear(layer["qkv"], x), 3, axis=-1)
        q, k, v = (y.reshape(n, t, heads, -1) for y in (q, k, v))
        scores = jnp.einsum("nqhd,nkhd->nhqk", q, k) / jnp.sqrt(c / heads)
        weights = dropout(key, jax.nn.softmax(scores), rate)
        y = jnp.einsum("nhqk,nkhd->nqhd", weights, v)
        return linear(layer["proj"], y.reshape(n, t, c))

    def encode(key, layer, x):
        keys = jax.random.split(key, 4)
        x = x + dropout(keys[1], attend(keys[0], layer, x), rate)
        x = layer_norm(layer["ln_1"], x)
        hidden = dropout(keys[2], jax.nn.relu(linear(layer["up"], x)), rate)
        x = x + dropout(keys[3], linear(layer["down"], hidden), rate)
        return layer_norm(layer["ln_2"], x)

    def loss_of(params, key, tokens, labels):
        key, *keys = jax.random.split(key, 3)
        x = params["embedding"][tokens] + params["position"]
        for drawn, layer in zip(keys, params["layers"], strict=True):
            x = encode(drawn, layer, x)
        return cross_entropy(linear(params["head"], x.mean(1)), labels), key

    layers = [
        {
            "qkv": dense(width, 3 * width),
            "proj": dense(width, width),
            "ln_1": norm(width),
            "up": dense(width, 256),
            "down": dense(256, width),
            "ln_2": norm(width),
        }
        for _ in range(2)
    ]
    params = {
        "embedding": normal(vocabulary, width),
        "position": jnp.zeros((length, width)),
        "layers": layers,
        "head": dense(width, 4),
    }
    tokens, labels = integers(vocabulary, batch, length), integers(4, batch)
    optimizer = optax.adamw(1e-3, weight_decay=0.01)
    step = trainer(loss_of, optimizer, params, jax.random.key(0))
    measure(lambda: step(tokens, labels))


WORKLOADS = {"gpt": gpt, "encoder": encoder}
WORKLOADS[sys.argv[1]](*sys.argv[2:])
