"""Compiled programs without the modules they were compiled from."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import jaxlib
import numpy as np
import pytest
from jax.experimental import serialize_executable

from torchlike import _kernels
from torchlike._engine import trim, wire

x = np.linspace(-2, 2, 48, dtype=np.float32).reshape(6, 8)
w = np.linspace(1, -1, 64, dtype=np.float32).reshape(8, 8)
table = np.arange(40, dtype=np.float32).reshape(5, 8)


def towers(x, w):
    """Layers that are alike: their sums are built of one operation."""
    sums = []
    for _ in range(4):
        x = jnp.tanh(x @ w)
        sums.append(x.sum(0))
    return x, sums


def loop(x, w):
    """A loop whose body sums, with a constant as start."""

    def body(carry, row):
        carry = jnp.tanh(carry @ w + row)
        return carry, carry.sum()

    return jax.lax.scan(body, jnp.full(8, 0.5, jnp.float32), x)


def branches(x, w):
    """Either of two computations, each with a sum."""
    return jax.lax.cond(x.sum() > 0, lambda: (x @ w).sum(0), lambda: w.sum(1) * 2)


def while_unchanged(x, w):
    """A loop through which one value passes as it is."""

    def body(state):
        count, total, kept = state
        return count + 1, total + kept.sum(0), kept

    return jax.lax.while_loop(lambda s: s[0] < 5, body, (0, jnp.zeros(8), x))


def gradient(x, w):
    """A function with its derivatives."""
    return jax.value_and_grad(lambda w: (jax.nn.gelu(x @ w) ** 2).mean())(w)


def call(x, w):
    """One call of a function of ours that has several results."""
    numbers = jnp.array([0.5, 0, 0, 0], jnp.float32)
    results = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in (x, w)]
    step = jax.ffi.ffi_call(_kernels.target("sgd"), results)
    return step(numbers, x, w, x, w, flags=np.zeros(3, np.int64))


PROGRAMS = {
    "towers": towers,
    "loop": loop,
    "branches": branches,
    "a value through a loop": while_unchanged,
    "gradient": gradient,
    "one result": lambda x, w: x @ w,
    "a number": lambda x, w: x.sum() + w.sum(),
    "arguments as results": lambda x, w: (w, x + 1, x, w),
    "a result twice": lambda x, w: (x * 2, x * 2, (x * 2).T),
    "constants": lambda x, w: (x + table[1], table, jnp.zeros(3), jnp.arange(7)),
    "views": lambda x, w: (x.reshape(48), x.T, x[None], x.reshape(2, 24) + 1),
    "sorted": lambda x, w: (jnp.sort(x, 1), jnp.argsort(-x, 1), jax.lax.top_k(x, 3)),
    "FFT": lambda x, w: jnp.abs(jnp.fft.rfft(x)),
    "LAPACK": lambda x, w: jnp.linalg.cholesky(w @ w.T + 9 * jnp.eye(8)),
    "update": lambda x, w: (x.at[2:4, 1].set(7.0), w.at[:, 0].add(x[0])),
    "random": lambda x, w: jax.random.normal(jax.random.key(3), (4, 5)) + x[0, 0],
    "a view": lambda x, w: x.reshape(48),
    "a view of the second": lambda x, w: w.reshape(64),
    "the first as it is": lambda x, w: x,
    "nothing": lambda x, w: (),
    **({"a call": call} if _kernels.available else {}),
}


def serialized(function, **options) -> tuple:
    """A program as it is kept, and its trees."""
    lowered = jax.jit(function, keep_unused=True, **options).lower(x, w)
    return serialize_executable.serialize(lowered.compile())


def run(payload: bytes, trees) -> list[np.ndarray]:
    """Its results."""
    program = serialize_executable.deserialize_and_load(payload, *trees)
    return [np.asarray(a) for a in jax.tree.leaves(program(jnp.array(x), jnp.array(w)))]


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_same_numbers_from_less(name):
    payload, *trees = serialized(PROGRAMS[name])
    small = trim.trimmed(payload)
    assert (len(small) < len(payload)) == (jaxlib.__version__ in trim.TRIED)
    expected, found = run(payload, trees), run(small, trees)
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)


@pytest.mark.skipif(
    jaxlib.__version__ not in trim.TRIED,
    reason="programs of this version of jaxlib are kept whole",
)
def test_layers_that_are_alike_are_built_once():
    few, many = (serialized(lambda x, w, n=n: deep(x, w, n))[0] for n in (2, 12))
    grown = len(trim.trimmed(many)) - len(trim.trimmed(few))
    assert grown < 0.6 * (len(many) - len(few))


def deep(x, w, layers: int):
    """Sums of so many layers."""
    sums = []
    for _ in range(layers):
        x = jnp.tanh(x @ w)
        sums.append(x.sum(0))
    return sums


def test_donated_arguments_are_written():
    payload, *trees = serialized(lambda x, w: (x * 2, w + x[0]), donate_argnums=(0, 1))
    program = serialize_executable.deserialize_and_load(trim.trimmed(payload), *trees)
    a, b = jnp.array(x) + 0, jnp.array(w) + 0
    places = {a.unsafe_buffer_pointer(), b.unsafe_buffer_pointer()}
    results = program(a, b)
    assert {r.unsafe_buffer_pointer() for r in results} == places
    assert a.is_deleted() and b.is_deleted()
    np.testing.assert_array_equal(results[0], x * 2)


@pytest.mark.parametrize("shape", [(6, 8), (48,)])
def test_a_donated_argument_is_the_result(shape):
    """Then the one buffer there is has the number 0, which messages leave out."""
    lowered = jax.jit(lambda x: x.reshape(shape).copy(), donate_argnums=0).lower(x)
    payload, *trees = serialize_executable.serialize(lowered.compile())
    program = serialize_executable.deserialize_and_load(trim.trimmed(payload), *trees)
    found = program(jnp.array(x) + 0)
    assert found.shape == shape
    np.testing.assert_array_equal(found, x.reshape(shape))


def test_only_versions_that_were_tried(monkeypatch):
    payload, *_ = serialized(towers)
    monkeypatch.setattr(trim, "TRIED", frozenset())
    assert trim.trimmed(payload) is payload


@pytest.mark.parametrize("payload", [b"", b"no pickle", b"\x80\x04N."])
def test_what_is_no_program_stays(payload):
    assert trim.trimmed(payload) == payload


def test_messages_are_written_as_they_were_read():
    number, inner = 300, wire.message([wire.field(1, b"name"), wire.field(2, 1 << 40)])
    parts = [
        wire.field(3, number),
        wire.field(15, inner),
        wire.packed(200, [0, 5, 999]),
    ]
    data = wire.message(
        [*parts, (7, wire.FIXED32, b"1234"), (8, wire.FIXED64, b"8" * 8)]
    )
    found = wire.fields(data)
    assert wire.message(found) == data
    assert wire.first(found, 3) == number and wire.first(found, 4, None) is None
    with pytest.raises(LookupError):
        wire.first(found, 4)
    assert wire.numbers(found, 200) == [0, 5, 999]
    assert wire.fields(wire.first(found, 15)) == wire.fields(inner)
    with pytest.raises((ValueError, IndexError)):
        wire.fields(data[:-3])
