"""The recurrence of a layer over time, with a derivative that repeats little of it.

A derived rule would run the loop again to save what it needs, and add up the gradient
of the weight step by step. Here all steps' products with the weight are made anew as
one product from the states, the cells' derivatives are found for all steps at once, and
so is the gradient of the weight; only the recurrence of the gradient itself is a loop.
**Shape** letters: T steps, N sequences, H hidden units, P projected units, G gates · H.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from jax import lax

from .linear import contract

# What a cell does to each element: parts of the gates, and of the state -> new state


def _lstm(i, f, g, o, c):
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def _gru(r, z, n, own_n, h):
    r, z = jax.nn.sigmoid(r), jax.nn.sigmoid(z)
    n = jnp.tanh(n + r * own_n)
    return (n + z * (h - n),)


def _tanh(x):
    return (jnp.tanh(x),)


def _relu(x):
    return (jnp.where(x <= 0, 0, x),)


_CELLS = {"lstm": _lstm, "gru": _gru, "rnn_tanh": _tanh, "rnn_relu": _relu}


def _parts(mode: str, gates, own, state) -> tuple:
    """What the cell takes, out of the two shares of the gates and the state."""
    if mode == "lstm":
        return (*jnp.split(gates + own, 4, -1), state[1])
    if mode == "gru":
        r, z, n = jnp.split(gates, 3, -1)
        own_r, own_z, own_n = jnp.split(own, 3, -1)
        return r + own_r, z + own_z, n, own_n, state[0]
    return (gates + own,)


def advance(mode: str, gates, own, state, w_hr) -> tuple:
    """The state after one step."""
    h, *rest = _CELLS[mode](*_parts(mode, gates, own, state))
    return (h if w_hr is None else contract(h, w_hr), *rest)


def share(h, w_hh, b_hh):
    """The state's share of the gates."""
    own = contract(h, w_hh)
    return own if b_hh is None else own + b_hh


def _going_on(going, new, state) -> tuple:
    """The new state; that of sequences that have ended stays."""
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
        new = _going_on(going, advance(mode, gates, own, state, w_hr), state)
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
    parts = _parts(mode, gates, share(before[0], w_hh, b_hh), before)
    slopes = _slopes(mode, parts)
    down = share(before[0], dw_hh, db_hh)
    further = None
    if w_hr is not None:
        further = contract(_CELLS[mode](*parts)[0], dw_hr)

    def step(change, now):
        going, dgates, down, slopes, further = now
        down = down + contract(change[0], w_hh)
        moves = _parts(mode, dgates, down, change)
        h, *rest = (sum(map(jnp.multiply, row, moves)) for row in slopes)
        if w_hr is not None:
            h = contract(h, w_hr) + further
        new = _going_on(going, (h, *rest), change)
        return new, new

    now = (going, dgates, down, slopes, further)
    return states, lax.scan(step, dstate, now, reverse=reverse)[1]


def _slopes(mode: str, parts) -> list[list]:
    """The cell's derivatives, of each result by each part; all steps at once."""
    cell = _CELLS[mode]

    def by(place):
        def along(part):
            return cell(*parts[:place], part, *parts[place + 1 :])

        part = parts[place]
        return jax.jvp(along, (part,), (jnp.ones_like(part),))[1]

    columns = [by(place) for place in range(len(parts))]
    return [list(row) for row in zip(*columns, strict=True)]


def _shifted(states, first, reverse: bool):
    """The state before each step."""
    if reverse:
        return jnp.concatenate([states[1:], first[None]])
    return jnp.concatenate([first[None], states[:-1]])
