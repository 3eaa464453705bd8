"""Normal numbers made by XLA: PyTorch's bits, whatever the size."""

import numpy as np
import pytest
import torch

from torchlike import _dtypes
from torchlike._generator import Generator
from torchlike._streams import box_muller


@pytest.fixture
def compiled():
    if box_muller._program is None:
        box_muller._compile()
    if box_muller._wrong:
        pytest.skip("XLA's program has other bits on this CPU: NumPy is used")


@pytest.mark.parametrize("count", (16384, 16385, 131072, 131089, 300007))
@pytest.mark.parametrize("dtype", ("float32", "bfloat16"))
def test_bits(compiled, dtype, count):
    for mean, std in ((0.0, 1.0), (0.5, 2.3)):
        generator = Generator().manual_seed(count)
        torch.manual_seed(count)
        kind = getattr(torch, dtype)
        expected = torch.empty(count, dtype=kind).normal_(mean, std).float().numpy()
        assert box_muller.ready(count)
        got = generator.normal((count,), getattr(_dtypes, dtype), mean, std)
        np.testing.assert_array_equal(got.astype(np.float32), expected)
        np.testing.assert_array_equal(
            generator.get_state(), torch.get_rng_state().numpy()
        )


def test_inside_jit(compiled):
    """The program runs at once, also while JAX is tracing something else."""
    import jax

    generator, drawn = Generator().manual_seed(1), []

    @jax.jit
    def trace(x):
        drawn.append(generator.normal((20000,)))
        return x + 1

    trace(1.0)
    again = Generator().manual_seed(1).normal((20000,))
    np.testing.assert_array_equal(drawn[0], again)


def test_small_programs_do_not_compile_it(monkeypatch):
    monkeypatch.setattr(box_muller, "_program", None)
    monkeypatch.setattr(box_muller, "_drawn", 0)
    assert not box_muller.ready(box_muller.WORTH)
    assert box_muller._program is None


def test_wrong_bits_are_not_used(monkeypatch):
    monkeypatch.setattr(box_muller, "_program", None)
    monkeypatch.setattr(box_muller, "_agrees_with_numpy", lambda: False)
    monkeypatch.setattr(box_muller, "_wrong", False)
    monkeypatch.setattr(box_muller, "_drawn", 1 << 30)
    assert not box_muller.ready(1 << 20)
    assert not box_muller.ready(1 << 20)
