"""The samplers in C: many numbers of each kind, the state they leave, wrong calls."""

import sys

import numpy as np
import pytest
import torch

import torchlike
from torchlike._streams import native

from ..random_beside import BOTH, skip_if_mkl
from .by_python import WAYS

needs_samplers = pytest.mark.skipif(
    native.samplers is None, reason="the extension is not built (no C compiler)"
)
N = 70_017  # more than a part, and no whole number of blocks of words or of normals


def spread(t, d, low, high):
    return t.from_numpy(np.linspace(low, high, N)).to(d)


DRAWS = {
    "rand": lambda t, d: t.rand(N, dtype=d),
    "uniform": lambda t, d: t.empty(N, dtype=d).uniform_(-1.3, 2.7),
    "randn": lambda t, d: t.randn(N, dtype=d),
    "normal": lambda t, d: t.empty(N, dtype=d).normal_(0.3, 1.7),
    "normal_pairs": lambda t, d: t.empty(N, 2, dtype=d)[:, 0].normal_(0.1, 0.3),
    "exponential": lambda t, d: t.empty(N, dtype=d).exponential_(1.3),
    "cauchy": lambda t, d: t.empty(N, dtype=d).cauchy_(0.2, 1.1),
    "log_normal": lambda t, d: t.empty(N, dtype=d).log_normal_(0.1, 0.3),
    "geometric": lambda t, d: t.empty(N, dtype=d).geometric_(1e-4),
    "gamma": lambda t, d: t._standard_gamma(spread(t, d, 0.02, 5)),
    "poisson": lambda t, d: t.poisson(spread(t, d, 0, 40)),
    "binomial": lambda t, d: t.binomial(
        spread(t, d, 9, 80).round(), spread(t, d, 0, 1)
    ),
    "bernoulli": lambda t, d: t.bernoulli(spread(t, d, 0, 1)),
}


def drawn(t, draw):
    t.manual_seed(11)
    t.rand(5)
    return draw(t).numpy(), t.get_rng_state().numpy()


def agree(draw):
    """The same numbers and state as PyTorch's."""
    (wanted, state), (got, got_state) = (drawn(t, draw) for t in BOTH)
    np.testing.assert_array_equal(got, wanted)
    np.testing.assert_array_equal(got_state, state)


@needs_samplers
@pytest.mark.parametrize("dtype", ("float32", "float64"))
@pytest.mark.parametrize("name", DRAWS)
def test_many(name, dtype):
    skip_if_mkl(name)
    agree(lambda t: DRAWS[name](t, getattr(t, dtype)))


@needs_samplers
@pytest.mark.parametrize("width", (1, 2, 3, 1000, 2**28 - 1, 2**28, 2**40))
def test_many_integers(width):
    agree(lambda t: t.randint(-7, width - 7, (N,)))


@needs_samplers
def test_a_long_permutation():
    agree(lambda t: t.randperm(N))


@pytest.mark.parametrize("replacement", (True, False))
@pytest.mark.parametrize("dtype", ("float32", "float64"))
def test_a_category_of_each_row(dtype, replacement):
    weights = np.random.default_rng(0).random((700, 9)).astype(dtype)
    weights[weights < 0.4] = 0  # never drawn
    weights[:, 3] += 1e-3
    weights[::5] *= 1e30
    for way in WAYS:
        with way():
            agree(lambda t: t.multinomial(t.from_numpy(weights), 1, replacement))


@pytest.mark.parametrize("bad", (-1.0, np.nan, np.inf, 0.0))
@pytest.mark.parametrize("dtype", ("float32", "float64"))
def test_what_is_no_weight_is_refused(dtype, bad):
    weights = np.full((3, 2), 0.5, dtype)
    weights[1] = bad, 0.0
    told = []
    for t, way in [(torch, WAYS[-1]), *((torchlike, way) for way in WAYS)]:
        with way(), pytest.raises(RuntimeError) as error:
            t.multinomial(t.from_numpy(weights), 1, True)
        told.append(str(error.value))
    assert set(told) == {told[0]}


def test_a_spare_normal_goes_to_gamma_and_back():
    def draw(t):
        parts = [t.randn(3), t._standard_gamma(t.full((4,), 2.0)), t.randn(1)]
        return t.cat([*parts, t.empty(5).log_normal_()])

    for way in WAYS:
        with way():
            agree(draw)


# Draws that may spend nothing, of a generator just seeded.
NOTHING = {
    "gamma": lambda t: t._standard_gamma(t.zeros(3)),
    "poisson": lambda t: t.poisson(t.zeros(3)),
    "binomial": lambda t: t.binomial(t.zeros(3), t.full((3,), 0.5)),
    "rand": lambda t: t.rand(0),
    "normal": lambda t: t.empty(0).log_normal_(),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_spends_nothing_leaves_the_generator_as_seeded(name):
    states = []
    for t, way in [(torch, WAYS[-1]), *((torchlike, way) for way in WAYS)]:
        with way():
            t.manual_seed(3)
            NOTHING[name](t)
            states.append(t.get_rng_state().numpy())
    for state in states[1:]:
        np.testing.assert_array_equal(state, states[0])


def test_a_negative_rate_is_refused_after_the_rates_before_it():
    after = []
    for t, way in [(torch, WAYS[-1]), *((torchlike, way) for way in WAYS)]:
        with way():
            t.manual_seed(3)
            with pytest.raises(RuntimeError, match="expected rate to be non-negative"):
                t.poisson(t.tensor([3.0, 12.0, -1.0, 3.0]))
            after.append(t.rand(2, dtype=t.float64).numpy())
    for numbers in after[1:]:
        np.testing.assert_array_equal(numbers, after[0])


# ----- the functions themselves ------------------------------------------------------


def _wrong_calls(capsule):
    s, d, f = native.samplers, np.zeros(4), np.zeros(4, np.float32)
    fixed = np.zeros(4)
    fixed.setflags(write=False)
    return [
        (TypeError, s.words, (capsule,)),
        (TypeError, s.words, (capsule, d)),
        (TypeError, s.longs, (capsule, f)),
        (TypeError, s.units, (capsule, np.zeros(4, np.int32))),
        (ValueError, s.units, (None, d)),
        ((ValueError, BufferError), s.units, (capsule, np.zeros(8)[::2])),
        ((ValueError, BufferError), s.units, (capsule, fixed)),
        (TypeError, s.integers, (capsule, f, 0, 5)),
        (ValueError, s.integers, (capsule, np.zeros(4, np.int64), 0, 1)),
        (ValueError, s.integers, (capsule, np.zeros(4, np.int64), 0, 1 << 28)),
        (OverflowError, s.integers, (capsule, np.zeros(4, np.int64), 1 << 64, 5)),
        (TypeError, s.permutation, (capsule, d)),
        (TypeError, s.normals, (capsule, f, None)),
        (TypeError, s.normals, (capsule, d, "spare")),
        (TypeError, s.fused, (d, 1.0)),
        (TypeError, s.box_muller, (np.zeros(16, np.int32), 0.0, 1.0)),
        (TypeError, s.apply, ("log", d, f)),
        (TypeError, s.apply, ("log", d, np.zeros(5))),
        (ValueError, s.apply, ("sqrt", d, d)),
        (TypeError, s.gamma, (capsule, d, d, np.zeros(5), None)),
        (TypeError, s.poisson, (capsule, f, d)),
        (TypeError, s.binomial, (capsule, d, d, d)),
        (TypeError, s.are_weights, (d,)),
        (TypeError, s.are_weights, (np.zeros((2, 2), np.int32),)),
        (TypeError, s.race, (capsule, np.zeros(2, np.int64), d)),
        (TypeError, s.race, (capsule, d, np.ones((4, 2)))),
        (TypeError, s.race, (capsule, np.zeros(3, np.int64), np.ones((4, 2)))),
        (TypeError, s.race, (capsule, np.zeros(4, np.int64), np.ones((4, 0)))),
    ]


@needs_samplers
def test_wrong_arguments_are_refused_and_let_go():
    calls = _wrong_calls(np.random.MT19937(0).capsule)
    kept = [x for _, _, args in calls for x in args if isinstance(x, np.ndarray)]
    counts = [sys.getrefcount(x) for x in kept]
    for error, function, args in calls:
        for _ in range(3):
            with pytest.raises(error):
                function(*args)
    del error, function, args
    assert [sys.getrefcount(x) for x in kept] == counts


@needs_samplers
def test_a_state_they_do_not_find_is_seen():
    class Other:
        @staticmethod
        def words(capsule, out):
            native.samplers.words(capsule, out)
            out[-1] ^= 1

    assert native._agrees(native.samplers)
    assert not native._agrees(Other)
