"""Recurrent layers: one recorded op for a layer and direction, a scan over time.

The input's share of the gates is one product for all steps, made before the scan. Gates
stand in PyTorch's order: LSTM input, forget, cell, output; GRU reset, update, new.
**Shape** letters: T steps, N sequences, I inputs, H hidden units, P projected units.
"""

from __future__ import annotations

import jax.numpy as jnp

from . import _recurrence, packing
from . import dropout as _dropout
from ._compute import widen
from ._op import Array, Arrays, composite, op

# One layer in one direction


def _layer_name(static, plan) -> str:
    return "MkldnnRnnLayerBackward0" if static["mode"] == "lstm" else "StackBackward0"


@op(name="recurrent_layer", scope=None, method=False, backward=_layer_name, returns=())
def _layer(
    input: Array,
    h: Array,
    c: Array | None,
    lengths: Array | None,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None,
    b_hh: Array | None,
    w_hr: Array | None,
    mode: str,
    reverse: bool,
):
    """The outputs of all steps and the last state.

    **Shape** input (T, N, I), h (N, P), c (N, H), outputs (T, N, P). Sequences that
    have ``lengths`` (N) end there: their last state is that of their last step, and
    backwards they begin with it. What is put out beyond has no meaning.
    """
    turns = reverse and lengths is not None
    if turns:
        input, reverse = packing.turned(input, lengths), False
    weights = tuple(widen(w) for w in (w_ih, w_hh, b_ih, b_hh, w_hr))
    state = tuple(widen(s) for s in (h, c) if s is not None)
    gates = _recurrence.share(widen(input), weights[0], weights[2])
    if lengths is not None and mode == "rnn_relu":
        ended = ~packing.inside(lengths, len(gates))
        gates = jnp.where(ended[:, :, None], -jnp.inf, gates)  # lest it grows for ever

    states = _recurrence.run(
        mode, reverse, gates, state, weights[1], weights[3], weights[4]
    )
    if lengths is None:
        final = tuple(x[0 if reverse else -1] for x in states)
    else:
        final = tuple(packing.last(x, lengths) for x in states)
    outputs = packing.turned(states[0], lengths) if turns else states[0]
    return tuple(x.astype(input.dtype) for x in (outputs, *final))


@op(name="stack", scope=None, method=False, backward="StackBackward0")
def _stack(tensors: Arrays) -> Array:
    return jnp.stack(tensors)


@op(name="cat", scope=None, method=False, backward="CatBackward0")
def _beside(tensors: Arrays) -> Array:
    return jnp.concatenate(tensors, -1)


@op(name="select", scope=None, method=False, backward="SelectBackward0")
def _state_of(states: Array, i: int) -> Array:
    return states[i]


@op(name="transpose", scope=None, method=False, backward="TransposeBackward0")
def _turn(input: Array) -> Array:
    return jnp.swapaxes(input, 0, 1)


# The layers


def _weights_of(params, i: int, has_biases: bool, has_projection: bool):
    """The five weights of layer and direction ``i`` out of the flat list."""
    each = 2 + 2 * has_biases + has_projection
    own = list(params[i * each : (i + 1) * each])
    w_ih, w_hh, *rest = own
    b_ih, b_hh = rest[:2] if has_biases else (None, None)
    return w_ih, w_hh, b_ih, b_hh, rest[-1] if has_projection else None


def _shape(tensor) -> tuple[int, ...]:
    return tensor._value().aval.shape


def _run(mode, x, lengths, states, params, has_biases, layers, p, train, both):
    """All layers over x (T, N, I); the outputs and the stacked last states."""
    directions = 1 + both
    projected = len(params) == layers * directions * (3 + 2 * has_biases)
    finals: list[list] = [[] for _ in states]
    for layer in range(layers):
        outs = []
        for d in range(directions):
            i = layer * directions + d
            own = [_state_of(s, i) for s in states]
            h, c = own if len(own) == 2 else (own[0], None)
            weights = _weights_of(params, i, has_biases, projected)
            out, *last = _layer(x, h, c, lengths, *weights, mode, d == 1)
            outs.append(out)
            for group, s in zip(finals, last, strict=True):
                group.append(s)
        x = _beside(outs) if both else outs[0]
        if p and layer < layers - 1:
            x = _dropout.dropout(x, p, train)
    return (x, *(_stack(group) for group in finals))


def _packed(mode, data, batch_sizes, states, params, *options):
    """The same for packed data (Σ batch_sizes, I)."""
    batch_sizes, n = batch_sizes.to(data.device), _shape(states[0])[1]
    lengths = packing.packed_lengths(batch_sizes, n)
    steps = packing.unpack(data, batch_sizes, n)
    out, *finals = _run(mode, steps, lengths, states, params, *options)
    return (packing.pack(out, batch_sizes, None, _shape(data)[0]), *finals)


def _call(mode: str, args):
    """PyTorch's two forms, and one of ours.

    Sequences of one length; packed data with their batch sizes; steps (T, N, I) with
    the lengths (N) of the sequences in the place of the batch sizes.
    """
    if len(args) != 9:
        raise TypeError(f"{mode}() takes 9 arguments, not {len(args)}")
    if isinstance(args[3], (tuple, list)):
        data, sizes, state, params, *options = args
        run = _run if data.dim() == 3 else _packed
        return run(mode, data, sizes, _tuple(state), params, *options)
    input, state, params, *options, batch_first = args
    x = _turn(input) if batch_first else input
    out, *finals = _run(mode, x, None, _tuple(state), params, *options)
    return (_turn(out) if batch_first else out, *finals)


def _tuple(state):
    return tuple(state) if isinstance(state, (tuple, list)) else (state,)


@composite
def lstm(*args):
    """``torch.lstm``: ``(input, (h, c), params, has_biases, num_layers, dropout, train,
    bidirectional, batch_first)``, or with ``(data, batch_sizes, …)`` and no
    ``batch_first``; gives the outputs, h and c.
    """
    return _call("lstm", args)


@composite
def gru(*args):
    """``torch.gru``, in the same forms with one state."""
    return _call("gru", args)


@composite
def rnn_tanh(*args):
    """``torch.rnn_tanh``, in the same forms with one state."""
    return _call("rnn_tanh", args)


@composite
def rnn_relu(*args):
    """``torch.rnn_relu``, in the same forms with one state."""
    return _call("rnn_relu", args)
