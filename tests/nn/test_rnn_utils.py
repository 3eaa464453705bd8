"""Packed and padded sequences, each case run with both libraries."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import torchlike
from torchlike._engine import stats

from ._both import check

CASES: list = []


def case(function):
    CASES.append(function)
    return function


def sequences(t, lengths=(2, 4, 1)):
    rng = np.random.default_rng(0)
    return [
        t.tensor(rng.standard_normal((n, 3)).astype(np.float32)).requires_grad_(True)
        for n in lengths
    ]


def layer(t, kind, **options):
    t.manual_seed(0)
    return getattr(t.nn, kind)(3, 4, **options)


@case
def pad(t):
    u = t.nn.utils.rnn
    return [
        u.pad_sequence(sequences(t)),
        u.pad_sequence(sequences(t), batch_first=True, padding_value=-1.0),
        u.pad_sequence(sequences(t), padding_side="left"),
    ]


def words(t, dtype="int64"):
    """Sentences that are known, and a row of a larger tensor."""
    known = [t.arange(n, dtype=getattr(t, dtype)) + 1 for n in (3, 1)]
    rows = t.tensor(np.arange(8).reshape(2, 4).astype(dtype))
    return [*[t.tensor(x.numpy()) for x in known], rows[1]]


@case
def pad_known(t):
    u = t.nn.utils.rnn
    return [
        u.pad_sequence(words(t)),
        u.pad_sequence(words(t), True, -1),
        u.pad_sequence(words(t), padding_side="left", padding_value=7),
        u.pad_sequence(words(t, "int8"), True, 5.0),
        u.pad_sequence(words(t, "float64"), True, 0.1),
        u.pad_sequence(words(t, "float16"), True, float("inf")),
        u.pad_sequence(words(t, "int64"), True, 1.5),
        u.pad_sequence([t.zeros(2).bool(), t.ones(1).bool()], True, 0.5),
        u.pad_sequence([t.tensor([[1.0, 2.0]]), t.zeros(0, 2)], True),
        u.pad_sequence([t.tensor([1.0, 2.0]), t.tensor([1], dtype=t.int32)]),
    ]


@case
def pad_with_what_does_not_fit(t):
    return t.nn.utils.rnn.pad_sequence(words(t, "uint8"), True, -1)


@case
def pad_recorded_with_what_does_not_fit(t):
    return t.nn.utils.rnn.pad_sequence([x + 1 for x in words(t, "int8")], True, 128)


@case
def a_padded_batch_can_be_written(t):
    whole = words(t)
    padded = t.nn.utils.rnn.pad_sequence(whole, True)
    padded += 1
    padded[0, 0] = 9
    return [padded, *whole]


def test_known_sequences_are_padded_without_a_program():
    lengths = (101, 7, 53)
    sentences = [torchlike.tensor(np.arange(n)) for n in lengths]
    before = stats().compiles
    for longest in range(1, 4):
        padded = torchlike.nn.utils.rnn.pad_sequence(sentences[:longest], True, -1)
        assert padded.shape == (longest, 101)
        assert padded.numpy()[-1, lengths[longest - 1] :].tolist() == [-1] * (
            101 - lengths[longest - 1]
        )
    assert stats().compiles == before


@case
def pad_gradients(t):
    parts = sequences(t)
    t.nn.utils.rnn.pad_sequence(parts).sum().backward()
    return [p.grad for p in parts]


@case
def pack_sorted(t):
    u = t.nn.utils.rnn
    padded = u.pad_sequence(sequences(t, (4, 2, 1)))
    packed = u.pack_padded_sequence(padded, [4, 2, 1])
    return [
        packed.data,
        packed.batch_sizes,
        packed.sorted_indices,
        packed.unsorted_indices,
        u.pad_packed_sequence(packed),
        u.pad_packed_sequence(packed, True, 7.0, 6),
    ]


@case
def pack_unsorted(t):
    u = t.nn.utils.rnn
    packed = u.pack_sequence(sequences(t), enforce_sorted=False)
    return [
        packed.data,
        packed.batch_sizes,
        packed.sorted_indices,
        packed.unsorted_indices,
        u.pad_packed_sequence(packed, batch_first=True),
        u.unpack_sequence(packed),
        packed.double().data.dtype,
    ]


@case
def unpad(t):
    u = t.nn.utils.rnn
    padded = u.pad_sequence(sequences(t), batch_first=True)
    return u.unpad_sequence(padded, t.tensor([2, 4, 1]), batch_first=True)


@case
def pack_gradients(t):
    u, parts = t.nn.utils.rnn, sequences(t)
    packed = u.pack_sequence(parts, enforce_sorted=False)
    (packed.data**2).sum().backward()
    return [p.grad for p in parts]


for _kind in ("RNN", "LSTM", "GRU"):
    for _options in ({}, {"num_layers": 2, "bidirectional": True}):

        def packed_layer(t, kind=_kind, options=_options):
            u, parts = t.nn.utils.rnn, sequences(t)
            packed = u.pack_sequence(parts, enforce_sorted=False)
            net = layer(t, kind, **options)
            output, state = net(packed)
            output.data.sum().backward()
            grads = [p.grad for p in (*net.parameters(), *parts)]
            return [u.pad_packed_sequence(output), state, grads]

        CASES.append(packed_layer)


for _action in (
    lambda t, u: u.pack_sequence(sequences(t)),
    lambda t, u: u.pack_padded_sequence(t.ones(2, 2, 3), [2, 0]),
    lambda t, u: u.pack_padded_sequence(t.ones(2, 2, 3), [2]),
    lambda t, u: u.pad_sequence(3),
    lambda t, u: u.pad_sequence([]),
    lambda t, u: u.pad_packed_sequence(
        u.pack_sequence(sequences(t), False), total_length=1
    ),
    lambda t, u: t.nn.LSTM(3, 4)(t.ones(2, 2, 5)),
    lambda t, u: t.nn.LSTM(3, 4)(t.ones(2, 2, 2, 3)),
    lambda t, u: t.nn.RNN(3, 4)(t.ones(3)),
    lambda t, u: t.nn.GRU(3, 4)(t.ones(2, 2, 3), t.ones(1, 4)),
    lambda t, u: t.nn.GRU(3, 4)(t.ones(2, 3), t.ones(1, 2, 4)),
    lambda t, u: t.nn.GRU(3, 4)(t.ones(2, 2, 3), t.ones(1, 3, 4)),
    lambda t, u: t.nn.LSTM(3, 4)(t.ones(2, 3), (t.ones(1, 2, 4), t.ones(1, 4))),
    lambda t, u: t.nn.LSTM(3, 4)(t.ones(2, 2, 3), (t.ones(1, 2, 4), t.ones(1, 2, 5))),
    lambda t, u: t.nn.GRU(3, 4)(t.ones(2, 2, 3, dtype=t.float64)),
    lambda t, u: t.nn.RNN(3, 4, nonlinearity="gelu"),
    lambda t, u: t.nn.RNN(3, 4, proj_size=2),
    lambda t, u: t.nn.LSTM(3, 4, proj_size=4),
    lambda t, u: t.nn.LSTM(3, 4, proj_size=-1),
    lambda t, u: t.nn.LSTM(3, 0),
    lambda t, u: t.nn.LSTM(3, 4, 0),
    lambda t, u: t.nn.LSTM(3.0, 4),
    lambda t, u: t.nn.LSTM(3, 4, bias=1),
    lambda t, u: t.nn.LSTM(3, 4, dropout=2),
    lambda t, u: repr(t.nn.LSTM(3, 4, dropout=0.5)),
    lambda t, u: t.nn.LSTMCell(3, 4)(t.ones(1, 2, 3)),
    lambda t, u: t.nn.GRUCell(3, 4)(t.ones(2, 3), t.ones(1, 2, 4)),
    lambda t, u: t.nn.RNNCell(3, 4, nonlinearity="x")(t.ones(2, 3)),
    lambda t, u: [[w.shape for w in ws] for ws in t.nn.LSTM(3, 4, 2).all_weights],
):
    CASES.append(lambda t, action=_action: action(t, t.nn.utils.rnn))


@pytest.mark.parametrize("index", range(len(CASES)))
def test_same_as_pytorch(index):
    with warnings.catch_warnings():
        check(CASES[index])
