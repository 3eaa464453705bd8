"""Our own recurrence of LSTMs on CPUs beside XLA's and PyTorch's."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import torchlike
from torchlike import _kernels
from torchlike._ops import _lstm_primitives as ours
from torchlike._ops import _recurrence

needs_ours = pytest.mark.skipif(
    not _kernels.available, reason="not built (no C compiler, or no AVX2)"
)

# steps, sequences, units, reverse
CASES = {
    "one sequence": (7, 1, 5, False),
    "units of a vector": (4, 3, 8, True),
    "units of two vectors and one": (5, 9, 17, False),
    "many sequences": (3, 71, 16, False),
    "blocks of the depth": (3, 5, 300, True),
    "one step": (1, 2, 3, False),
}


def _operands(case):
    steps, sequences, units, reverse = CASES[case]
    random = np.random.default_rng(0)
    shapes = [(steps, sequences, 4 * units), (sequences, units), (sequences, units)]
    shapes.append((4 * units, units))
    arrays = [random.standard_normal(s).astype(np.float32) for s in shapes]
    return [jnp.asarray(a) for a in (*arrays[:3], arrays[3] / units**0.5)], reverse


def _plain(reverse, *operands):
    return tuple(ours._forward(*operands, reverse=reverse)[:2])


def _close(found, expected, tolerance=1e-5):
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        size = max(1, float(jnp.abs(b).max()))
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * size)


@needs_ours
@pytest.mark.parametrize("case", CASES)
def test_values_and_derivatives_are_those_of_xla(case):
    operands, reverse = _operands(case)

    def both(run, *operands):
        outs, pull = jax.vjp(functools.partial(run, reverse), *operands)
        return outs, pull(tuple(jnp.cos(x) for x in outs))

    found = jax.jit(functools.partial(both, ours.run))(*operands)
    _close(found, jax.jit(functools.partial(both, _plain))(*operands))


@needs_ours
def test_other_derivatives_and_maps_are_those_of_xla():
    operands, reverse = _operands("units of two vectors and one")

    def total(run, *operands):
        h, c = run(reverse, *operands)
        return jnp.sum(h * h) + jnp.sum(jnp.sin(c))

    def forward(run):
        of = functools.partial(total, run)
        return jax.jvp(of, operands, [jnp.cos(x) for x in operands])

    def second(run):
        grad = jax.grad(functools.partial(total, run), (0, 1, 2, 3))
        return jax.grad(lambda *xs: sum(jnp.sum(g * g) for g in grad(*xs)), (0, 3))(
            *operands
        )

    def mapped(run):
        grad = jax.grad(functools.partial(total, run), (0, 3))
        over = jnp.stack([operands[0], 2 * operands[0]])
        return jax.vmap(lambda x: grad(x, *operands[1:]))(over)

    for asked in (forward, second, mapped):
        _close(asked(ours.run), asked(_plain), 1e-4)


@needs_ours
def test_extremes_and_what_is_no_number():
    operands, reverse = _operands("many sequences")
    extremes = [-np.inf, np.inf, -200.0, 200.0, -30.0, 30.0, 1e-6, np.nan]
    given = operands[0].at[0, : len(extremes)].set(jnp.array(extremes)[:, None])
    found = ours.run(reverse, given, *operands[1:])
    expected = jax.jit(functools.partial(_plain, reverse))(given, *operands[1:])
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@needs_ours
def test_small_numbers_keep_their_digits():
    x = np.float32(10.0) ** np.arange(-30, 0, dtype=np.float32)
    given = np.zeros((1, 1, 4 * len(x)), np.float32)
    given[..., : len(x)] = 200  # the gate of the input is open
    given[..., 2 * len(x) : 3 * len(x)] = x
    zeros = jnp.zeros((1, len(x)))
    weight = jnp.zeros((4 * len(x), len(x)), jnp.float32)
    c = ours.run(False, given, *(zeros.astype(jnp.float32),) * 2, weight)[1]
    np.testing.assert_allclose(c[0, 0], np.tanh(x), rtol=4e-7)


@needs_ours
def test_other_platforms_get_loops_of_xla():
    operands, reverse = _operands("units of a vector")
    traced = jax.jit(functools.partial(ours.run, reverse)).trace(*operands)
    here = traced.lower().as_text()
    there = traced.lower(lowering_platforms=("cuda",)).as_text()
    assert "torchlike_lstm" in here and "stablehlo.while" not in here
    assert "custom_call @torchlike_lstm" not in there and "stablehlo.while" in there


@needs_ours
def test_forked_processes_compute_them_with_numpy():
    from torchlike._engine.host.evaluate import evaluate

    operands, reverse = _operands("units of a vector")

    def gradient(*xs):
        return jax.grad(lambda *ys: jnp.sum(ours.run(reverse, *ys)[0]), (0, 3))(*xs)

    closed = jax.make_jaxpr(gradient)(*operands)
    found = evaluate(closed, *(np.asarray(x) for x in operands))
    _close(found, list(jax.jit(gradient)(*operands)))


@needs_ours
def test_what_is_left_to_xla():
    def of(steps, sequences, units, dtype=jnp.float32, projection=None):
        gates = jax.ShapeDtypeStruct((steps, sequences, 4 * units), dtype)
        weight = jax.ShapeDtypeStruct((4 * units, units), dtype)
        return _recurrence._is_ours(gates, weight, projection)

    assert of(3, 2, 512) and of(35, 20, 1) and of(10, 1, 128)
    assert not of(2, 20, 256) and not of(35, 20, 1024) and not of(35, 1, 256)
    assert not of(35, 20, 256, jnp.float64) and not of(35, 20, 8, projection=object())
    assert not of(35, 0, 256) and not of(35, 20, 0)


@needs_ours
def test_wrong_calls_are_refused():
    struct = jax.ShapeDtypeStruct((1, 1, 1), np.float32)
    for name in ("lstm", "lstm_backward"):
        call = jax.ffi.ffi_call(_kernels.target(name), (struct,) * 3)
        with pytest.raises(Exception, match="arguments and three results"):
            jax.jit(call)(jnp.ones((1, 1, 1), jnp.float32))


def _layer(library, units, sequences, **options):
    """The results of a layer with its first and second derivatives."""
    random = np.random.default_rng(0)

    def tensor(*shape, size=1.0):
        array = (size * random.standard_normal(shape)).astype(np.float32)
        return library.tensor(array, requires_grad=True)

    layer = library.nn.LSTM(6, units, **options)
    with library.no_grad():
        for p in layer.parameters():
            p.copy_(tensor(*p.shape, size=units**-0.5))
    total = options.get("num_layers", 1) * (1 + options.get("bidirectional", False))
    given = [tensor(5, sequences, 6), *(tensor(total, sequences, units) for _ in "hc")]
    output, (h, c) = layer(given[0], tuple(given[1:]))
    loss = output.square().sum() + h.cos().sum() + c.sin().sum()
    wanted = [*given, *layer.parameters()]
    first = library.autograd.grad(loss, wanted, create_graph=True)
    second = library.autograd.grad(sum(g.square().sum() for g in first), wanted)
    return [np.asarray(x.detach()) for x in (output, h, c, *first, *second)]


@pytest.mark.parametrize(
    "options",
    [{}, {"num_layers": 2, "bidirectional": True}, {"bias": False}],
    ids=str,
)
@pytest.mark.parametrize(("units", "sequences"), [(16, 4), (19, 3), (7, 11)])
def test_a_layer_has_the_derivatives_of_pytorch(units, sequences, options):
    with torch.backends.mkldnn.flags(enabled=False):  # it has no second derivative
        expected = _layer(torch, units, sequences, **options)
    found = _layer(torchlike, units, sequences, **options)
    for a, b in zip(found, expected, strict=True):
        size = max(1.0, float(np.abs(b).max()))
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * size)


def test_a_layer_mapped_over_more_inputs():
    layer = torchlike.nn.LSTM(3, 8)
    x = torchlike.randn(2, 6, 4, 3)
    found = torchlike.func.vmap(lambda x: layer(x)[0])(x)
    expected = torchlike.stack([layer(part)[0] for part in x])
    np.testing.assert_allclose(
        np.asarray(found.detach()), np.asarray(expected.detach()), 1e-5, 1e-6
    )
