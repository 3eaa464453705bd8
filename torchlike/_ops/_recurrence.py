"""The recurrence of a layer over time, with a derivative that repeats little of it.

A derived rule would run the loop again to save what it needs, and add up the gradient
of the weight step by step. Here all steps' products with the weight are made anew as
one product from the states, and so is the gradient of the weight; only the recurrence
of the gradient itself is a loop.
**Shape** letters: T steps, N sequences, H hidden units, P projected units, G gates · H.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from jax import lax

from .linear import contract

# One step: (input's share of the gates, the state's share, state) -> state


def _lstm(gates, own, state, w_hr):
    _, c = state
    i, f, g, o = jnp.split(gates + own, 4, -1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return (h if w_hr is None else contract(h, w_hr)), c


def _gru(gates, own, state, w_hr):
    (h,) = state
    r, z, n = jnp.split(gates, 3, -1)
    own_r, own_z, own_n = jnp.split(own, 3, -1)
    r, z = jax.nn.sigmoid(r + own_r), jax.nn.sigmoid(z + own_z)
    n = jnp.tanh(n + r * own_n)
    return (n + z * (h - n),)


def _tanh(gates, own, state, w_hr):
    return (jnp.tanh(gates + own),)


def _relu(gates, own, state, w_hr):
    out = gates + own
    return (jnp.where(out <= 0, 0, out),)


CELLS = {"lstm": _lstm, "gru": _gru, "rnn_tanh": _tanh, "rnn_relu": _relu}


def share(h, w_hh, b_hh):
    """The state's share of the gates."""
    own = contract(h, w_hh)
    return own if b_hh is None else own + b_hh


def _advance(mode, gates, own, state, going, w_hr):
    """One step; the state of sequences that have ended stays."""
    new = CELLS[mode](gates, own, state, w_hr)
    if going is None:
        return new
    return tuple(
        jnp.where(going[:, None], n, s) for n, s in zip(new, state, strict=True)
    )


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def run(mode: str, reverse: bool, gates, going, state, w_hh, b_hh, w_hr):
    """The states after each step, each (T, N, ·).

    **Shape** gates (T, N, G), going (T, N) or None: which sequences go on; state h
    (N, P) and, for an LSTM, c (N, H).
    """

    def step(state, now):
        gates, going = now
        own = share(state[0], w_hh, b_hh)
        new = _advance(mode, gates, own, state, going, w_hr)
        return new, new

    return lax.scan(step, state, (gates, going), reverse=reverse)[1]


@run.defjvp
def _run_jvp(mode, reverse, primals, tangents):
    gates, going, state, w_hh, b_hh, w_hr = primals
    dgates, _, dstate, dw_hh, db_hh, dw_hr = tangents
    states = run(mode, reverse, *primals)
    before = tuple(
        _shifted(all_, first, reverse)
        for all_, first in zip(states, state, strict=True)
    )
    own = share(before[0], w_hh, b_hh)
    down = share(before[0], dw_hh, db_hh)

    def step(change, now):
        going, dgates, down, *point = now
        down = down + contract(change[0], w_hh)

        def at(gates, own, state, w_hr):
            return _advance(mode, gates, own, state, going, w_hr)

        new = jax.jvp(at, (*point, w_hr), (dgates, down, change, dw_hr))[1]
        return new, new

    now = (going, dgates, down, gates, own, before)
    return states, lax.scan(step, dstate, now, reverse=reverse)[1]


def _shifted(states, first, reverse: bool):
    """The state before each step."""
    if reverse:
        return jnp.concatenate([states[1:], first[None]])
    return jnp.concatenate([first[None], states[:-1]])
