"""The switch that has devices draw from the CPU's stream; no device is needed here.

A tensor drawn for a GPU holds its numbers on the host until they are used, so they can
be looked at where there is none.
"""

import numpy as np
import pytest

import torchlike
from torchlike._devices import device
from torchlike._ops import _draw

GPU = device("cuda", 0)


@pytest.fixture
def switched():
    before = torchlike.random.use_cpu_stream(True)
    yield
    torchlike.random.use_cpu_stream(before)


def drawn(place, generator=None):
    return _draw.draw(
        *(place, generator, (300,), torchlike.float32),
        lambda g: g.normal((300,)),
        None,
    )


def test_a_gpu_draws_what_the_cpu_draws(switched):
    torchlike.manual_seed(4)
    wanted = [torchlike.randn(300).numpy() for _ in range(3)]
    torchlike.manual_seed(4)
    on_cpu, on_gpu = drawn(_draw.CPU), drawn(GPU)
    np.testing.assert_array_equal(on_cpu.numpy(), wanted[0])
    assert on_gpu._value().device == GPU
    np.testing.assert_array_equal(on_gpu._value().array, wanted[1])
    np.testing.assert_array_equal(torchlike.randn(300).numpy(), wanted[2])


def test_states_and_forks_are_the_cpus(switched):
    assert _draw.default_generator(GPU) is torchlike.default_generator
    torchlike.manual_seed(4)
    with torchlike.random.fork_rng(devices=[]):
        inside = drawn(GPU)._value().array
    np.testing.assert_array_equal(drawn(GPU)._value().array, inside)


def test_a_gpu_has_a_counter_otherwise(monkeypatch):
    monkeypatch.setattr(_draw, "_cpu_stream", False)
    monkeypatch.setattr(_draw, "_defaults", dict(_draw._defaults))
    monkeypatch.setattr("torchlike._devices.cuda_devices", lambda: [None])
    monkeypatch.setattr("torchlike._devices.normalise", lambda place: place)
    torchlike.manual_seed(4)
    generator = _draw.default_generator(GPU)
    assert not generator.on_host and generator.initial_seed() == 4
    assert generator.next_key() == (4, 0) and generator.next_key() == (4, 1)
    torchlike.manual_seed(5)
    assert generator.next_key() == (5, 0)


def test_the_switch_says_what_was_set():
    before = torchlike.random.use_cpu_stream(True)
    assert torchlike.random.use_cpu_stream(before) is True
    assert torchlike.random.use_cpu_stream(before) is before
