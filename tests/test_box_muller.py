"""Normal numbers made by XLA: PyTorch's bits, whatever the size."""

import numpy as np
import pytest
import torch

from torchlike import _dtypes
from torchlike._generator import Generator
from torchlike._streams import blocks, box_muller
from torchlike._streams.compiled import Compiled

from .streams.by_python import by_python


@pytest.fixture
def compiled():
    if not all(p.compile() for p in (box_muller.program, blocks.program)):
        pytest.skip("XLA's program has other bits on this CPU: NumPy is used")
    with by_python():
        yield


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


def _fresh(agrees=None):
    old = box_muller.program
    agrees = agrees or old._agrees
    return Compiled(old._function, old._examples, 1 << 21, agrees)


def test_small_programs_do_not_compile_it():
    program = _fresh()
    assert not program.ready(1 << 14)
    assert program._program is None


def test_wrong_bits_are_not_used():
    program = _fresh(lambda program: False)
    assert not program.ready(1 << 30)
    assert not program.ready(1 << 20)
    assert not program.compile()
