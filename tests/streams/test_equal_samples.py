"""Many samples of one distribution, drawn at once: PyTorch's, and the state after."""

import numpy as np
import pytest
import torch

from torchlike._generator import Generator

from .by_python import WAYS

N = 5000


def both(name, *arrays):
    """Draw from PyTorch and from our generator."""
    torch.manual_seed(1)
    wanted = getattr(torch, name)(*map(torch.from_numpy, arrays)).numpy()
    for way in WAYS:
        generator = Generator().manual_seed(1)
        with way():
            got = getattr(generator, name)(*arrays)
        np.testing.assert_array_equal(got, wanted)
        state = torch.get_rng_state().numpy()
        np.testing.assert_array_equal(generator.get_state(), state)


@pytest.mark.parametrize("dtype", ("float32", "float64"))
@pytest.mark.parametrize("rate", (3.0, 10.0, 12.5, 1000.0, 1e6))
def test_poisson(rate, dtype):
    both("poisson", np.full(N, rate, dtype))


@pytest.mark.parametrize("dtype", ("float32", "float64"))
@pytest.mark.parametrize("prob", (1e-5, 0.2, 0.37, 0.5, 0.7, 0.99999))
@pytest.mark.parametrize("count", (20, 1000, 1e6, 1e7))
def test_binomial(count, prob, dtype):
    both("binomial", np.full(N, count, dtype), np.full(N, prob, dtype))


@pytest.mark.parametrize("dtype", ("float32", "float64"))
def test_binomial_of_large_counts_that_differ(dtype):
    count = np.linspace(10, 1e7, 2000).round().astype(dtype)
    both("binomial", count, np.linspace(0.01, 0.99, 2000).astype(dtype))
