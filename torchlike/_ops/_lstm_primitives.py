"""The recurrence of an LSTM as JAX primitives, for which CPUs have functions of ours.

``forward`` is the loop over the steps; ``change``, linear in what moves, is its
derivative, and ``backward`` the transpose of that. On CPUs the first and the last are
compiled to our own functions (``_kernels``), else to loops of XLA's. What is derived
again, or mapped, is always XLA's loop.
**Shape** T steps, N sequences, H units; gates (T, N, 4H) in the order input, forget,
cell, output; states of all steps (T, N, H), those before the first (N, H).
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad, mlir

from .. import _kernels
from ._primitive import several, struct
from .linear import contract

# As XLA's loops


def _forward(given, h, c, weight, *, reverse: bool):
    """All h, all c, and the gates after their activations."""

    def step(state, given):
        h, c = state
        i, f, g, o = jnp.split(given + contract(h, weight), 4, -1)
        i, f, o = jax.nn.sigmoid(i), jax.nn.sigmoid(f), jax.nn.sigmoid(o)
        g = jnp.tanh(g)
        c = f * c + i * g
        h = o * jnp.tanh(c)
        return (h, c), (h, c, jnp.concatenate([i, f, g, o], -1))

    return lax.scan(step, (h, c), given, reverse=reverse)[1]


def _change(dgiven, dh, dc, gates, all_c, c, weight, *, reverse: bool):
    """The changes of all h and all c with those of the first three of ``forward``."""

    def step(change, now):
        dh, dc = change
        dgiven, gates, before, after = now
        di, df, dg, do = jnp.split(dgiven + contract(dh, weight), 4, -1)
        i, f, g, o = jnp.split(gates, 4, -1)
        shown = jnp.tanh(after)
        dc = f * dc + di * (g * i * (1 - i)) + df * (before * f * (1 - f))
        dc = dc + dg * (i * (1 - g * g))
        dh = do * (shown * o * (1 - o)) + dc * (o * (1 - shown * shown))
        return (dh, dc), (dh, dc)

    steps = dgiven, gates, shifted(all_c, c, reverse), all_c
    return lax.scan(step, (dh, dc), steps, reverse=reverse)[1]


def _backward(dh, dc, gates, all_c, c, weight, *, reverse: bool):
    """The gradients of the first three of ``forward``, from those of all h and c."""

    def change(dgiven, dh, dc):
        return _change(dgiven, dh, dc, gates, all_c, c, weight, reverse=reverse)

    of = jax.linear_transpose(change, struct(gates), struct(c), struct(c))
    return of((dh, dc))


def shifted(states, first, reverse: bool):
    """The state before each step."""
    if reverse:
        return jnp.concatenate([states[1:], first[None]])
    return jnp.concatenate([first[None], states[:-1]])


# The primitives


def _primitive(name: str, plain, function: str | None = None) -> Primitive:
    """A primitive that is ``plain`` but on CPUs where we have a function for it."""
    made = several(name, plain)
    if function is not None:
        mlir.register_lowering(made, _foreign(function), platform="cpu")
    return made


def _foreign(function: str):
    call = jax.ffi.ffi_lowering(_kernels.target(function))

    def lowered(ctx, *xs, reverse):
        return call(ctx, *xs, reverse=np.array([reverse], np.int64))

    return lowered


_forward_p = _primitive("lstm", _forward, "lstm")
_change_p = _primitive("lstm_change", _change)
_backward_p = _primitive("lstm_backward", _backward, "lstm_backward")


def _transposed(cotangents, *operands, reverse):
    moved, known = operands[:3], operands[3:]
    cotangents = [ad.instantiate_zeros(x) for x in cotangents]
    found = _backward_p.bind(*cotangents, *known, reverse=reverse)
    asked = [
        x if ad.is_undefined_primal(m) else None
        for x, m in zip(found, moved, strict=True)
    ]
    return [*asked, *(None for _ in known)]


ad.primitive_transposes[_change_p] = _transposed


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def run(reverse: bool, given, h, c, weight):
    """All h and all c, from what is given to the gates of each step and the state."""
    return tuple(_forward_p.bind(given, h, c, weight, reverse=reverse)[:2])


@run.defjvp
def _run_jvp(reverse, primals, tangents):
    given, h, c, weight = primals
    dgiven, dh, dc, dweight = tangents
    all_h, all_c, gates = _forward_p.bind(*primals, reverse=reverse)
    moved = dgiven + contract(shifted(all_h, h, reverse), dweight), dh, dc
    known = gates, all_c, c, weight
    changes = _change_p.bind(*moved, *known, reverse=reverse)
    return (all_h, all_c), tuple(changes)
