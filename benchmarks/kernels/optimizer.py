"""Steps of optimizers alone: PyTorch, ours, XLA; the best of many, milliseconds each.

The parameters are those of some networks; their gradients are there.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import optax
import torch

from torchlike.optim import adam, sgd

from .turns import begin, best

# of which network, the shapes of its parameters
NETWORKS = {
    "8 × (64 × 64)": [(64, 64), (64,)] * 8,
    "784-512-512-10": [(512, 784), (512,), (512, 512), (512,), (10, 512), (10,)],
    "GPT 6 × 384": [(1152, 384), (384, 384), (1536, 384), (384, 1536)] * 6
    + [(384,)] * 60,
}
RULES = {
    "AdamW": {"lr": 1e-3, "weight_decay": 0.1},
    "SGD": {"lr": 0.1, "momentum": 0.9, "weight_decay": 1e-4},
}


def _numbers(*values) -> tuple:
    return tuple(jnp.array(v, jnp.float64) for v in values)


def _adam_step(step, params, grads, *state):
    doubles = _numbers(1e-3, 0.9, 0.999, 1e-8, 0.1)
    state = adam.AdamState(*state, ())
    params, state = step(params, grads, state, doubles, (False, True, True, False))
    return params, *state[:3]


def _sgd_step(step, params, grads, *state):
    doubles = _numbers(0.1, 0.9, 1.0, 1e-4)
    state = optax.TraceState(*state)
    params, state = step(params, grads, state, doubles, (False, True, False))
    return params, *state


STEPS = {"AdamW": (_adam_step, adam), "SGD": (_sgd_step, sgd)}


def _of_torch(rule: str, arrays):
    params = [torch.nn.Parameter(a.clone()) for a in arrays]
    for p in params:
        p.grad = torch.full_like(p, 1e-3)
    return getattr(torch.optim, rule)(params, **RULES[rule]).step


def _of_jax(rule: str, arrays, ours: bool):
    """A step that writes what it is given, as in a training."""
    step, module = STEPS[rule]
    step = functools.partial(step, module._step if ours else module._plain)
    call = jax.jit(step, donate_argnums=(0, *range(2, 5 if rule == "AdamW" else 3)))
    grads = tuple(jnp.full(a.shape, 1e-3, jnp.float32) for a in arrays)
    moments = [tuple(map(jnp.zeros_like, grads)) for _ in range(2)]
    state = [jnp.zeros(1, jnp.float32), *moments] if rule == "AdamW" else moments[:1]
    kept = [tuple(jnp.array(a.numpy()) for a in arrays), *state]

    def run():
        kept[:] = call(kept[0], grads, *kept[1:])
        jax.block_until_ready(kept)

    return run


def main(rounds: int, processor: bool) -> None:
    clock = begin(processor)
    print("| step | PyTorch | ours | XLA |")
    print("| --- | --- | --- | --- |")
    for rule in RULES:
        for name, shapes in NETWORKS.items():
            arrays = [torch.randn(shape) * 0.1 for shape in shapes]
            runs = [
                _of_torch(rule, arrays),
                _of_jax(rule, arrays, True),
                _of_jax(rule, arrays, False),
            ]
            times = " | ".join(f"{t:.2f}" for t in best(runs, rounds, clock))
            print(f"| {rule}, {name} | {times} |", flush=True)
