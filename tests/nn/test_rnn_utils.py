"""Packed and padded sequences, each case run with both libraries."""

from __future__ import annotations

import copy
import math
import pickle
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


for _kind, _options in (
    ("RNN", {"nonlinearity": "relu", "bidirectional": True}),
    ("LSTM", {"proj_size": 2, "num_layers": 2, "bidirectional": True}),
    ("GRU", {"bias": False, "batch_first": True}),
):

    def packed_layer_with_state(t, kind=_kind, options=_options):
        """Padding that is no number reaches nothing; the state is in given order."""
        u, net = t.nn.utils.rnn, layer(t, kind, **options)
        parts = sequences(t, (3, 5, 1, 5))
        padded = u.pad_sequence(parts, padding_value=float("nan"))
        packed = u.pack_padded_sequence(
            padded, t.tensor([3, 5, 1, 5]), enforce_sorted=False
        )
        many = net.num_layers * (1 + net.bidirectional)
        sizes = [(many, 4, net.proj_size or 4)]
        sizes += [(many, 4, 4)] * (kind == "LSTM")
        states = [
            t.arange(math.prod(n), dtype=t.float32).reshape(n).sin().requires_grad_()
            for n in sizes
        ]
        output, state = net(packed, tuple(states) if kind == "LSTM" else states[0])
        state = state if kind == "LSTM" else (state,)
        back = u.pad_packed_sequence(output, net.batch_first, -2.0, 7)
        (back[0].cos().sum() + sum(s.sin().sum() for s in state)).backward()
        grads = [p.grad for p in (*net.parameters(), *parts, *states)]
        return [back, state, grads, output]

    CASES.append(packed_layer_with_state)


@case
def layers_in_a_row(t):
    u, parts = t.nn.utils.rnn, sequences(t)
    packed = u.pack_sequence(parts, enforce_sorted=False)
    t.manual_seed(0)
    first, second = t.nn.GRU(3, 4, bidirectional=True), t.nn.LSTM(8, 2)
    output, (h, c) = second(first(packed)[0])
    (output.data.sum() + h.sum() + c.sum()).backward()
    return [output, h, c, [p.grad for p in (*first.parameters(), *parts)]]


@case
def data_of_ones_own(t):
    """As where the packed words are embedded."""
    u, net = t.nn.utils.rnn, layer(t, "LSTM", bidirectional=True)
    words = [t.tensor([1, 2]), t.tensor([0, 3, 4, 1]), t.tensor([2])]
    packed = u.pack_sequence(words, enforce_sorted=False)
    vectors = t.arange(15.0).reshape(5, 3).requires_grad_()
    given = u.PackedSequence(
        vectors[packed.data], packed.batch_sizes, packed.sorted_indices
    )
    output, state = net(given)
    (output.data**2).sum().backward()
    ours = [p.grad for p in (vectors, *net.parameters())]
    sizes = t.tensor([2, 1])
    plain = u.PackedSequence(t.ones(3, 3), sizes)
    pair = u.PackedSequence((t.ones(3, 3), sizes))
    return [output, state, ours, net(plain), net(pair)]


@case
def packed_by_the_function_itself(t):
    net = layer(t, "LSTM", num_layers=2)
    states = t.zeros(2, 2, 4), t.ones(2, 2, 4)
    args = list(net.parameters()), True, 2, 0.0, False, False
    return t.lstm(t.ones(3, 3), t.tensor([2, 1]), states, *args)


@case
def a_packed_sequence_is_a_tuple(t):
    u = t.nn.utils.rnn
    parts = [x.detach() for x in sequences(t)]
    packed = u.pack_sequence(parts, enforce_sorted=False)
    data, sizes, order, back = packed
    again = pickle.loads(pickle.dumps(copy.deepcopy(packed)))
    changed = packed._replace(data=packed.data * 2)
    return [
        (data, sizes, order, back),
        packed[0] is packed.data,
        [packed[-4], packed[1:], packed[-1], len(packed)],
        (lambda *fields: fields)(*packed),
        tuple(packed),
        sorted(packed._asdict()),
        repr(packed).replace("grad_fn=", "").split("tensor")[0],
        [again, type(again).__name__],
        u.pad_packed_sequence(changed),
        [packed.double().data, packed.half()[0], packed.to(t.float32) is packed],
        packed.is_cuda,
    ]


@case
def data_are_written(t):
    u, net = t.nn.utils.rnn, layer(t, "GRU")
    packed = u.pack_sequence([t.ones(3, 3), t.zeros(1, 3)])
    results = [net(packed)]
    packed.data.mul_(2)
    results += [net(packed), u.pad_packed_sequence(packed)]
    given = u.PackedSequence(packed.data, packed.batch_sizes)
    results.append(net(given))
    packed.data[0] = 5
    lengths = u.pad_packed_sequence(given)[1]
    lengths -= 1
    return [*results, net(given), u.pad_packed_sequence(packed), lengths]


@case
def scalars_are_packed(t):
    u = t.nn.utils.rnn
    packed = u.pack_padded_sequence(t.arange(6).reshape(2, 3), [3, 1], True)
    flags = u.pack_padded_sequence(t.ones(3, 2, 2).bool(), [3, 1])
    halves = u.pack_padded_sequence(t.ones(3, 2).half(), [1, 2], enforce_sorted=False)
    return [
        [packed, u.pad_packed_sequence(packed, padding_value=9)],
        [flags, u.pad_packed_sequence(flags, padding_value=1)],
        [halves, u.pad_packed_sequence(halves, True, 0.1)],
    ]


def test_batches_of_other_lengths_are_the_same_program():
    u, lstm = torchlike.nn.utils.rnn, torchlike.nn.LSTM(3, 4, bidirectional=True)

    def step(lengths):
        packed = u.pack_padded_sequence(
            torchlike.ones(6, 4, 3), lengths, enforce_sorted=False
        )
        out, sizes = u.pad_packed_sequence(lstm(packed)[0])
        loss = (out.sum((0, 2)) / sizes).sum()
        loss.backward()
        return loss.item()

    for lengths in ([6, 1, 1, 1], [2, 6, 3, 3], [1, 2, 3, 6]):
        step(lengths)
    before = stats().compiles
    losses = {step(lengths) for lengths in ([6, 6, 6, 6], [5, 6, 4, 4], [6, 2, 1, 6])}
    assert stats().compiles == before
    assert len(losses) == 3


def test_packed_sequences_go_through_function_transforms():
    u = torchlike.nn.utils.rnn
    packed = u.pack_sequence(sequences(torchlike), enforce_sorted=False)

    def loss(packed):
        return (packed.data**2).sum() / 2

    gradient = torchlike.func.grad(loss)(packed)
    assert isinstance(gradient, u.PackedSequence)


for _action in (
    lambda t, u: u.pack_sequence(sequences(t)),
    lambda t, u: t.nn.GRU(3, 4)(u.pack_sequence([t.ones(2, 3)]), t.ones(1, 2, 4)),
    lambda t, u: u.PackedSequence(t.ones(2)),
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
