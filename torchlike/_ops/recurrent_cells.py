"""Recurrent cells: one step, of two ops.

The products are an op of their own, so that the backward finds them made: in a loop of
the program it would have to make them again.
"""

from __future__ import annotations

import jax.numpy as jnp

from . import _recurrence
from ._compute import widen
from ._op import Array, Dtype, composite, op


def _cell_name(static, plan) -> str:
    names = {"lstm": "MulBackward0", "rnn_tanh": "TanhBackward0"}
    names["rnn_relu"] = "ReluBackward0"
    return names.get(static["mode"], "AddBackward0")


@op(name="recurrent_gates", scope=None, method=False, backward="AddBackward0")
def _gates(
    input: Array,
    h: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
) -> Array:
    own = _recurrence.share(widen(h), widen(w_hh), widen(b_hh))
    return _recurrence.share(widen(input), widen(w_ih), widen(b_ih)) + own


@op(name="recurrent_share", scope=None, method=False, backward="AddmmBackward0")
def _share(x: Array, weight: Array, bias: Array | None) -> Array:
    return _recurrence.share(widen(x), widen(weight), widen(bias))


@op(name="recurrent_cell", scope=None, method=False, backward=_cell_name, returns=())
def _cell(
    gates: Array, own: Array | None, state: Array | None, mode: str, dtype: Dtype
):
    """The new state; ``own`` is the state's share where it is apart from ``gates``."""
    if own is None:
        own = jnp.zeros((), gates.dtype)
    states = (None, widen(state)) if mode == "lstm" else (widen(state),)
    new = _recurrence.advance(mode, gates, own, states, None)
    return tuple(x.astype(dtype.numpy_dtype) for x in new)


@composite
def lstm_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step; ``hx`` is (h, c), each (N, H), and so is the result."""
    h, c = hx[0], hx[1]
    gates = _gates(input, h, w_ih, w_hh, b_ih, b_hh)
    return _cell(gates, None, c, "lstm", h.dtype)


@composite
def gru_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of a GRU."""
    gates, own = _share(input, w_ih, b_ih), _share(hx, w_hh, b_hh)
    return _cell(gates, own, hx, "gru", hx.dtype)[0]


@composite
def rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of a recurrent layer with tanh."""
    gates = _gates(input, hx, w_ih, w_hh, b_ih, b_hh)
    return _cell(gates, None, None, "rnn_tanh", hx.dtype)[0]


@composite
def rnn_relu_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    """One step of a recurrent layer with relu."""
    gates = _gates(input, hx, w_ih, w_hh, b_ih, b_hh)
    return _cell(gates, None, None, "rnn_relu", hx.dtype)[0]
