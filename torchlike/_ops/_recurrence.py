"""The recurrence of a layer over time, with a derivative that repeats little of it.

A derived rule would run the loop again to save what it needs, and add up the gradient
of the weight step by step. Here all steps' products with the weight are kept or made
anew as one, the derivatives of the cells are found for all steps at once, and so is the
gradient of the weight; only the recurrence of the gradient itself is a loop.
**Shape** letters: T steps, N sequences, H hidden units, P projected units, G gates · H.
"""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
from jax import lax

from .. import _kernels
from .._engine import platform
from . import _lstm_primitives
from .linear import contract

# What a cell does to each element. A stage is a function and the places of what it
# takes in a list: the parts of the gates and of the state, then the results of earlier
# stages. The new state is what the stages give, last first.


def _memory(i, f, g, c):
    return jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)


def _output(o, c):
    return jax.nn.sigmoid(o) * jnp.tanh(c)


def _gru(r, z, n, own_n, h):
    r, z = jax.nn.sigmoid(r), jax.nn.sigmoid(z)
    n = jnp.tanh(n + r * own_n)
    return n + z * (h - n)


def _relu(x):
    return jnp.where(x <= 0, 0, x)


_STAGES = {
    "lstm": ((_memory, (0, 1, 2, 4)), (_output, (3, 5))),
    "gru": ((_gru, (0, 1, 2, 3, 4)),),
    "rnn_tanh": ((jnp.tanh, (0,)),),
    "rnn_relu": ((_relu, (0,)),),
}
_UNROLLED = 5  # steps in one turn of the loop: on CPUs a quarter faster than one

# Where our function is the quicker: with so many steps at least, and a weight that the
# caches hold; less of it where one sequence is all that is multiplied with it.
_STEPS, _WEIGHT, _WEIGHT_ALONE = 3, 1 << 20, 1 << 16


def _cell(mode: str, parts) -> list:
    """The new state."""
    values = list(parts)
    for function, places in _STAGES[mode]:
        values.append(function(*(values[p] for p in places)))
    return values[: len(parts) - 1 : -1]


def _slopes(mode: str, parts) -> list[list]:
    """The derivative of each stage by what it takes; all steps at once."""
    values, slopes = list(parts), []
    for function, places in _STAGES[mode]:
        taken = [values[p] for p in places]
        slopes.append([_slope(function, taken, k) for k in range(len(taken))])
        values.append(function(*taken))
    return slopes


def _slope(function, taken, k: int):
    def along(x):
        return function(*taken[:k], x, *taken[k + 1 :])

    return jax.jvp(along, (taken[k],), (jnp.ones_like(taken[k]),))[1]


def _change(mode: str, slopes, moves) -> list:
    """The change of the new state when the parts move."""
    changes = list(moves)
    for (_, places), row in zip(_STAGES[mode], slopes, strict=True):
        changes.append(sum(s * changes[p] for s, p in zip(row, places, strict=True)))
    return changes[: len(moves) - 1 : -1]


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
    h, *rest = _cell(mode, _parts(mode, gates, own, state))
    return (h if w_hr is None else contract(h, w_hr), *rest)


def share(h, w_hh, b_hh):
    """The state's share of the gates."""
    own = contract(h, w_hh)
    return own if b_hh is None else own + b_hh


def _run(mode: str, reverse: bool, gates, state, w_hh, b_hh, w_hr):
    """The states after each step, and the whole gates of each or None.

    Where h follows from the gates and c of the same step, the loop keeps those and not
    h: the backward needs them, and XLA sees that both run the same loop. (In which the
    bias would be broadcast: JAX moves that out of one of the two.)
    """
    keeps = mode != "gru" and w_hr is None
    if keeps and b_hh is not None:
        gates, b_hh = gates + b_hh, None

    def step(state, gates):
        own = share(state[0], w_hh, b_hh)
        new = advance(mode, gates, own, state, w_hr)
        return new, (gates + own, *new[1:]) if keeps else new

    found = lax.scan(step, state, gates, reverse=reverse, unroll=_UNROLLED)[1]
    if not keeps:
        return found, None
    whole, *rest = found
    return (_last_stage(mode, whole, rest), *rest), whole


def _last_stage(mode: str, whole, results):
    """What it gives from the whole gates and the results of the other stages."""
    values = [*_parts(mode, whole, 0, (None, None)), *results]
    function, places = _STAGES[mode][-1]
    return function(*(values[p] for p in places))


def run(mode: str, reverse: bool, gates, state, w_hh, b_hh, w_hr):
    """The states after each step, each (T, N, ·).

    **Shape** gates (T, N, G), state h (N, P) and, for an LSTM, c (N, H).
    """
    if mode != "lstm" or not _is_ours(gates, w_hh, w_hr):
        return _by_xla(mode, reverse, gates, state, w_hh, b_hh, w_hr)
    if b_hh is not None:
        gates = gates + b_hh
    return _lstm_primitives.run(reverse, gates, *state, w_hh)


def _is_ours(gates, w_hh, w_hr) -> bool:
    """Whether we have a function that is the quicker: see docs/kernels.md."""
    return (
        _kernels.available
        and platform() != "cuda"
        and w_hr is None
        and gates.dtype == w_hh.dtype == jnp.float32
        and gates.shape[0] >= _STEPS
        and w_hh.size <= (_WEIGHT if gates.shape[1] > 1 else _WEIGHT_ALONE)
        and 0 < gates.size < 2**31
    )


@functools.partial(jax.custom_jvp, nondiff_argnums=(0, 1))
def _by_xla(mode: str, reverse: bool, gates, state, w_hh, b_hh, w_hr):
    return _run(mode, reverse, gates, state, w_hh, b_hh, w_hr)[0]


@_by_xla.defjvp
def _run_jvp(mode, reverse, primals, tangents):
    gates, state, w_hh, b_hh, w_hr = primals
    dgates, dstate, dw_hh, db_hh, dw_hr = tangents
    states, whole = _run(mode, reverse, *primals)
    before = tuple(
        _lstm_primitives.shifted(all_, first, reverse)
        for all_, first in zip(states, state, strict=True)
    )
    if whole is None:
        parts = _parts(mode, gates, share(before[0], w_hh, b_hh), before)
    else:
        parts = _parts(mode, whole, 0, before)
    slopes = _slopes(mode, parts)
    down = share(before[0], dw_hh, db_hh)
    if mode != "gru":  # the two are one then, and so is their gradient
        dgates, down = dgates + down, jnp.zeros((len(dgates), 1, 1), dgates.dtype)
    further = None
    if w_hr is not None:
        further = contract(_cell(mode, parts)[0], dw_hr)

    def step(change, now):
        dgates, down, slopes, further = now
        down = down + contract(change[0], w_hh)
        h, *rest = _change(mode, slopes, _parts(mode, dgates, down, change))
        if w_hr is not None:
            h = contract(h, w_hr) + further
        return (h, *rest), (h, *rest)

    steps = dgates, down, slopes, further
    return states, lax.scan(step, dstate, steps, reverse=reverse)[1]
