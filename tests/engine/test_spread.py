"""Loops of which a part is done at once: the numbers of ``lax.scan``, less inside."""

from __future__ import annotations

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import torchlike
from torchlike._engine import spread

T, B, N, M = 9, 3, 4, 5


def arrays(*shapes) -> list:
    draw = np.random.default_rng(sum(map(sum, shapes)))
    return [jnp.asarray(draw.normal(size=s), jnp.float32) for s in shapes]


W, U, BIAS = arrays((N, M), (M, M), (M,))
X, G = arrays((T, B, N), (T, B, M))
H, DW, DU, DB = arrays((B, M), (N, M), (M, M), (M,))


def recurrence(carry, now):
    """The product of the input is free; that of the state is not."""
    (h,), (x,) = carry, now
    h = jnp.tanh(x @ W + h @ U + BIAS)
    return [h], [h]


def backward(carry, now):
    """The gradients of both weights, and of the bias, are sums over the iterations."""
    (dh, dw, du, db), (x, h, g) = carry, now
    d = (dh + g) * (1 - h * h)
    return [d @ U.T, dw + x.T @ d, du + (d.T @ h).T, db + d.sum(0)], [d]


def only_sums(carry, now):
    """Nothing has to wait for the iteration before."""
    (dw, db), (x, g) = carry, now
    d = jnp.sin(g) * jnp.tanh(x @ W)
    return [dw + x.T @ d, db + d.sum(0, keepdims=True)[0]], [d * 2]


def two_terms(carry, now):
    (dw,), (x, g) = carry, now
    return [(dw + x.T @ g) + (x * 2).T @ jnp.cos(g)], []


def batched(carry, now):
    """A product of a batch of matrices is summed up."""
    (s,), (a, b) = carry, now
    return [jnp.einsum("bi,bj->bij", a, b) + s], []


def last_one(carry, now):
    """The last result, carried to the end, of what does not depend on the others."""
    (h, _), (x,) = carry, now
    return [h + 1, x @ W], [x @ W]


def sum_that_is_read(carry, now):
    """A running sum that each iteration gives out stays, but not its products."""
    (s,), (x, g) = carry, now
    s = s + x.T @ g
    return [s], [s]


def with_loops_inside(carry, now):
    (h,), (x,) = carry, now
    x = lax.fori_loop(0, 3, lambda i, y: y + jnp.sin(y), x @ W)
    h = lax.cond(h.sum() > 0, lambda h: h + x, lambda h: h - x, h)
    return [h], [x]


def twice_the_same_call(carry, now):
    """A function that is called twice is two sets of steps."""
    (h,), (x,) = carry, now
    f = jax.jit(lambda y: jnp.tanh(y) * 2)
    return [f(f(x @ W)) + h], []


def constants(carry, now):
    """What is carried and given out may be a literal."""
    (h, _), (x,) = carry, now
    return [jnp.tanh(h) + x @ W, jnp.float32(2)], [jnp.int32(3)]


def nothing_to_gain(carry, now):
    (h,), (x,) = carry, now
    return [jnp.tanh(h + x.sum())], []


# The body, what is carried at first, what each iteration takes; how many products are
# left inside of the loop (None: there is no loop).
CASES = {
    "recurrence": (recurrence, [H], [X], 1),
    "backward": (backward, [H, DW, DU, DB], [X, G, G * 0.5], 1),
    "only sums": (only_sums, [DW, DB], [X, G], None),
    "two terms": (two_terms, [DW], [X, G], None),
    "batched": (batched, [jnp.zeros((B, N, M), jnp.float32)], [X, G], None),
    "last one": (last_one, [H, jnp.zeros((B, M), jnp.float32)], [X], 0),
    "sum that is read": (sum_that_is_read, [DW], [X, G], 0),
    "loops inside": (with_loops_inside, [H], [X], 0),
    "twice the same call": (twice_the_same_call, [H], [X], None),
    "constants": (constants, [H, jnp.float32(1)], [X], 0),
    "nothing to gain": (nothing_to_gain, [H], [X], 0),
}


def products_inside(body, first, each) -> int | None:
    """The products in the loop over the iterations; None if there is no such loop."""
    found = jax.make_jaxpr(lambda f, e: spread.scan(body, f, e, T, 1))(first, each)
    loops = [
        e
        for e in found.jaxpr.eqns
        if e.primitive.name == "scan" and e.params["length"] == T
    ]
    if not loops:
        return None
    (loop,) = loops
    return len(re.findall("dot_general", str(loop.params["jaxpr"])))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("count", [1, T])
def test_numbers(name, count):
    body, first, each, _ = CASES[name]
    each = [x[:count] for x in each]

    def run(scan):
        return jax.jit(lambda f, e: scan(body, f, e))(first, each)

    expected = run(lambda b, f, e: lax.scan(b, f, e, count))
    found = run(lambda b, f, e: spread.scan(b, f, e, count, 1))
    for a, b in zip(jax.tree.leaves(expected), jax.tree.leaves(found), strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", CASES)
def test_what_is_left_inside(name):
    body, first, each, left = CASES[name]
    assert products_inside(body, first, each) == left


def test_a_lot_of_memory_stays_inside(monkeypatch):
    monkeypatch.setattr(spread, "_MOST", T * B * M * 4 - 1)
    assert products_inside(recurrence, [H], [X]) == 2


def test_an_operation_that_has_no_batch_leaves_the_loop_as_it_is():
    lonely = jax.extend.core.Primitive("lonely")
    lonely.def_abstract_eval(lambda x: x)
    lonely.def_impl(lambda x: x + 1)
    jax.interpreters.mlir.register_lowering(
        lonely, jax.interpreters.mlir.lower_fun(lambda x: x + 1, multiple_results=False)
    )

    def body(carry, now):
        (h,), (x,) = carry, now
        return [h + lonely.bind(x) @ W], []

    assert products_inside(body, [H], [X]) == 1
    (found,), _ = jax.jit(lambda h, x: spread.scan(body, [h], [x], T, 1))(H, X)
    np.testing.assert_allclose(found, H + ((X + 1) @ W).sum(0), rtol=1e-5, atol=1e-5)


def test_an_effect_leaves_the_loop_as_it_is():
    def body(carry, now):
        (h,), (x,) = carry, now
        jax.debug.callback(lambda: None, ordered=True)
        return [h + x @ W], []

    assert products_inside(body, [H], [X]) == 1


def test_integers_are_summed_exactly():
    draw = np.random.default_rng(0)
    a = jnp.asarray(draw.integers(-9, 9, (T, B, N)))
    b = jnp.asarray(draw.integers(-9, 9, (T, B, M)))

    def body(carry, now):
        (s,), (a, b) = carry, now
        return [s + a.T @ b], []

    (found,), _ = spread.scan(body, [jnp.zeros((N, M), a.dtype)], [a, b], T, 1)
    assert found.dtype == a.dtype
    assert found.tolist() == np.einsum("tbi,tbj->ij", a, b).tolist()


@pytest.mark.parametrize("cell", ["RNNCell", "GRUCell", "LSTMCell"])
def test_a_cell_in_a_loop_trains_as_with_pytorch(cell):
    import torch

    def train(lib):
        lib.manual_seed(0)
        model = getattr(lib.nn, cell)(4, 6)
        optimizer = lib.optim.SGD(model.parameters(), lr=0.1)
        x, losses = lib.randn(20, 3, 4), []
        for _ in range(4):
            state, total = None, 0.0
            for t in range(20):
                state = model(x[t], state)
                h = state[0] if cell == "LSTMCell" else state
                total = total + h.square().mean()
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
            losses.append(total.item())
        return losses, [p.tolist() for p in model.parameters()]

    for a, b in zip(train(torchlike), train(torch), strict=True):
        for ours, theirs in zip(a, b, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=2e-6)
