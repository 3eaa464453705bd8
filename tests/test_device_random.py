"""The counter-based generator of devices, run here on the CPU.

Its numbers are JAX's, so they are compared with the distributions, not with PyTorch.
"""

import math

import numpy as np
import pytest
import torch

import torchlike
from torchlike import _generator
from torchlike._engine import stats
from torchlike._ops._draw import Generator

N = 20_000


def counter(seed=3):
    """A generator as of a CUDA device that draws on this machine's CPU."""
    made = Generator()
    made._twister, made._seed, made._offset = None, seed, 0
    return made


def zeros(dtype="float32", n=N):
    return torchlike.tensor(np.zeros(n), dtype=getattr(torchlike, dtype))


# name: (draw, mean, standard deviation)
DRAWS = {
    "rand": (lambda g: torchlike.rand(N, generator=g), 0.5, 12**-0.5),
    "rand64": (
        lambda g: torchlike.rand(N, dtype=torchlike.float64, generator=g),
        0.5,
        12**-0.5,
    ),
    "rand16": (
        lambda g: torchlike.rand(N, dtype=torchlike.bfloat16, generator=g).float(),
        0.5,
        12**-0.5,
    ),
    "uniform": (lambda g: zeros().uniform_(-1, 3, generator=g), 1, 4 * 12**-0.5),
    "randn": (lambda g: torchlike.randn(N, generator=g), 0, 1),
    "normal": (lambda g: zeros().normal_(2, 3, generator=g), 2, 3),
    "exponential": (lambda g: zeros().exponential_(2, generator=g), 0.5, 0.5),
    "log_normal": (
        lambda g: zeros().log_normal_(0, 0.5, generator=g).log(),
        0,
        0.5,
    ),
    "geometric": (lambda g: zeros().geometric_(0.25, generator=g), 4, 12**0.5),
    "bernoulli": (lambda g: zeros().bernoulli_(0.3, generator=g), 0.3, 0.21**0.5),
    "bernoulli_of": (
        lambda g: torchlike.bernoulli(zeros() + 0.3, generator=g),
        0.3,
        0.21**0.5,
    ),
    "randint": (
        lambda g: torchlike.randint(-5, 5, (N,), generator=g).double(),
        -0.5,
        (99 / 12) ** 0.5,
    ),
    "randint_wide": (
        lambda g: torchlike.randint(0, 2**62, (N,), generator=g).double() * 2.0**-62,
        0.5,
        12**-0.5,
    ),
    "random": (
        lambda g: zeros("int64").random_(generator=g).double() * 2.0**-63,
        0.5,
        12**-0.5,
    ),
    "random_signed": (
        lambda g: (
            zeros("int64").random_(-(2**63), None, generator=g).double() * 2.0**-63
        ),
        0,
        3**-0.5,
    ),
    "poisson": (lambda g: torchlike.poisson(zeros() + 7, generator=g), 7, 7**0.5),
    "multinomial": (
        lambda g: torchlike.multinomial(zeros() + 1, N // 2, generator=g).double(),
        (N - 1) / 2,
        N * 12**-0.5,
    ),
    "multinomial_replaced": (
        lambda g: torchlike.multinomial(
            torchlike.tensor([1.0, 3.0]), N, True, generator=g
        ).double(),
        0.75,
        0.1875**0.5,
    ),
}


@pytest.mark.parametrize("name", DRAWS)
def test_moments(name):
    draw, mean, std = DRAWS[name]
    numbers = draw(counter()).numpy()
    error = std / math.sqrt(len(numbers))
    assert abs(numbers.mean() - mean) < 5 * error
    assert abs(numbers.std() / std - 1) < 0.05


def test_uniform_stays_below_its_end():
    drawn = torchlike.rand(N, dtype=torchlike.bfloat16, generator=counter())
    assert float(drawn.float().numpy().max()) < 1


def test_cauchy_quartiles():
    drawn = zeros().cauchy_(1, 2, generator=counter()).numpy()
    np.testing.assert_allclose(np.quantile(drawn, (0.25, 0.5, 0.75)), (-1, 1, 3), 0.1)


def test_randperm_is_a_permutation():
    drawn = torchlike.randperm(500, generator=counter()).numpy()
    assert sorted(drawn) == list(range(500)) and list(drawn) != sorted(drawn)


def test_complex_normals():
    x = torchlike.randn(N, dtype=torchlike.complex64, generator=counter()).numpy()
    assert abs(x.real.var() - 0.5) < 0.03 and abs(x.imag.var() - 0.5) < 0.03


@pytest.mark.parametrize("name", ("rand", "randn", "randint", "bernoulli"))
def test_seed_and_offset_determine_the_numbers(name):
    draw = DRAWS[name][0]
    one, two = counter(), counter()
    first = draw(one).numpy()
    np.testing.assert_array_equal(draw(two).numpy(), first)
    assert (draw(one).numpy() != first).any()
    assert (draw(counter(4)).numpy() != first).any()
    assert (draw(counter(3 + 2**32)).numpy() != first).any()
    two.set_offset(0)
    np.testing.assert_array_equal(draw(two).numpy(), first)


def test_state_is_seed_and_offset():
    one = counter(2**63 + 5)
    torchlike.rand(3, generator=one)
    state = one.get_state()
    assert tuple(state.shape) == (16,) and one.get_offset() == 1
    expected = torchlike.rand(3, generator=one).numpy()
    other = counter(0)
    other.set_state(state)
    np.testing.assert_array_equal(torchlike.rand(3, generator=other).numpy(), expected)
    assert other.initial_seed() == 2**63 + 5
    with pytest.raises(RuntimeError, match="RNG state is wrong size"):
        other.set_state(torchlike.tensor([1], dtype=torchlike.uint8))


def test_a_steady_loop_compiles_once():
    def step(generator, rate):
        return zeros().exponential_(rate, generator=generator).numpy()

    generator = counter()
    for _ in range(2):  # the first may follow ops of another test in its trace
        step(generator, 1.0)
    before = stats().compiles
    for rate in (2.0, 3.0, 4.0):
        step(generator, rate)
    assert stats().compiles == before


def test_a_generator_of_another_device_is_refused():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(RuntimeError, match="No CUDA GPUs are available"):
        torchlike.Generator("cuda")
    foreign = counter()
    foreign._device = _generator._devices.device("cuda", 0)
    with pytest.raises(
        RuntimeError, match="Expected a 'cpu' device type for generator"
    ):
        torchlike.rand(3, generator=foreign)
